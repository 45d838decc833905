import { Reader } from '../../../shared/api/reader.ts';
import { SealedSecretsError } from '../../../shared/errors.ts';
import { readDocuments } from '../../../shared/manifest/read.ts';
import { mayRename, type ReadText } from './other-renames.ts';

/** The names that the file of a kustomization can have. */
export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** What a kustomization does to the names of objects. */
export interface Renaming {
  readonly prefix: string;
  readonly suffix: string;
  /** The namespace that every object gets; undefined: objects keep theirs. */
  readonly namespace: string | undefined;
}

/** A kustomization, as far as it decides on names. */
export interface Kustomization {
  /** Whether it is a component, which changes the objects of the kustomization that uses it. */
  readonly isComponent: boolean;
  /** The files, folders and addresses that it takes objects from. */
  readonly resources: readonly string[];
  readonly components: readonly string[];
  /** The files of its patches. */
  readonly patches: readonly string[];
  /** Undefined if something else in it may change names, such as a transformer. */
  readonly renaming: Renaming | undefined;
}

/**
 * Reads a kustomization. Returns undefined if it is malformed: Kustomize cannot build it, so it gives no object a name.
 *
 * @param read reads a file that the kustomization names
 */
export async function parseKustomization(
  bytes: Uint8Array,
  source: string,
  read: ReadText,
): Promise<Kustomization | undefined> {
  try {
    const [document, ...others] = readDocuments(bytes, source);
    if (document === undefined || others.length > 0) return undefined;
    const reader = new Reader(document.value, document.place);
    return {
      isComponent: reader.string('kind') === 'Component',
      resources: [...reader.strings('resources'), ...reader.strings('bases')],
      components: reader.strings('components'),
      patches: patchFiles(reader),
      renaming: await renamingOf(reader, read),
    };
  } catch (error) {
    if (error instanceof SealedSecretsError) return undefined;
    throw error;
  }
}

function patchFiles(kustomization: Reader): readonly string[] {
  const patches = [...kustomization.list('patches'), ...kustomization.list('patchesJson6902')];
  return [
    ...patches.flatMap(({ value, place }) => new Reader(value, place).string('path') ?? []),
    ...kustomization.strings('patchesStrategicMerge'),
  ];
}

/** What a name can consist of. Anything else, such as `${ENV}`, is replaced before or after the build. */
const PART_OF_NAME = /^[\w.-]*$/;

async function renamingOf(reader: Reader, read: ReadText): Promise<Renaming | undefined> {
  const prefix = reader.string('namePrefix') ?? '';
  const suffix = reader.string('nameSuffix') ?? '';
  const namespace = reader.string('namespace') || undefined;
  if (![prefix, suffix, namespace ?? ''].every((each) => PART_OF_NAME.test(each))) return undefined;
  return (await mayRename(reader, read)) ? undefined : { prefix, suffix, namespace };
}
