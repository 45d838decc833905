import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { showPlace, type Place } from '../../shared/api/place.ts';
import { isObject, Reader } from '../../shared/api/reader.ts';
import { parseSavedSecret, type Secret } from '../../shared/api/secret.ts';
import { formatTime } from '../../shared/clock.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { readDocuments, type Document } from '../../shared/manifest/read.ts';
import { secretJson, type JsonObject } from '../../shared/manifest/write.ts';
import { formatYaml } from '../../shared/manifest/yaml-write.ts';
import { isFromSealedSecret, keyLabelOf } from '../../shared/seal/stored-key.ts';
import type { CliContext } from '../context.ts';
import { fail } from './errors.ts';

/** A key Secret of a backup. */
export interface BackupSecret {
  readonly secret: Secret;
  readonly place: Place;
}

/**
 * Returns the content of a backup: a List of the Secrets as `kubectl get secrets -o yaml` prints it and `kubectl apply`
 * takes it, without the fields of the API server but the time of creation, which orders keys.
 */
export function formatBackup(secrets: readonly Secret[]): string {
  return formatYaml({ apiVersion: 'v1', kind: 'List', items: secrets.map(savedJson) });
}

function savedJson(secret: Secret): JsonObject {
  const { metadata, ...rest } = secretJson(secret);
  const { created } = secret.metadata.server;
  const creationTimestamp = created && formatTime(created);
  return { ...rest, metadata: { ...metadata, creationTimestamp } };
}

/**
 * Reads the key Secrets of a backup, or of a file that kubectl saved. Warns of Secrets that the controller would not use
 * as keys. Throws `NotABackup` for anything that is not made of Secrets with names. Errors never quote it.
 *
 * @param at the file, for messages
 */
export function parseBackup(bytes: Buffer, at: string, context: CliContext): readonly BackupSecret[] {
  const secrets = documentsIn(bytes, at).map(({ value, place }): BackupSecret => {
    const kind: unknown = isObject(value) ? new Reader(value, place).value('kind') : undefined;
    if (kind !== 'Secret') fail({ code: 'NotABackup', at: showPlace(place), problem: 'expected a Secret' });
    const secret = parseSavedSecret(value, place);
    if (secret.metadata.name === '')
      fail({ code: 'NotABackup', at: showPlace(place), problem: 'the Secret has no name' });
    return { secret, place };
  });
  const keys = secrets.filter(({ secret }) => isKey(secret, at, context));
  return keys.length > 0 ? keys : fail({ code: 'NotABackup', at, problem: 'it holds no sealing key' });
}

function isKey(secret: Secret, at: string, context: CliContext): boolean {
  const { name } = secret.metadata;
  const problem =
    keyLabelOf(secret.metadata) === undefined ? NO_LABEL : isFromSealedSecret(secret) ? MADE : undefined;
  if (problem !== undefined) context.warn(`(${at}: left out the Secret ${name}: ${problem})`);
  return problem === undefined;
}

const NO_LABEL = `it has no label ${SEALING_KEY_LABEL}`;
const MADE = 'a SealedSecret made it, and no controller uses it as a key';

function documentsIn(bytes: Buffer, at: string): readonly Document[] {
  try {
    return readDocuments(bytes, at);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return fail({ code: 'NotABackup', at, problem: 'it is neither an age file nor YAML or JSON' });
  }
}
