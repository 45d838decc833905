import { readKeyRecord, type RecordedKey } from '../../shared/key-record/record.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import type { CliContext } from '../context.ts';
import { readKeySecrets } from './key-secrets.ts';
import { isNotAllowed } from './rights.ts';
import { readStoredRecord } from './stored-record.ts';

/**
 * Reads the keys from their Secrets, for commands that change them: the record may be older. A key that the record calls
 * the newest counts as that too, since the controller may order keys in another way. Throws `NotAllowed`.
 */
export async function readLiveKeys(
  api: Api,
  namespace: string,
  context: CliContext,
): Promise<readonly RecordedKey[]> {
  const { keys, problems } = await readKeySecrets(api, { namespace, now: context.clock.now() });
  for (const problem of problems) context.warn(`warning: not listed: ${problem.describe()}`);
  const recorded = await newestInRecord(api, namespace);
  return keys.map((key) =>
    key.name === recorded && key.state === 'active' ? { ...key, state: 'newest' } : key,
  );
}

async function newestInRecord(api: Api, namespace: string): Promise<string | undefined> {
  try {
    const stored = await readStoredRecord(api, namespace);
    return stored === null
      ? undefined
      : readKeyRecord(stored).keys?.keys.find(({ state }) => state === 'newest')?.name;
  } catch (error) {
    if (!isNotAllowed(error)) throw error;
    return undefined;
  }
}
