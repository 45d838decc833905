import { parseSealedSecret } from '../../shared/api/sealed-secret.ts';
import { isObject, Reader } from '../../shared/api/reader.ts';
import { Failure, SealedSecretsError } from '../../shared/errors.ts';
import { readDocuments, type Document } from '../../shared/manifest/read.ts';
import { fail } from '../errors.ts';
import { forEach } from '../for-each.ts';
import { readFileBytes } from '../io/input.ts';
import { unreadable, type WalkOptions } from './folder-walk.ts';
import type { SealedDocument } from '../../shared/input/sealed-document.ts';
import { walk } from './walk.ts';

/** The files of a tree that seem to hold SealedSecrets, and the files and folders that cannot be read. */
export interface Tree {
  readonly files: readonly string[];
  readonly failures: readonly Failure[];
}

/** A file of a tree, and the SealedSecrets in it. */
export interface TreeFile {
  readonly file: string;
  readonly bytes: Buffer;
  readonly sealed: readonly SealedDocument[];
}

/**
 * Finds the files that mention a SealedSecret. Reads one file at a time and keeps only names, so that the size of a tree
 * does not matter.
 *
 * @param words paths of files and folders
 */
export async function findTree(words: readonly string[], options: WalkOptions): Promise<Tree> {
  const files: string[] = [];
  const failures: Failure[] = [];
  for await (const found of walk(words, options)) {
    if (found instanceof Failure) {
      failures.push(found);
      continue;
    }
    try {
      if (mentionsSealed(await readFileBytes(found.shown))) files.push(found.shown);
    } catch (error) {
      failures.push(unreadable(error, found.shown));
    }
  }
  return { files, failures };
}

const KIND = 'SealedSecret';
const UTF16 = [Buffer.from(KIND, 'utf16le'), Buffer.from(KIND, 'utf16le').swap16()];

function mentionsSealed(bytes: Buffer): boolean {
  return bytes.includes(KIND) || UTF16.some((kind) => bytes.includes(kind));
}

/** `kind: SealedSecret` as a field, in YAML or JSON, and not in a comment. */
const KIND_FIELD = /(?:^[ \t-]*|[{,]\s*)["']?kind["']?\s*:\s*["']?SealedSecret\b/m;

/**
 * Reads a file of a tree and its SealedSecrets; none if it is a file of something else. Throws `NotParsed` if it does not
 * parse although it mentions the kind, and one or several failures if SealedSecrets in it are malformed.
 */
export async function readTreeFile(file: string): Promise<TreeFile> {
  const bytes = await readFileBytes(file);
  const documents = documentsIn(bytes, file).filter(({ value, place }) => {
    return isObject(value) && new Reader(value, place).value('kind') === KIND;
  });
  const sealed = await forEach(documents, (document) =>
    Promise.resolve({ document, sealed: parseSealedSecret(document.value, document.place) }),
  );
  return { file, bytes, sealed };
}

function documentsIn(bytes: Buffer, file: string): readonly Document[] {
  try {
    return readDocuments(bytes, file);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    const isUtf16 = UTF16.some((kind) => bytes.includes(kind));
    if (isUtf16) throw error;
    // Another file, such as a template of Helm, that only names the kind in a comment or a value.
    if (!KIND_FIELD.test(bytes.toString('latin1'))) return [];
    return fail({ code: 'NotParsed', problem: error.failure.describe() });
  }
}
