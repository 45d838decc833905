import type { Clock } from '../../clock.ts';
import type { Credential } from './exec-credential.ts';

/** What connections need of the program that opens them. */
export interface Host {
  readonly clock: Clock;
  /** Writes one line for the user, about a problem that prevents nothing now. Absent if nobody would read it. */
  warn?(line: string): void;
}

/** Where the credentials of a user come from if the kubeconfig does not hold them as such. */
export interface CredentialSource {
  /** Returns the current credential: the same object as long as it does not change. */
  credential(): Promise<Credential>;
  /** Gets a new credential, unless that has happened since `used` was returned. */
  renew(used: Credential): Promise<void>;
}
