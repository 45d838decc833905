import type { Place } from '../../shared/api/place.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import { NEVER } from '../../shared/clock.ts';
import { sealFailure } from '../../shared/seal/errors.ts';
import { explain } from '../../shared/seal/explain.ts';
import { hintOf } from '../../shared/seal/hint.ts';
import type { Keyring } from '../../shared/seal/keyring.ts';
import { openItems, type OpenedItems } from '../../shared/seal/open-items.ts';
import { labelFor, scopeOf } from '../../shared/seal/scope.ts';
import type { CliContext } from '../context.ts';
import type { KeyOptions } from '../flags/options.ts';
import { atDocument, keyringOf, readRecoveryKeys } from '../offline/recovery-keys.ts';
import type { KnownValues } from './known-values.ts';

/** Returns the values that the private keys open. Each item is opened on its own. Throws as `readRecoveryKeys` does. */
export async function recoveredValues(options: KeyOptions, context: CliContext): Promise<KnownValues> {
  const keyring = keyringOf(await readRecoveryKeys(options, context));
  return {
    async valuesOf(sealed, place) {
      const values = new Map<string, Uint8Array>();
      for (const item of sealed.encryptedData.keys()) {
        const opened = (await open(item, sealed, { keyring, place })).items.get(item);
        if (opened !== undefined) values.set(item, opened.value);
      }
      return values;
    },
    async whyUnknown(sealed, item, place) {
      const { problems } = await open(item, sealed, { keyring, place });
      const encrypted = sealed.encryptedData;
      const how = { sealed, encrypted, decrypter: keyring, candidates: [], place, signal: NEVER };
      const explained = sealFailure({ code: 'Unseal', problems: await explain(problems, how) });
      return atDocument(explained, sealed, place);
    },
    close: () => undefined,
  };
}

function open(
  item: string,
  { metadata, encryptedData }: SealedSecret,
  { keyring, place }: { readonly keyring: Keyring; readonly place: Place },
): Promise<OpenedItems> {
  const label = labelFor(scopeOf(metadata.annotations), metadata, place);
  const hint = hintOf(metadata.annotations);
  const encrypted = new Map([[item, encryptedData.get(item) ?? null]]);
  return openItems(encrypted, { label, hint, decrypter: keyring, signal: NEVER });
}
