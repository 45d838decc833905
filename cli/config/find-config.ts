import { lstatSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CliContext } from '../context.ts';
import { CONFIG_NAME, type RepositoryConfig } from './config.ts';
import { realPathOf } from './real-path.ts';
import type { SearchedFile } from './read-config.ts';
import { shownPath } from './shown-path.ts';

/** The text of `--config`: a file, or `none`. */
export interface ConfigOptions {
  /** Undefined to search for the file. */
  readonly config: string | undefined;
}

/** Finds the `.kubeseal.yaml` of paths. Reads each file once. */
export class ConfigSearch {
  readonly #options: ConfigOptions;
  readonly #context: Pick<CliContext, 'environment'>;
  readonly #configs = new Map<string, Promise<RepositoryConfig>>();
  readonly #folders = new Map<string, SearchedFile | undefined>();

  constructor(options: ConfigOptions, context: Pick<CliContext, 'environment'>) {
    this.#options = options;
    this.#context = context;
  }

  /**
   * Returns the nearest `.kubeseal.yaml` from the folder of a path upwards, or the file of `--config`. Undefined if there
   * is none. Throws what `parseConfig` and `readConfig` throw.
   *
   * @param path undefined for the working folder
   */
  async find(path: string | undefined): Promise<RepositoryConfig | undefined> {
    const { config } = this.#options;
    if (config === 'none') return undefined;
    if (config !== undefined) return this.#read({ path: config, shown: config, search: undefined });
    const { path: real, isFolder } = realPathOf(path);
    const found = this.#inOrAbove(isFolder ? real : dirname(real));
    return found === undefined ? undefined : this.#read(found);
  }

  /** Loads the parser only for a file that is there. */
  #read(file: SearchedFile): Promise<RepositoryConfig> {
    const before = this.#configs.get(file.path);
    if (before !== undefined) return before;
    const config = import('./read-config.ts').then(({ readConfig }) => readConfig(file));
    this.#configs.set(file.path, config);
    return config;
  }

  #inOrAbove(start: string): SearchedFile | undefined {
    if (!this.#folders.has(start)) this.#folders.set(start, this.#search(start));
    return this.#folders.get(start);
  }

  #search(start: string): SearchedFile | undefined {
    const home = this.#context.environment['HOME'] ?? homedir();
    for (let folder = start; ; folder = dirname(folder)) {
      const path = join(folder, CONFIG_NAME);
      if (exists(path)) return { path, shown: shownPath(path), search: { start } };
      // Another user may write into the folders above.
      const isEnd = folder === home || dirname(folder) === folder || exists(join(folder, '.git'));
      if (isEnd) return undefined;
    }
  }
}

/** Finds the configuration of one path, as `ConfigSearch` does. */
export async function findConfig(
  path: string | undefined,
  options: ConfigOptions,
  context: Pick<CliContext, 'environment'>,
): Promise<RepositoryConfig | undefined> {
  return new ConfigSearch(options, context).find(path);
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A folder that this user may not look into has no configuration for this user.
    return false;
  }
}
