import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { fail } from '../errors.ts';
import type { Access, Connection, Tls } from './connection.ts';

export interface KubeconfigOptions {
  /** A file that must be there; else `KUBECONFIG`, else `~/.kube/config`. */
  readonly file?: string | undefined;
  /** A context other than the current one. */
  readonly context?: string | undefined;
}

/** The connection that a kubeconfig describes, or null where there is no kubeconfig. Throws `BadKubeconfig`. */
export async function kubeconfigConnection(
  options: KubeconfigOptions,
  environment: NodeJS.ProcessEnv,
): Promise<Connection | null> {
  const files = kubeconfigFiles(options, environment);
  if (files.length === 0) return null;
  const at = files.join(delimiter);
  const config = await load(files);

  const name = options.context ?? config.getCurrentContext();
  if (!name) fail({ code: 'BadKubeconfig', at, problem: 'no current-context: choose one with --context' });
  const context = config.getContextObject(name);
  if (!context) fail({ code: 'BadKubeconfig', at, problem: `there is no context "${name}"` });
  config.setCurrentContext(name);
  const cluster = config.getCurrentCluster();
  const server = cluster?.server;
  if (cluster?.proxyUrl) {
    fail({
      code: 'BadKubeconfig',
      at,
      problem: `the cluster of "${name}" has a proxy-url, which is not supported yet`,
    });
  }
  if (!server || !URL.canParse(server)) {
    return fail({
      code: 'BadKubeconfig',
      at,
      problem: `the context "${name}" has no cluster with a server URL`,
    });
  }
  return {
    server: baseUrl(server),
    namespace: context.namespace ?? undefined,
    access: () => access(config, at),
  };
}

/** Without user and password, which kubectl ignores too, and which are not to be shown. */
function baseUrl(server: string): string {
  const { origin, pathname } = new URL(server);
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

function kubeconfigFiles(options: KubeconfigOptions, environment: NodeJS.ProcessEnv): string[] {
  if (options.file !== undefined) {
    return existsSync(options.file) ? [options.file] : fail({ code: 'NoSuchFile', path: options.file });
  }
  const listed = environment['KUBECONFIG'];
  const files = listed ? listed.split(delimiter) : [join(homedir(), '.kube', 'config')];
  return files.filter((file) => file !== '' && existsSync(file));
}

/** As kubectl merges them: the first file that names something wins. */
async function load(files: readonly string[]): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const merged = new KubeConfig();
  for (const [index, file] of files.entries()) {
    try {
      if (index === 0) {
        merged.loadFromFile(file);
      } else {
        const next = new KubeConfig();
        next.loadFromFile(file);
        merge(merged, next);
      }
    } catch {
      // The library's message may quote the file, and the file holds credentials.
      return fail({
        code: 'BadKubeconfig',
        at: file,
        problem: 'this is not a kubeconfig',
      });
    }
  }
  // The library wants to be told that there is no TLS to verify, as with `kubectl proxy`.
  merged.clusters = merged.clusters.map((cluster) =>
    cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster,
  );
  return merged;
}

/** The library's own merge refuses a name that both have. */
function merge(into: KubeConfig, next: KubeConfig): void {
  const isNew = (known: readonly { readonly name: string }[]) => (entry: { readonly name: string }) =>
    !known.some(({ name }) => name === entry.name);
  into.clusters = [...into.clusters, ...next.clusters.filter(isNew(into.clusters))];
  into.users = [...into.users, ...next.users.filter(isNew(into.users))];
  into.contexts = [...into.contexts, ...next.contexts.filter(isNew(into.contexts))];
  into.currentContext ||= next.currentContext;
}

async function access(config: KubeConfig, at: string): Promise<Access> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch {
    return fail({ code: 'BadKubeconfig', at, problem: 'the credentials of this context cannot be had' });
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (typeof value === 'string') headers[name.toLowerCase()] = value;
  }
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return { tls: tlsOf(options), headers };
}

function tlsOf(options: RequestOptions): Tls {
  return {
    ...pem('ca', options.ca),
    ...pem('cert', options.cert),
    ...pem('key', options.key),
    ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }),
    ...(options.servername === undefined ? {} : { servername: options.servername }),
    ...(options.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: options.rejectUnauthorized }),
  };
}

function pem(name: 'ca' | 'cert' | 'key', value: unknown): Tls {
  return typeof value === 'string' || Buffer.isBuffer(value) ? { [name]: value } : {};
}
