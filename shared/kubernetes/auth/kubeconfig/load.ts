import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fail } from '../../../errors.ts';
import { fileProblem } from '../../http/file-problem.ts';
import { parseKubeconfig } from './parse.ts';
import type { Kubeconfig } from './types.ts';

const MAX_SIZE = 16 * 1024 * 1024;

/** The kubeconfig in force, and the files that it came from. */
export interface Loaded {
  readonly config: Kubeconfig;
  /** The files that were there, for messages; empty where there was none. */
  readonly at: string;
}

/**
 * Reads the kubeconfig as kubectl does: the file given alone, which must be there; else those of `KUBECONFIG`, and
 * `~/.kube/config` where it is not set, of which any may be missing. Of several files the first that names a context,
 * cluster or user wins, for each of them, and so does the first current-context.
 */
export async function loadKubeconfig(
  given: string | undefined,
  environment: NodeJS.ProcessEnv,
): Promise<Loaded> {
  const files = given ? [given] : usualFiles(environment);
  const read: { file: string; config: Kubeconfig }[] = [];
  for (const file of files) {
    const bytes = await bytesOf(file, file === given);
    if (bytes !== undefined) read.push({ file, config: parseKubeconfig(bytes, file) });
  }
  return {
    config: merged(read.map(({ config }) => config)),
    at: read.map(({ file }) => file).join(delimiter),
  };
}

function usualFiles(environment: NodeJS.ProcessEnv): string[] {
  const listed = environment['KUBECONFIG'];
  if (listed) return [...new Set(listed.split(delimiter))].filter((file) => file !== '');
  return [join(home(environment), '.kube', 'config')];
}

/** On Windows, as client-go: the first of these folders that has a kubeconfig, else the user's profile. */
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

/** Read once, for it may be a pipe. Undefined where there is no such file, and there need not be one. */
async function bytesOf(file: string, required: boolean): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(file);
    return bytes.length > MAX_SIZE ? fail({ code: 'TooLarge', at: file, limit: '16 MiB' }) : bytes;
  } catch (error) {
    const { missing, failure } = fileProblem(file, error);
    return missing && !required ? undefined : fail(failure);
  }
}

/** Whatever two files name, the first one names. */
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
