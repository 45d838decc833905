import type { ControllerOptions } from '../flags/options.ts';

/** Where the keys are: the API server, and the namespace of the controller. */
export type KeysOptions = Pick<ControllerOptions, 'controllerNamespace' | 'cluster'>;
