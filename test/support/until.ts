export { until } from '../control-plane/until.ts';
