import type { KustomizationFolder, KustomizationReader } from './folder.ts';
import type { Renaming } from './kustomization.ts';

/** A file that a kustomization takes objects from, and what becomes of their names. */
export interface ReachedFile {
  /** The path of the file without symbolic links. */
  readonly file: string;
  /** Undefined if it is not known. */
  readonly renaming: Renaming | undefined;
}

/** The deepest chain of kustomizations that is followed. */
const MAX_DEPTH = 50;

/** The most files that all kustomizations together may reach, each counted on every way to it. */
const MAX_REACHED = 500_000;

/** The longest name in Kubernetes. */
const MAX_NAME = 253;

/** Follows kustomizations to the files with their objects. */
export class Reach {
  readonly #reader: KustomizationReader;
  readonly #known = new Map<string, readonly ReachedFile[]>();
  #left = MAX_REACHED;

  constructor(reader: KustomizationReader) {
    this.#reader = reader;
  }

  /** Whether the files of some kustomizations were not followed, because they are too many. */
  get isIncomplete(): boolean {
    return this.#left <= 0;
  }

  /** Returns the files that a kustomization reaches. None if it contains itself. */
  async files(folder: KustomizationFolder, above: readonly string[] = []): Promise<readonly ReachedFile[]> {
    const known = this.#known.get(folder.path);
    if (known !== undefined) return known;
    if (above.includes(folder.path) || above.length > MAX_DEPTH) return [];
    const files = await this.#accumulate([], folder, above);
    this.#known.set(folder.path, files);
    return files;
  }

  /** Adds the files of a kustomization to others. What it does to names, it does to all of them, as in Kustomize. */
  async #accumulate(
    others: readonly ReachedFile[],
    folder: KustomizationFolder,
    above: readonly string[],
  ): Promise<readonly ReachedFile[]> {
    const below = [...above, folder.path];
    let files: ReachedFile[] = [...others];
    for (const { path, isFolder } of folder.resources) {
      const base = isFolder ? await this.#reader.folder(path) : undefined;
      if (!isFolder) files.push({ file: path, renaming: NONE });
      else if (base && !base.kustomization.isComponent)
        for (const each of await this.files(base, below)) files.push(each);
      if (files.length > this.#left) break;
    }
    for (const path of folder.components) {
      const component =
        below.includes(path) || below.length > MAX_DEPTH ? undefined : await this.#reader.folder(path);
      if (component?.kustomization.isComponent)
        files = [...(await this.#accumulate(files, component, below))];
    }
    this.#left -= files.length + 1;
    if (this.isIncomplete) return [];
    const { renaming } = folder.kustomization;
    return files.map((each) => ({ file: each.file, renaming: composed(each.renaming, renaming) }));
  }
}

const NONE: Renaming = { prefix: '', suffix: '', namespace: undefined };

/** Returns what two renamings do one after the other. Undefined if that is not known, or makes no valid name. */
function composed(first: Renaming | undefined, second: Renaming | undefined): Renaming | undefined {
  if (first === undefined || second === undefined) return undefined;
  const prefix = second.prefix + first.prefix;
  const suffix = first.suffix + second.suffix;
  if (prefix.length + suffix.length > MAX_NAME) return undefined;
  return { prefix, suffix, namespace: second.namespace ?? first.namespace };
}
