import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { Failure } from '../../shared/errors.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import { fail } from './errors.ts';
import { KEY_SECRETS } from './key-secrets.ts';
import { allowed } from './rights.ts';

/** How to label a key. */
export interface LabelOptions {
  readonly namespace: string;
  readonly name: string;
  /** The key that was looked at. */
  readonly fingerprint: Fingerprint;
  readonly from: string;
  readonly to: 'active' | 'retired' | 'compromised';
}

/** How often to try again after a change of something else in the Secret. */
const MAX_ATTEMPTS = 5;

/**
 * Changes the label of a key Secret, if it is still the key that was looked at, with the same label; nothing else of it
 * changes. Throws `KeyChanged` if it is not, and `NotAllowed`.
 */
export async function labelKey(api: Api, { namespace, name, ...key }: LabelOptions): Promise<void> {
  const ref = { namespace, name };
  const changed = (): never => fail({ code: 'KeyChanged', name });
  for (let attempt = 1; ; attempt++) {
    const stored = await allowed({ verb: 'get', resource: 'secrets', namespace }, () =>
      api.get(KEY_SECRETS, ref),
    );
    if (stored === null || stored.certificate instanceof Failure) return changed();
    const label = stored.metadata.labels.get(SEALING_KEY_LABEL) ?? '';
    if (stored.certificate.fingerprint !== key.fingerprint || label !== key.from) changed();
    const { uid, resourceVersion } = stored.metadata.server;
    const body = { metadata: { uid, resourceVersion, labels: { [SEALING_KEY_LABEL]: key.to } } };
    try {
      await allowed({ verb: 'patch', resource: 'secrets', namespace }, () =>
        api.write({ verb: 'patch', kind: KEY_SECRETS, ref, body }),
      );
      return;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
      if (attempt === MAX_ATTEMPTS) changed();
    }
  }
}
