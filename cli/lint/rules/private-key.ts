import { SEALING_KEY_LABEL } from '../../../shared/api/annotations.ts';
import type { FileProblem, FileRule } from '../file-rule.ts';
import { findPrivateKeys, type PrivateKey } from '../private-keys.ts';

/** S013: private keys in files of any kind: PEM, PuTTY and age, also in base64. */
export const privateKey: FileRule = (bytes) => {
  const keys = findPrivateKeys(bytes);
  if (keys.length === 0) return [];
  const isSealingKey = bytes.includes(SEALING_KEY_LABEL);
  return keys.map((key) => problem(key, isSealingKey));
};

function problem({ offset, name, isEncrypted }: PrivateKey, isSealingKey: boolean): FileProblem {
  const message = `the file holds ${isEncrypted ? 'an encrypted' : 'a'} private key (${name})`;
  if (isEncrypted)
    return {
      rule: 'S013',
      severity: 'warning',
      offset,
      message,
      advice: 'delete it here; in the history, only its passphrase protects it',
    };
  return {
    rule: 'S013',
    offset,
    message,
    advice: isSealingKey
      ? 'it is the key of a controller: delete it here, and run "kubeseal keys compromised", since it opens what is sealed'
      : 'delete it here, and replace the key, which stays in the history',
  };
}
