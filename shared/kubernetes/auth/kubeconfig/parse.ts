import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { decodeBase64 } from '../../../api/base64.ts';
import { inside, showPlace, type Place } from '../../../api/place.ts';
import { asString, isObject, Reader, wrongType } from '../../../api/reader.ts';
import { fail } from '../../../api/errors.ts';
import { fail as failKubernetes } from '../../errors.ts';
import { readDocuments } from '../../../manifest/read.ts';
import type { Cluster, Context, Exec, Impersonation, Kubeconfig, User } from './types.ts';

/** The cluster extension that holds configuration for exec plugins. */
const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';
/** The fields of a user's `exec`. */
const EXEC_FIELDS = [
  'command',
  'args',
  'env',
  'apiVersion',
  'installHint',
  'provideClusterInfo',
  'interactiveMode',
];
/** The versions in which `interactiveMode` is optional. */
const OLD_EXEC = /^client\.authentication\.k8s\.io\/v1(alpha1|beta1)$/;

/**
 * Parses one kubeconfig, JSON or YAML. An empty file is an empty kubeconfig. Relative paths are resolved against the
 * folder of the file. Throws `SealedSecretsError` with the place of what is wrong, never with the value.
 */
export function parseKubeconfig(bytes: Uint8Array, file: string): Kubeconfig {
  const first = readDocuments(bytes, file)[0];
  if (first === undefined) {
    return { currentContext: '', clusters: new Map(), users: new Map(), contexts: new Map() };
  }
  const reader = fields(first.value, first.place, [
    'apiVersion',
    'kind',
    'current-context',
    'clusters',
    'users',
    'contexts',
  ]);
  const kind = text(reader, 'kind') || 'Config';
  if (kind !== 'Config') fail({ code: 'WrongKind', at: showPlace(first.place), kind, wanted: 'Config' });
  const version = text(reader, 'apiVersion') || 'v1';
  if (version !== 'v1') {
    fail({ code: 'WrongVersion', at: showPlace(first.place), version, wanted: 'v1' });
  }
  const folder = dirname(resolve(file));
  return {
    currentContext: text(reader, 'current-context'),
    clusters: named({ reader, list: 'clusters', field: 'cluster' }, (value, place) =>
      parseCluster(value, place, folder),
    ),
    users: named({ reader, list: 'users', field: 'user' }, (value, place) => parseUser(value, place, file)),
    contexts: named({ reader, list: 'contexts', field: 'context' }, parseContext),
  };
}

/** Reads a list of `{name, FIELD}` as a map by name. Throws `DuplicateField`. */
function named<T>(
  { reader, list, field }: { readonly reader: Reader; readonly list: string; readonly field: string },
  parse: (value: unknown, place: Place) => T,
): Map<string, T> {
  const entries = new Map<string, T>();
  for (const { value, place } of reader.list(list)) {
    const entry = fields(value, place, ['name', field]);
    const name = text(entry, 'name');
    if (entries.has(name)) fail({ code: 'DuplicateField', at: `${showPlace(reader.at(list))}: "${name}"` });
    entries.set(name, parse(entry.value(field) ?? {}, entry.at(field)));
  }
  return entries;
}

function parseCluster(value: unknown, place: Place, folder: string): Cluster {
  const reader = fields(value, place, [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'certificate-authority',
    'certificate-authority-data',
    'proxy-url',
    'disable-compression',
    'extensions',
  ]);
  return {
    server: text(reader, 'server'),
    tlsServerName: text(reader, 'tls-server-name'),
    insecureSkipTlsVerify: reader.boolean('insecure-skip-tls-verify') ?? false,
    certificateAuthority: path(reader, 'certificate-authority', folder),
    certificateAuthorityData: data(reader, 'certificate-authority-data'),
    proxyUrl: text(reader, 'proxy-url'),
    disableCompression: reader.boolean('disable-compression') ?? false,
    execConfig: named({ reader, list: 'extensions', field: 'extension' }, (extension) => extension).get(
      EXEC_EXTENSION,
    ),
  };
}

