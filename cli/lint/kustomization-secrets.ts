import { isObject } from '../../shared/api/reader.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { parseText } from '../../shared/manifest/read.ts';
import { isPlaceholder } from './placeholders.ts';
import { fieldsNamed, isEncrypted, isPlainText, plainSecretsIn, type Path } from './plaintext.ts';

/** Kustomize does not require the kind of a kustomization. */
const KUSTOMIZATIONS: readonly unknown[] = ['Kustomization', 'Component', undefined];

/** Returns the ways to the literals of Secrets in plain text. */
export function plainLiterals(value: object): readonly Path[] {
  return generatorsIn(value).flatMap(({ generator, at }) =>
    listsNamed(generator, 'literals').flatMap(({ item, at: inner }) =>
      isPlainLiteral(item) ? [[...at, ...inner]] : [],
    ),
  );
}

/** A file that a generator of Secrets reads, and the way to the entry that names it. */
export interface GeneratorFile {
  readonly path: string;
  readonly at: Path;
  /** Whether each line of it is `KEY=VALUE`; else the whole file is one value. */
  readonly isEnv: boolean;
}

/** Returns the files that generators of Secrets read. */
export function generatorFiles(value: object): readonly GeneratorFile[] {
  return generatorsIn(value).flatMap(({ generator, at }) => {
    const env = fieldsNamed(generator, 'env').map(({ key, value: item }) => ({ item, at: [key] }));
    const files = [
      ...[...env, ...listsNamed(generator, 'envs')].map((entry) => ({ ...entry, isEnv: true })),
      ...listsNamed(generator, 'files').map((entry) => ({ ...entry, isEnv: false })),
    ];
    return files.flatMap(({ item, at: inner, isEnv }) =>
      typeof item === 'string' ? [{ path: isEnv ? item : pathIn(item), at: [...at, ...inner], isEnv }] : [],
    );
  });
}

/** An entry of `files` is `PATH` or `KEY=PATH`. */
function pathIn(entry: string): string {
  return entry.slice(entry.indexOf('=') + 1);
}

/** Whether a file of a generator holds values in plain text. */
export function isPlainFile(text: string, { isEnv }: Pick<GeneratorFile, 'isEnv'>): boolean {
  if (isEncrypted(text)) return false;
  if (!isEnv) return isPlainText(text);
  return text.split('\n').some((line) => !line.trimStart().startsWith('#') && isPlainLiteral(line.trim()));
}

function generatorsIn(value: object): readonly { readonly generator: object; readonly at: Path }[] {
  // `SecretGenerator` is a plugin of Kustomize.
  if (kindOf(value) === 'SecretGenerator') return [{ generator: value, at: [] }];
  if (!KUSTOMIZATIONS.includes(kindOf(value))) return [];
  return listsNamed(value, 'secretGenerator').flatMap(({ item, at }) =>
    isObject(item) ? [{ generator: item, at }] : [],
  );
}

/** A literal is `KEY=VALUE`; the value can have quotes. */
function isPlainLiteral(literal: unknown): boolean {
  if (typeof literal !== 'string' || !literal.includes('=')) return false;
  const value = literal.slice(literal.indexOf('=') + 1).replace(/^(["'])(.*)\1$/su, '$2');
  return value.trim() !== '' && !isPlaceholder(value);
}

/** Returns the ways to the patches of a kustomization that put plain text into a Secret. */
export function plainPatches(value: object): readonly Path[] {
  if (!KUSTOMIZATIONS.includes(kindOf(value))) return [];
  const patches = listsNamed(value, 'patches').flatMap(({ item, at }) =>
    isObject(item)
      ? fieldsNamed(item, 'patch').map(({ key, value: patch }) => ({
          patch,
          isOfSecret: fieldsNamed(item, 'target').some(({ value: target }) => kindOf(target) === 'Secret'),
          at: [...at, key],
        }))
      : [],
  );
  const older = listsNamed(value, 'patchesStrategicMerge').map(({ item, at }) => ({
    patch: item,
    isOfSecret: false,
    at,
  }));
  return [...patches, ...older]
    .filter(({ patch, isOfSecret }) => typeof patch === 'string' && isPlainPatch(patch, isOfSecret))
    .map(({ at }) => at);
}

function isPlainPatch(text: string, isOfSecret: boolean): boolean {
  if (!isOfSecret && !text.includes('Secret')) return false;
  try {
    const { values } = parseText(text, 'patch');
    return values.some((patch) =>
      Array.isArray(patch)
        ? isOfSecret && patch.some(setsPlainValue)
        : plainSecretsIn(patch).some(({ plain }) => plain.length > 0),
    );
  } catch (error) {
    // The name of a file, or no YAML.
    if (error instanceof SealedSecretsError) return false;
    throw error;
  }
}

/** Whether an operation of a JSON patch (RFC 6902) sets a value of a Secret in plain text. */
function setsPlainValue(operation: unknown): boolean {
  if (!isObject(operation)) return false;
  const [, field = '', item = ''] = String(fieldOf(operation, 'path')).split('/');
  const value = fieldOf(operation, 'value');
  const values = item === '' ? value : { [item]: value };
  return plainSecretsIn({ kind: 'Secret', [field]: values }).some(({ plain }) => plain.length > 0);
}

function kindOf(value: unknown): unknown {
  return isObject(value) ? fieldOf(value, 'kind') : undefined;
}

function fieldOf(value: object, name: string): unknown {
  return fieldsNamed(value, name)[0]?.value;
}

/** Returns the items of a list in a field, and the ways to them. */
function listsNamed(value: object, name: string): readonly { readonly item: unknown; readonly at: Path }[] {
  return fieldsNamed(value, name).flatMap(({ key, value: list }) =>
    Array.isArray(list) ? list.map((item: unknown, index) => ({ item, at: [key, index] })) : [],
  );
}
