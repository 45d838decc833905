import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeKeyPair } from '../../shared/crypto/key-pair.ts';
import { expect, type Narrator } from './narrator.ts';
import { DOCKER_CONFIG, excerpt, PULL_SECRET, seal } from './pull-secret.ts';

/** Runs the half that needs only Node: generates a key pair, seals a Secret with it, and recovers it. */
export async function offlineHalf(folder: string, narrator: Narrator): Promise<void> {
  const day = 24 * 3600 * 1000;
  const pair = await makeKeyPair({ bits: 4096, commonName: 'demo', notBefore: new Date(), validity: day });
  const certificate = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  await writeFile(certificate, pair.certificate);
  await writeFile(key, pair.privateKey, { mode: 0o600 });
  narrator.done('a sealing key of 4096 bits and its certificate are made, as the controller makes them');

  const secret = join(folder, 'secret.yaml');
  const sealed = join(folder, 'sealed.yaml');
  await writeFile(secret, PULL_SECRET);
  await seal(['-f', secret, '-w', sealed, '--scope', 'cluster-wide', '--cert', certificate], '');
  narrator.done('kubeseal -f secret.yaml -w sealed.yaml --scope cluster-wide --cert cert.pem');
  narrator.show(excerpt(await readFile(sealed, 'utf8')));
  await recover(sealed, key, narrator);
}

/** Recovers a sealed file with only the private key, and compares the result. */
export async function recover(sealed: string, key: string, narrator: Narrator): Promise<void> {
  const args = ['--recovery-unseal', '--recovery-private-key', key, '-o', 'yaml'];
  const recovered = await seal(args, await readFile(sealed, 'utf8'));
  expect(
    recovered.includes(`.dockerconfigjson: ${DOCKER_CONFIG}`),
    'the recovered Secret is not the one sealed',
  );
  narrator.done('kubeseal --recovery-unseal --recovery-private-key KEY < sealed.yaml: no cluster needed');
  narrator.show(`the recovered login is the one that was sealed: sha256 ${digest(DOCKER_CONFIG)}`);
}

/** Returns a short hash, to compare by eye. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
