import type { SealedSecret } from '../../../shared/api/sealed-secret.ts';
import { NEVER } from '../../../shared/clock.ts';
import type { PrivateKey } from '../../../shared/crypto/private-key.ts';
import { Keyring } from '../../../shared/seal/keyring.ts';
import { inProcessRenderer } from '../../../shared/seal/templates.ts';
import { unseal, type Renderer, type UnsealResult } from '../../../shared/seal/unseal.ts';

/** Unseals a SealedSecret with one key, and renders its templates in this process unless a test has its own renderer. */
export function unsealHere(
  sealed: SealedSecret,
  key: PrivateKey,
  renderer: Renderer = inProcessRenderer('withheld'),
): Promise<UnsealResult> {
  return unseal(sealed, {
    decrypter: new Keyring([key]),
    renderer,
    place: { source: 'test' },
    signal: NEVER,
  });
}
