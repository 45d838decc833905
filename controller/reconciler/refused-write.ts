import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { TYPE_ITEMS } from '../../shared/api/secret-type.ts';
import type { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { SealedSecretsError, type Failure } from '../../shared/errors.ts';
import { kubernetesFailure } from '../../shared/kubernetes/errors.ts';
import { withoutValues } from './without-values.ts';

/** The API server refused to write a Secret. Holds the Secrets whose values the API server's message may quote. */
export class RefusedWrite extends SealedSecretsError {
  readonly error: ApiError;
  readonly #secrets: readonly Secret[];

  /** @param secrets the Secret that was sent, and the existing one or null */
  constructor(error: ApiError, secrets: readonly (Secret | null)[]) {
    super(error.failure);
    this.error = error;
    this.#secrets = secrets.filter((secret) => secret !== null);
  }

  /**
   * Returns the refusal in a form that is safe for the status of the SealedSecret. It names only items that the
   * SealedSecret itself shows, and holds no values.
   *
   * @param showMessage whether to add the API server's own message, with values redacted
   */
  failureFor(sealed: SealedSecret, showMessage: boolean): Failure {
    const { what, status } = this.error;
    const items = new Set([...sealed.encryptedData.keys(), ...sealed.template.data.keys(), ...TYPE_ITEMS]);
    const { reason, fields, cause, complete } = this.error.refusal(items);
    const message = showMessage && !complete ? this.#redactedMessage() : undefined;
    const hasMore = message === undefined && !complete && (cause !== undefined || REJECTIONS.has(status));
    return kubernetesFailure({
      code: 'ApiRefused',
      what,
      status,
      reason,
      fields,
      ...(cause === undefined ? {} : { cause }),
      ...(message === undefined ? {} : { message }),
      ...(hasMore ? { hint: FULL_MESSAGE } : {}),
    });
  }

  #redactedMessage(): string | undefined {
    const values = this.#secrets.flatMap(({ data }) => [...data.values()]);
    return withoutValues(this.error.unsafeMessage(), values);
  }
}

/** How to see the API server's full message, which may quote values. */
const FULL_MESSAGE =
  'for the full message: kubeseal --recovery-unseal … | kubectl apply --dry-run=server -f -';

/** HTTP status codes with which the API server rejects the content of an object. */
const REJECTIONS: ReadonlySet<number> = new Set([400, 403, 422]);
