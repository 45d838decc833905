import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { SealedSecretsError } from '../../shared/errors.ts';
import type { CliContext } from '../context.ts';
import { runGit } from '../io/run-git.ts';

/** The most commits of a file whose authors are looked at. */
const MAX_COMMITS = 1000;
/** The most authors that are named; the newest come first. */
const MAX_AUTHORS = 5;

/**
 * Returns who changed a file in the history of its Git repository, the last one first, with a count of those beyond five.
 * Empty if the file is in no repository or was never committed, or if there is no git.
 */
export async function authorsOf(file: string, { environment }: CliContext): Promise<readonly string[]> {
  try {
    const real = realpathSync(file);
    const { code, stdout } = await runGit(
      [
        ...['-C', dirname(real), 'log', `--max-count=${MAX_COMMITS}`, '--no-show-signature', '--no-color'],
        ...['--format=%aN <%aE>', '--', `./${basename(real)}`],
      ],
      environment,
    );
    if (code !== 0) return [];
    const names = [...new Set(stdout.toString('utf8').split('\n').filter(Boolean))];
    const rest = names.length - MAX_AUTHORS;
    return rest > 0 ? [...names.slice(0, MAX_AUTHORS), `${rest} more`] : names;
  } catch (error) {
    if (error instanceof SealedSecretsError) return [];
    throw error;
  }
}
