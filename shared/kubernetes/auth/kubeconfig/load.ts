import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { SealedSecretsError } from '../../../errors.ts';
import { fail } from '../../../file-errors.ts';
import { fileProblem } from '../../http/file-problem.ts';
import { parseKubeconfig } from './parse.ts';
import type { Kubeconfig } from './types.ts';

/** The largest accepted kubeconfig, in bytes. */
const MAX_SIZE = 16 * 1024 * 1024;

/** The effective kubeconfig, and the files that it was read from. */
export interface LoadedKubeconfig {
  readonly config: Kubeconfig;
  /** The files that exist, for messages; empty if there is none. */
  readonly at: string;
}

/**
 * Reads the kubeconfig as kubectl does. If `path` is given, reads that file alone, which must exist. Otherwise reads the
 * files of `KUBECONFIG`, or `~/.kube/config` if it is not set, and skips those that do not exist. If several files
 * define the same context, cluster, or user, or a current-context, the first one wins. Throws `NoSuchFile`,
 * `UnreadableFile`, `TooLarge`, and the errors of `parseKubeconfig`.
 */
export async function loadKubeconfig(
  path: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<LoadedKubeconfig> {
  const files = path ? [path] : defaultFiles(environment);
  const read: { file: string; config: Kubeconfig }[] = [];
  for (const file of files) {
    const bytes = await bytesOf(file, file === path);
    if (bytes !== undefined) read.push({ file, config: parseKubeconfig(bytes, file) });
  }
  return {
    config: merged(read.map(({ config }) => config)),
    at: read.map(({ file }) => file).join(delimiter),
  };
}

function defaultFiles(environment: NodeJS.ProcessEnv): string[] {
  const listed = environment['KUBECONFIG'];
  if (listed) return [...new Set(listed.split(delimiter))].filter((file) => file !== '');
  return [join(home(environment), '.kube', 'config')];
}

/** Returns the home folder. On Windows, as in client-go, the first candidate with a kubeconfig, or the user profile. */
function home(environment: NodeJS.ProcessEnv): string {
  const { HOME, HOMEDRIVE, HOMEPATH, USERPROFILE } = environment;
  if (process.platform !== 'win32') return HOME || homedir();
  const folders = [HOME, HOMEDRIVE && HOMEPATH ? HOMEDRIVE + HOMEPATH : undefined, USERPROFILE];
  return (
    folders.find((folder) => folder && existsSync(join(folder, '.kube', 'config'))) ||
    USERPROFILE ||
    homedir()
  );
}

/** Reads the file in one go, since it may be a pipe. Returns undefined if it does not exist and is not required. */
async function bytesOf(file: string, required: boolean): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(file);
    return bytes.length > MAX_SIZE ? fail({ code: 'TooLarge', at: file, limit: '16 MiB' }) : bytes;
  } catch (error) {
    const { missing, failure } = fileProblem(file, error);
    if (missing && !required) return undefined;
    throw new SealedSecretsError(failure);
  }
}

/** Merges kubeconfigs; the first definition of a name wins. */
function merged(configs: readonly Kubeconfig[]): Kubeconfig {
  const first = <T>(maps: readonly ReadonlyMap<string, T>[]): Map<string, T> =>
    new Map(maps.toReversed().flatMap((map) => [...map]));
  return {
    currentContext: configs.find(({ currentContext }) => currentContext !== '')?.currentContext ?? '',
    clusters: first(configs.map(({ clusters }) => clusters)),
    users: first(configs.map(({ users }) => users)),
    contexts: first(configs.map(({ contexts }) => contexts)),
  };
}
