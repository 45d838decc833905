export { rightsInForce } from '../control-plane/rights.ts';
