import { SealedSecretsError } from '../../errors.ts';
import { kubernetesFailure } from '../errors.ts';

/** Says whether a process may write, where only one of several may. */
export interface WriteGuard {
  /** Returns for how long the controller may still write, in ms; 0 or less if it must not. */
  remaining(): number;
}

/** A write that was not sent, or whose answer is not known, because another process may be the leader by now. */
export class NotLeader extends SealedSecretsError {
  constructor() {
    super(kubernetesFailure({ code: 'NotLeader' }));
  }
}
