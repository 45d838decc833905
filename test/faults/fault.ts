import type { Stage } from './stage.ts';

/**
 * Makes something fail, waits until the controller is affected where that can be seen, and ends the fault. Calls and
 * awaits `meanwhile` when an administrator can write although the controller cannot work, or before something fails that
 * both depend on.
 */
export type Strike = (stage: Stage, meanwhile: () => Promise<void>) => Promise<void>;

/** Something that fails around a controller, and works again. */
export interface Fault {
  /** What fails, as the subject of a test's title: "kube-apiserver, killed and restarted". */
  readonly name: string;
  readonly strike: Strike;
}

/** Returns a fault. */
export function fault(name: string, strike: Strike): Fault {
  return { name, strike };
}
