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
  readonly #folders = new Map<string, readonly SearchedFile[]>();

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
    const [nearest] = this.#found(path);
    return nearest && this.#read(nearest);
  }

  /**
   * Returns the same file, and in a Git repository those above it as well: the outermost first, each read when it is asked
   * for. Throws what `find` throws.
   */
  async *findAll(path: string | undefined): AsyncGenerator<RepositoryConfig> {
    for (const found of this.#found(path).toReversed()) yield this.#read(found);
  }

  /** The nearest file comes first. */
  #found(path: string | undefined): readonly SearchedFile[] {
    const { config } = this.#options;
    if (config === 'none') return [];
    if (config !== undefined) return [{ path: config, shown: config, search: undefined }];
    const { path: real, isFolder } = realPathOf(path);
    const start = isFolder ? real : dirname(real);
    const found = this.#folders.get(start) ?? this.#search(start);
    this.#folders.set(start, found);
    return found;
  }

  /** Loads the parser only for a file that is there. */
  #read(file: SearchedFile): Promise<RepositoryConfig> {
    const before = this.#configs.get(file.path);
    if (before !== undefined) return before;
    const config = import('./read-config.ts').then(({ readConfig }) => readConfig(file));
    this.#configs.set(file.path, config);
    return config;
  }

  #search(start: string): readonly SearchedFile[] {
    const home = realPathOf(this.#context.environment['HOME'] || homedir()).path;
    const found: SearchedFile[] = [];
    for (let folder = start; ; folder = dirname(folder)) {
      const path = join(folder, CONFIG_NAME);
      if (exists(path)) found.push({ path, shown: shownPath(path), search: { start } });
      if (exists(join(folder, '.git'))) return found;
      // Another user may write into the folders above.
      if (folder === home || dirname(folder) === folder) return found.slice(0, 1);
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
