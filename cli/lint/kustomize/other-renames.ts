import { isObject, Reader } from '../../../shared/api/reader.ts';
import { SealedSecretsError } from '../../../shared/errors.ts';
import { parseText } from '../../../shared/manifest/read.ts';

/** Returns the text of a file that a kustomization names; undefined if it cannot be read. */
export type ReadText = (path: string) => Promise<string | undefined>;

const KIND = 'SealedSecret';

/**
 * Whether something other than `namePrefix`, `nameSuffix` and `namespace` may give SealedSecrets another name or
 * namespace: a transformer, a patch, a replacement, or a configuration of the three. In doubt it may.
 */
export async function mayRename(kustomization: Reader, read: ReadText): Promise<boolean> {
  if (kustomization.list('transformers').length > 0) return true;
  const checks = [patchesMayRename, mergesMayRename, replacementsMayRename, configurationsMayRename];
  for (const check of checks) if (await check(kustomization, read)) return true;
  return false;
}

async function patchesMayRename(kustomization: Reader, read: ReadText): Promise<boolean> {
  for (const { value, place } of [
    ...kustomization.list('patches'),
    ...kustomization.list('patchesJson6902'),
  ]) {
    const patch = new Reader(value, place);
    const target = patch.object('target');
    if (target !== undefined && !isOfSealed(target)) continue;
    const options = patch.object('options');
    if (options?.value('allowNameChange') === true || options?.value('allowKindChange') === true) return true;
    const path = patch.string('path');
    const text = patch.string('patch') ?? (path === undefined ? undefined : await read(path));
    if (textMayRename(text, target !== undefined)) return true;
  }
  return false;
}

async function mergesMayRename(kustomization: Reader, read: ReadText): Promise<boolean> {
  for (const entry of kustomization.strings('patchesStrategicMerge')) {
    // A patch stands in the list itself, or in a file.
    const text = entry.includes(':') ? entry : await read(entry);
    if (textMayRename(text, false)) return true;
  }
  return false;
}

/** Whether a patch may change a name or remove an object. The kind of a patch without a target is in the patch. */
function textMayRename(text: string | undefined, hasTarget: boolean): boolean {
  const documents = text === undefined ? undefined : valuesIn(text);
  if (documents === undefined) return true;
  return documents.some((document) => {
    if (Array.isArray(document)) return document.some(operationMayRename);
    if (!isObject(document)) return document !== null;
    const { kind, $patch }: { kind?: unknown; $patch?: unknown } = document;
    // Without `allowNameChange`, names in a merge only say which object it is for.
    return $patch !== undefined && (hasTarget || kind === KIND);
  });
}

const NAMED = /^(\/metadata(\/name(space)?)?)?$/;

function operationMayRename(operation: unknown): boolean {
  if (!isObject(operation)) return true;
  const { path, from }: { path?: unknown; from?: unknown } = operation;
  return [path, from ?? '/'].some((each) => typeof each !== 'string' || NAMED.test(each));
}

async function replacementsMayRename(kustomization: Reader, read: ReadText): Promise<boolean> {
  for (const { value, place } of kustomization.list('replacements')) {
    const path = new Reader(value, place).string('path');
    if (path === undefined) {
      if (replacementMayRename(new Reader(value, place))) return true;
      continue;
    }
    const text = await read(path);
    const documents = text === undefined ? undefined : valuesIn(text);
    if (documents === undefined) return true;
    const replacements: readonly unknown[] = documents.flat(1);
    if (replacements.some((each) => replacementMayRename(new Reader(each, place)))) return true;
  }
  return false;
}

function replacementMayRename(replacement: Reader): boolean {
  return replacement.list('targets').some(({ value, place }) => {
    const target = new Reader(value, place);
    const select = target.object('select');
    if (select !== undefined && !isOfSealed(select)) return false;
    return target.strings('fieldPaths').some((path) => /^metadata(\.name(space)?)?$/.test(path));
  });
}

async function configurationsMayRename(kustomization: Reader, read: ReadText): Promise<boolean> {
  for (const path of kustomization.strings('configurations')) {
    const text = await read(path);
    const documents = text === undefined ? undefined : valuesIn(text);
    if (documents === undefined) return true;
    const isAboutNames = documents.some(
      (each) => isObject(each) && ['namePrefix', 'nameSuffix', 'namespace'].some((key) => key in each),
    );
    if (isAboutNames) return true;
  }
  return false;
}

/** Whether a selector may choose SealedSecrets. The kind is a regular expression, which is not run here. */
function isOfSealed(selector: Reader): boolean {
  const kind = selector.string('kind') ?? '';
  return !/^[A-Za-z]+$/.test(kind) || kind === KIND;
}

function valuesIn(text: string): readonly unknown[] | undefined {
  try {
    return parseText(text, 'patch').values;
  } catch (error) {
    if (error instanceof SealedSecretsError) return undefined;
    throw error;
  }
}
