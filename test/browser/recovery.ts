import assert from 'node:assert/strict';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { keyPem } from '../support/vectors.ts';

/** A Secret as `kubeseal --recovery-unseal` prints it. */
export interface Recovered {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

/** Recovers the Secret of a SealedSecret with the private key of the vectors that has this name. */
export async function recover(sealed: string, key: string): Promise<Recovered> {
  const file = temporaryFolder().write(`${key}.key`, keyPem(key));
  const args = ['--recovery-unseal', '--recovery-private-key', file, '-o', 'json'];
  const { code, stdout, stderr } = await kubeseal(args, { stdin: sealed });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Recovered;
}

/** The items of a recovered Secret, decoded. */
export function itemsOf({ data = {} }: Recovered): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
  );
}

/** The items of a recovered Secret as texts. */
export function textsOf(recovered: Recovered): Record<string, string> {
  return Object.fromEntries(
    Object.entries(itemsOf(recovered)).map(([name, value]) => [name, value.toString('utf8')]),
  );
}
