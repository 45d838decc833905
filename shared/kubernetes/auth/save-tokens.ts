import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SealedSecretsError } from '../../errors.ts';
import { fail } from '../../file-errors.ts';
import { applySplices, splicesFor, type PatchMap } from '../../manifest/splice.ts';
import { parseYamlNodes } from '../../manifest/yaml-nodes.ts';
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
    unwritable(file, systemCode(error) === 'EEXIST' ? `another program holds ${lock}` : systemCode(error)),
  );
  try {
    const target = await realpath(file);
    const after = withTokens({ text: await readFile(target, 'utf8'), file, user, tokens });
    await replace(target, after ?? unwritable(file, 'it cannot be edited in place'));
  } catch (error) {
    if (error instanceof SealedSecretsError) throw error;
    unwritable(file, systemCode(error));
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

/** Writes a temporary file beside the target and renames it. */
async function replace(target: string, text: string): Promise<void> {
  const { mode, uid, gid } = await stat(target);
  const temporary = join(dirname(target), `.kubeconfig-${randomBytes(8).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      const own = await file.stat();
      if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid);
      await file.writeFile(text);
      await file.chmod(mode & 0o777);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function unwritable(path: string, reason: string): never {
  return fail({ code: 'UnwritableFile', path, reason });
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'it failed';
}