function parseUser(value: unknown, place: Place, file: string): User {
  const folder = dirname(resolve(file));
  const reader = fields(value, place, [
    'client-certificate',
    'client-certificate-data',
    'client-key',
    'client-key-data',
    'token',
    'tokenFile',
    'username',
    'password',
    'as',
    'as-uid',
    'as-groups',
    'as-user-extra',
    'auth-provider',
    'exec',
  ]);
  return {
    clientCertificate: path(reader, 'client-certificate', folder),
    clientCertificateData: data(reader, 'client-certificate-data'),
    clientKey: path(reader, 'client-key', folder),
    clientKeyData: data(reader, 'client-key-data'),
    token: text(reader, 'token'),
    tokenFile: path(reader, 'tokenFile', folder),
    username: text(reader, 'username'),
    password: text(reader, 'password'),
    impersonate: parseImpersonation(reader),
    authProvider: optional({ reader, name: 'auth-provider', names: ['name', 'config'] }, (provider) => ({
      name: text(provider, 'name'),
      config: provider.stringMap('config'),
      file: resolve(file),
    })),
    exec: optional({ reader, name: 'exec', names: EXEC_FIELDS }, (exec) => parseExec(exec, folder)),
  };
}

function parseImpersonation(user: Reader): Impersonation {
  const extra = new Map<string, readonly string[]>();
  for (const [name, values] of user.entries('as-user-extra')) {
    const place = inside(user.at('as-user-extra'), name);
    if (!Array.isArray(values)) return wrongType(values, place, 'a list');
    extra.set(
      name,
      values.map((value: unknown) => asString(value, place)),
    );
  }
  return { user: text(user, 'as'), uid: text(user, 'as-uid'), groups: user.strings('as-groups'), extra };
}

function parseExec(reader: Reader, folder: string): Exec {
  const command = text(reader, 'command');
  const apiVersion = text(reader, 'apiVersion');
  return {
    command: command.includes(sep) ? absolute(command, folder) : command,
    args: reader.strings('args'),
    env: reader.list('env').map(({ value, place }) => {
      const variable = fields(value, place, ['name', 'value']);
      return { name: text(variable, 'name'), value: text(variable, 'value') };
    }),
    apiVersion,
    installHint: text(reader, 'installHint'),
    provideClusterInfo: reader.boolean('provideClusterInfo') ?? false,
    interactiveMode: text(reader, 'interactiveMode') || (OLD_EXEC.test(apiVersion) ? 'IfAvailable' : ''),
  };
}

function parseContext(value: unknown, place: Place): Context {
  const reader = fields(value, place, ['cluster', 'user', 'namespace']);
  return {
    cluster: text(reader, 'cluster'),
    user: text(reader, 'user'),
    namespace: text(reader, 'namespace'),
  };
}

/** Returns a reader of the named fields. Matches them case-sensitively, as kubectl does in a kubeconfig. */
function fields(value: unknown, place: Place, names: readonly string[]): Reader {
  if (!isObject(value)) return wrongType(value, place, 'an object');
  const known = Object.entries(value).filter(([name]) => names.includes(name));
  return new Reader(Object.fromEntries(known), place);
}

/** Reads an optional object with the given fields. */
function optional<T>(
  {
    reader,
    name,
    names,
  }: { readonly reader: Reader; readonly name: string; readonly names: readonly string[] },
  parse: (reader: Reader) => T,
): T | undefined {
  const value = reader.value(name);
  return value === undefined ? undefined : parse(fields(value, reader.at(name), names));
}

function text(reader: Reader, name: string): string {
  return reader.string(name) ?? '';
}

function path(reader: Reader, name: string, folder: string): string {
  const value = text(reader, name);
  return value === '' ? '' : absolute(value, folder);
}

function absolute(file: string, folder: string): string {
  return isAbsolute(file) ? file : join(folder, file);
}

function data(reader: Reader, name: string): Buffer {
  const decoded = decodeBase64(text(reader, name));
  if (decoded.ok) return Buffer.from(decoded.bytes);
  const problem = `illegal base64 data at input byte ${decoded.offset}`;
  return failKubernetes({ code: 'BadKubeconfig', at: showPlace(reader.at(name)), problem });
}
