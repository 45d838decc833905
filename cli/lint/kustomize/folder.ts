import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { SealedSecretsError } from '../../../shared/errors.ts';
import { systemCode } from '../../../shared/file-errors.ts';
import { readFileBytes } from '../../io/input.ts';
import { KUSTOMIZATION_NAMES, parseKustomization, type Kustomization } from './kustomization.ts';

/** The largest file that is read for a kustomization. */
const MAX_BYTES = 1024 * 1024;

/** How much is read of the files that decide on names, such as patches. A file counts each time that it is named. */
const MAX_NAMED_BYTES = 64 * 1024 * 1024;

/** A file or folder that a kustomization takes objects from. */
export interface Resource {
  /** Its path without symbolic links. */
  readonly path: string;
  readonly isFolder: boolean;
}

/** A folder with a kustomization. */
export interface KustomizationFolder {
  /** Its path without symbolic links. */
  readonly path: string;
  /** The name of the file in it. */
  readonly file: string;
  readonly kustomization: Kustomization;
  /** What its entries lead to: nothing for addresses, and for what is not in the repository. */
  readonly resources: readonly Resource[];
  readonly components: readonly string[];
  /** The paths of its patches in files, without symbolic links. */
  readonly patches: readonly string[];
}

/** Reads kustomizations, each of them once, and nothing outside of the repository. */
export class KustomizationReader {
  readonly #repository: string;
  readonly #folders = new Map<string, Promise<KustomizationFolder | undefined>>();
  #left = MAX_NAMED_BYTES;

  /** @param repository the path of the repository without symbolic links */
  constructor(repository: string) {
    this.#repository = repository;
  }

  /** Whether some files were not read, because together they are too large. */
  get isIncomplete(): boolean {
    return this.#left <= 0;
  }

  /** Returns the kustomization of a folder; undefined if Kustomize finds none there that it can build. */
  folder(path: string): Promise<KustomizationFolder | undefined> {
    const known = this.#folders.get(path) ?? this.#read(path);
    this.#folders.set(path, known);
    return known;
  }

  async #read(path: string): Promise<KustomizationFolder | undefined> {
    const [file, ...others] = KUSTOMIZATION_NAMES.filter(
      (name) => this.#find(path, name)?.isFolder === false,
    );
    // Kustomize refuses a folder with several.
    if (file === undefined || others.length > 0) return undefined;
    const bytes = await this.#bytes(path, file);
    if (bytes === undefined) return undefined;
    const kustomization = await parseKustomization(bytes, join(path, file), (name) =>
      this.namedText(path, name),
    );
    if (kustomization === undefined) return undefined;
    const found = (entries: readonly string[]): Resource[] =>
      entries.flatMap((entry) => this.#find(path, entry) ?? []);
    const components = found(kustomization.components).filter(({ isFolder }) => isFolder);
    return {
      path,
      file,
      kustomization,
      resources: found(kustomization.resources),
      components: components.map((each) => each.path),
      patches: found(kustomization.patches).map((each) => each.path),
    };
  }

  /** Returns the text of a file that a kustomization names. Undefined if it is not there, or too large. */
  async namedText(folder: string, name: string): Promise<string | undefined> {
    if (this.isIncomplete) return undefined;
    const bytes = await this.#bytes(folder, name);
    this.#left -= bytes?.length ?? 0;
    return bytes?.toString('utf8');
  }

  async #bytes(folder: string, name: string): Promise<Buffer | undefined> {
    const found = this.#find(folder, name);
    if (found === undefined || found.isFolder) return undefined;
    try {
      if (statSync(found.path).size > MAX_BYTES) return undefined;
      return await readFileBytes(found.path);
    } catch (error) {
      if (error instanceof SealedSecretsError || systemCode(error) !== '') return undefined;
      throw error;
    }
  }

  /** Finds a file or folder of the repository by its path from a folder. */
  #find(folder: string, entry: string): Resource | undefined {
    if (isAbsolute(entry)) return undefined;
    try {
      const path = realpathSync(join(folder, entry));
      if (path !== this.#repository && !path.startsWith(withSeparator(this.#repository))) return undefined;
      const stats = statSync(path);
      return stats.isFile() || stats.isDirectory() ? { path, isFolder: stats.isDirectory() } : undefined;
    } catch (error) {
      // Mostly an address, such as https://…, which is no path of a file.
      if (systemCode(error) !== '') return undefined;
      throw error;
    }
  }
}

function withSeparator(path: string): string {
  return path.endsWith(sep) ? path : path + sep;
}
