import type { Metadata } from '../../../shared/api/metadata.ts';
import { Api, type Listed } from '../../../shared/kubernetes/api/api.ts';
import { connect } from '../../../shared/kubernetes/auth/connect.ts';
import { NAMESPACE_METADATA } from '../../../shared/kubernetes/api/kinds.ts';
import { Transport } from '../../../shared/kubernetes/http/transport.ts';
import { Deadline } from '../../../shared/clock.ts';
import { loadKubeconfig } from '../../../shared/kubernetes/auth/kubeconfig/load.ts';
import type { Overrides } from '../../../shared/kubernetes/auth/kubeconfig/types.ts';
import { readCommandLine } from '../command-line.ts';
import type { CliContext } from '../../context.ts';
import { optionsOf } from '../options.ts';
import type { Names } from './complete.ts';

/** Nobody waits longer for a prompt, in milliseconds. */
const TIME_LIMIT = 2_000;

/** At most this many namespaces are kept. */
const MAX_NAMES = 10_000;
/** RFC 1123: a server that answers other names is broken, or hostile. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The names that the user's kubeconfig and cluster know. Whatever is wrong, a shell gets none and no message. */
export function clusterNames({ environment, clock }: CliContext): Names {
  const overrides = (words: readonly string[]): Overrides =>
    optionsOf(readCommandLine(words, environment, 'kubeseal')).cluster;
  return {
    contexts: (words) =>
      orNone(async () => {
        const { config } = await loadKubeconfig(overrides(words).kubeconfig, environment);
        return [...config.contexts.keys()].sort();
      }),
    namespaces: (words) =>
      orNone(async () => {
        const api = new Api(new Transport(await connect(overrides(words), environment, clock)));
        const deadline = new Deadline(TIME_LIMIT);
        try {
          const names: string[] = [];
          const visit = (item: Listed<Metadata>): void => {
            if (item.ok && names.length < MAX_NAMES && NAMESPACE.test(item.object.name))
              names.push(item.object.name);
          };
          await api.list(NAMESPACE_METADATA, {}, visit, { signal: deadline.signal });
          return names;
        } finally {
          deadline.clear();
          api.transport.close();
        }
      }),
  };
}

async function orNone(names: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await names();
  } catch {
    return [];
  }
}
