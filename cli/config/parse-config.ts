import { showPlace } from '../../shared/api/place.ts';
import type { Reader } from '../../shared/api/reader.ts';
import { decodeText, parseText } from '../../shared/manifest/read.ts';
import { isWider, SCOPES, type Scope } from '../../shared/seal/scope.ts';
import type { RepositoryConfig } from './config.ts';
import { fail } from './errors.ts';
import { choiceOf, namedEntries, strictReader } from './fields.ts';
import { parseClusters } from './parse-cluster.ts';
import { parseLint } from './parse-lint.ts';
import { PatternReader } from './patterns.ts';

const FIELDS = ['clusters', 'scope', 'maxScope', 'record', 'lint'];

/** A file with a configuration. */
interface ConfigFile {
  /** The file as messages name it. */
  readonly file: string;
  /** The folder of the file, absolute and without symbolic links. */
  readonly folder: string;
}

/**
 * Parses a `.kubeseal.yaml`. A file without content is a configuration that changes nothing. Throws the failures of
 * `errors.ts`, `WrongType`, and those of reading YAML.
 */
export function parseConfig(bytes: Uint8Array, { file, folder }: ConfigFile): RepositoryConfig {
  const { values } = parseText(decodeText(bytes, file), file);
  const [value = {}, ...more] = values.filter((each) => each !== null);
  if (more.length > 0) fail({ code: 'NotOneDocument', at: file, count: more.length + 1 });
  const reader = strictReader(value, { source: file }, FIELDS);
  const patterns = new PatternReader();
  const clusters = parseClusters(namedEntries(reader, 'clusters'), { folder, patterns });
  const scope = scopeField(reader, 'scope');
  const maxScope = scopeField(reader, 'maxScope');
  if (scope !== undefined && maxScope !== undefined && isWider(scope, maxScope))
    fail({ code: 'ScopeAboveMax', at: showPlace(reader.at('scope')), scope, maxScope });
  const record = reader.boolean('record') ?? false;
  return { file, folder, clusters, scope, maxScope, record, lint: parseLint(reader, patterns) };
}

function scopeField(reader: Reader, field: string): Scope | undefined {
  const value = reader.value(field);
  return value === undefined ? undefined : choiceOf(value, reader.at(field), SCOPES);
}
