import { join, relative } from 'node:path';
import { Failure } from '../../../shared/errors.ts';
import { FolderWalk } from '../../files/folder-walk.ts';
import { KustomizationReader, type KustomizationFolder } from './folder.ts';
import { KUSTOMIZATION_NAMES, type Renaming } from './kustomization.ts';
import { Reach } from './reach.ts';

/** What a kustomization that can be built does to the names in a file. */
export interface BuiltFile {
  readonly renaming: Renaming;
  /** The file of the kustomization. */
  readonly by: string;
}

/** The most ways on which kustomizations may reach a file. */
const MAX_WAYS = 1000;

/** What the kustomizations of a repository do to names. */
export interface RepositoryKustomizations {
  /** What is done to the names in each file, by its path without symbolic links. */
  readonly files: ReadonlyMap<string, readonly BuiltFile[]>;
  /** The paths of the files that are patches, without symbolic links. */
  readonly patches: ReadonlySet<string>;
  /** Whether the kustomizations reach too many files to follow all of them, or name too much to read. */
  readonly isIncomplete: boolean;
}

/**
 * Reads the kustomizations of a folder, and follows those that no other one uses: these are what is built.
 *
 * @param repository the path of the folder without symbolic links
 */
export async function readRepository(repository: string): Promise<RepositoryKustomizations> {
  const reader = new KustomizationReader(repository);
  const reach = new Reach(reader);
  const folders = await foldersIn(repository, reader);
  const used = new Set(folders.flatMap(({ resources }) => resources.map(({ path }) => path)));
  const files = new Map<string, BuiltFile[]>();
  let isIncomplete = false;
  for (const folder of folders) {
    if (used.has(folder.path) || folder.kustomization.isComponent) continue;
    const by = relative(process.cwd(), join(folder.path, folder.file));
    for (const { file, renaming } of await reach.files(folder)) {
      const ways = files.get(file) ?? [];
      files.set(file, ways);
      if (renaming !== undefined) ways.push({ renaming, by });
      isIncomplete ||= ways.length > MAX_WAYS;
    }
  }
  const patches = new Set(folders.flatMap((folder) => folder.patches));
  return { files, patches, isIncomplete: isIncomplete || reach.isIncomplete || reader.isIncomplete };
}

async function foldersIn(
  repository: string,
  reader: KustomizationReader,
): Promise<readonly KustomizationFolder[]> {
  const walk = new FolderWalk(
    { real: repository, shown: repository },
    { include: KUSTOMIZATION_NAMES, exclude: [], anyName: true },
  );
  const folders: KustomizationFolder[] = [];
  for await (const found of walk.files()) {
    // What cannot be read is reported where its files are linted.
    const folder = found instanceof Failure ? undefined : await reader.folder(join(found.real, '..'));
    if (folder !== undefined) folders.push(folder);
  }
  return folders;
}
