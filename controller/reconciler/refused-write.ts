import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { TYPE_ITEMS } from '../../shared/api/secret-type.ts';
import type { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { SealedSecretsError, type Failure } from '../../shared/errors.ts';
import { withoutValues } from './without-values.ts';

/** A refusal to write a Secret, with the Secrets whose values its message may quote. */
export class RefusedWrite extends SealedSecretsError {
  readonly error: ApiError;
  readonly #secrets: readonly Secret[];

  /** @param secrets the Secret that was sent and, where there is one, the one that is there */
  constructor(error: ApiError, secrets: readonly (Secret | null)[]) {
    super(error.failure);
    this.error = error;
    this.#secrets = secrets.filter((secret) => secret !== null);
  }

  /**
   * Returns the refusal as the status of the SealedSecret may tell it: with the names of items that the SealedSecret
   * shows anyway, and no value.
   *
   * @param showMessage whether to add the API server's own words, their values replaced
   */
  failureFor(sealed: SealedSecret, showMessage: boolean): Failure {
    const { what, status } = this.error;
    const items = new Set([...sealed.encryptedData.keys(), ...sealed.template.data.keys(), ...TYPE_ITEMS]);
    const { reason, fields, cause, complete } = this.error.refusal(items);
    const words = showMessage && !complete ? this.#words() : undefined;
    return {
      code: 'ApiRefused',
      what,
      status,
      reason,
      fields,
      ...(cause === undefined ? {} : { cause }),
      ...(words === undefined ? {} : { words }),
      hasMore: words === undefined && !complete && (cause !== undefined || OBJECTIONS.has(status)),
    };
  }

  #words(): string | undefined {
    const values = this.#secrets.flatMap(({ data }) => [...data.values()]);
    return withoutValues(this.error.unsafeMessage(), values);
  }
}

/** With these, the API server objects to the object itself. */
const OBJECTIONS: ReadonlySet<number> = new Set([400, 403, 422]);
