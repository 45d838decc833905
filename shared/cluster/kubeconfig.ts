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
  const server = config.getCurrentCluster()?.server;
  if (!server || !URL.canParse(server)) {
    return fail({
      code: 'BadKubeconfig',
      at,
      problem: `the context "${name}" has no cluster with a server URL`,
    });
  }
  return {
    server: server.replace(/\/+$/, ''),
    namespace: context.namespace ?? undefined,
    access: () => access(config, at),
  };
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
        merged.mergeConfig(next, Boolean(merged.getCurrentContext()));
      }
    } catch {
      // The library's message may quote the file, and the file holds credentials.
      return fail({
        code: 'BadKubeconfig',
        at: file,
        problem: 'this is not a kubeconfig, or it contradicts another one',
      });
    }
  }
  return merged;
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
