import { dirname, join } from 'node:path';
import { fail } from '../../errors.ts';
import { isIgnored, repositoryOf } from '../../files/gitignore.ts';
import { generatorFiles, isPlainFile } from '../kustomization-secrets.ts';
import type { Destination, LintedObject } from '../object.ts';
import type { Path } from '../plaintext.ts';
import { sealedOf } from '../sealed-of.ts';
import { KustomizationReader } from './folder.ts';
import type { Renaming } from './kustomization.ts';
import { resolvedPath } from './resolved-path.ts';
import { readRepository, type RepositoryKustomizations } from './repository.ts';

/**
 * The names and namespaces that kustomizations give SealedSecrets, as far as that is known without a build. A
 * kustomization with a transformer, or with a patch that may rename a SealedSecret, says nothing.
 */
export class Kustomizations {
  readonly #repositories = new Map<string, Promise<RepositoryKustomizations>>();
  /** What reads the files of generators, by repository. */
  readonly #readers = new Map<string, KustomizationReader>();
  /** The repository of each folder. */
  readonly #roots = new Map<string, string | undefined>();

  /**
   * Returns the destinations of a SealedSecret of a file, one for each name and namespace that a kustomization of the
   * same Git repository gives it. Empty if all of them leave it as it is. Reads every kustomization of the repository when
   * the first file of the repository is asked about. Throws `TooManyReached`.
   */
  async destinationsOf(file: string, object: LintedObject): Promise<readonly Destination[]> {
    const sealed = sealedOf(object);
    if (sealed === undefined || sealed.metadata.name === '') return [];
    const { name, namespace } = sealed.metadata;
    const found = await this.#around(file);
    if (found === undefined) return [];
    const { path, files, isIncomplete, root } = found;
    if (isIncomplete) fail({ code: 'TooManyReached', at: root });
    const destinations = new Map<string, Destination>();
    for (const { renaming, by } of files.get(path) ?? []) {
      const destination = { ...renamed(sealed.metadata, renaming), by };
      const key = `${destination.namespace}/${destination.name}`;
      if (!destinations.has(key)) destinations.set(key, destination);
    }
    const isMoved = [...destinations.values()].some(
      (each) => each.name !== name || each.namespace !== namespace,
    );
    return isMoved ? [...destinations.values()] : [];
  }

  /**
   * Returns the ways to the entries of secret generators in a kustomization that name files in plain text, which are in the
   * same Git repository, and which Git does not ignore. Files that are too many to read count as plain.
   */
  async plainFilesOf(file: string, { value }: LintedObject): Promise<readonly Path[]> {
    const files = generatorFiles(value);
    const located = files.length === 0 ? undefined : this.#locate(file);
    if (located === undefined) return [];
    const { path, root } = located;
    const reader = this.#readers.get(root) ?? new KustomizationReader(root);
    this.#readers.set(root, reader);
    const plain: Path[] = [];
    for (const each of files) {
      const text = await reader.namedText(dirname(path), each.path);
      const isPlain = text === undefined ? reader.isIncomplete : isPlainFile(text, each);
      if (isPlain && !(await isIgnored(root, join(dirname(path), each.path)))) plain.push(each.at);
    }
    return plain;
  }

  /** Whether a kustomization of the same Git repository names a file as a patch. */
  async isPatch(file: string): Promise<boolean> {
    const found = await this.#around(file);
    return found?.patches.has(found.path) ?? false;
  }

  /** Returns the kustomizations of the repository of a file. Undefined for a file outside of a repository. */
  async #around(file: string): Promise<(RepositoryKustomizations & Located) | undefined> {
    const located = this.#locate(file);
    return located && { ...(await this.#repository(located.root)), ...located };
  }

  /** Returns where a file is. Undefined for a file outside of a repository. */
  #locate(file: string): Located | undefined {
    const path = resolvedPath(file);
    const root = path === undefined ? undefined : this.#rootOf(dirname(path));
    return path === undefined || root === undefined ? undefined : { path, root };
  }

  #repository(root: string): Promise<RepositoryKustomizations> {
    const known = this.#repositories.get(root) ?? readRepository(root);
    this.#repositories.set(root, known);
    return known;
  }

  #rootOf(folder: string): string | undefined {
    if (!this.#roots.has(folder)) this.#roots.set(folder, repositoryOf(folder));
    return this.#roots.get(folder);
  }
}

/** The path of a file and the root of its repository, without symbolic links. */
interface Located {
  readonly path: string;
  readonly root: string;
}

/** The place of an object. */
interface Named {
  readonly name: string;
  readonly namespace: string;
}

function renamed({ name, namespace }: Named, renaming: Renaming): Named {
  return {
    name: renaming.prefix + name + renaming.suffix,
    namespace: renaming.namespace ?? namespace,
  };
}
