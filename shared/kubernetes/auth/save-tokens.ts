import { open, readFile, realpath, rm, stat } from 'node:fs/promises';
import { SealedSecretsError } from '../../errors.ts';
import { fail, systemCode, systemReason } from '../../file-errors.ts';
import { applySplices, splicesFor, type PatchMap } from '../../manifest/splice.ts';
import { parseYamlNodes } from '../../manifest/yaml-nodes.ts';
import { replaceAtomically, temporaryBeside } from '../../replace-file.ts';
import { parseKubeconfig } from './kubeconfig/parse.ts';
import type { Tokens } from './oidc-refresh.ts';

/**
 * Writes the tokens of an `oidc` user to its kubeconfig, as kubectl does, and keeps every other byte. Holds kubectl's
 * lock file meanwhile. Replaces the file atomically and keeps its mode and owner. Throws `UnwritableFile`, and the
 * errors of `parseKubeconfig`.
 */
export async function saveTokens(file: string, user: string, tokens: Tokens): Promise<void> {
  const lock = `${file}.lock`;
  const locked = await open(lock, 'wx').catch((error: unknown) =>
    unwritable(file, systemCode(error) === 'EEXIST' ? `another program holds ${lock}` : reasonOf(error)),
  );
  try {
    const target = await realpath(file);
    const after = withTokens({ text: await readFile(target, 'utf8'), file, user, tokens });
    await replace(target, after ?? unwritable(file, 'it cannot be edited in place'));
  } catch (error) {
    if (error instanceof SealedSecretsError) throw error;
    unwritable(file, reasonOf(error));
  } finally {
    await locked.close();
    await rm(lock, { force: true });
  }
}

/** A kubeconfig and the change of one user. */
interface Change {
  readonly text: string;
  readonly file: string;
  readonly user: string;
  readonly tokens: Tokens;
}

/** Returns the text with the new tokens; undefined if it cannot be edited, such as for an alias in the way. */
function withTokens({ text, file, user, tokens }: Change): string | undefined {
  const index = [...parseKubeconfig(Buffer.from(text), file).users.keys()].indexOf(user);
  const [document] = parseYamlNodes(text);
  if (index < 0 || document === undefined) return undefined;
  const config = new Map([
    ['id-token', tokens.idToken],
    ['refresh-token', tokens.refreshToken],
  ]);
  const provider = new Map([['auth-provider', new Map([['config', config]])]]);
  const patch: PatchMap = new Map([['users', new Map([[index, new Map([['user', provider]])]])]]);
  try {
    const after = applySplices(text, splicesFor(document, text, patch));
    const written = parseKubeconfig(Buffer.from(after), file).users.get(user)?.authProvider?.config;
    return written?.get('refresh-token') === tokens.refreshToken ? after : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the file, and keeps its mode and owner. */
async function replace(target: string, text: string): Promise<void> {
  const { mode, uid, gid } = await stat(target);
  await replaceAtomically(target, text, {
    temporary: temporaryBeside(target),
    mode: mode & 0o777,
    owner: { uid, gid },
  });
}

function unwritable(path: string, reason: string): never {
  return fail({ code: 'UnwritableFile', path, reason });
}

function reasonOf(error: unknown): string {
  return systemReason(systemCode(error));
}
