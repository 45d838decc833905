import { createInterface } from 'node:readline/promises';
import { usageError } from '../flags/usage-error.ts';

/** Asks on the terminal whether to write private keys as they are. Throws `Usage` without a terminal, or if it is not. */
export async function confirmPlain(file: string): Promise<void> {
  if (!process.stdin.isTTY)
    usageError('--plain writes the private keys unencrypted: confirm it with --yes, or use --recipient');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(
      `Whoever reads ${file} can decrypt every SealedSecret of this cluster. Write the keys unencrypted? [y/N] `,
    );
    if (!/^y(es)?$/i.test(answer.trim())) usageError('nothing was written');
  } finally {
    lines.close();
  }
}
