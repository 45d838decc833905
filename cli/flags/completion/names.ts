import type { Metadata } from '../../../shared/api/metadata.ts';
import { Api, type Listed } from '../../../shared/kubernetes/api/api.ts';
import { connect } from '../../../shared/kubernetes/auth/connect.ts';
import { NAMESPACE_METADATA } from '../../../shared/kubernetes/api/kinds.ts';
import { Transport } from '../../../shared/kubernetes/http/transport.ts';
import { Deadline } from '../../../shared/clock.ts';
import { loadKubeconfig } from '../../../shared/kubernetes/auth/kubeconfig/load.ts';
import type { Overrides } from '../../../shared/kubernetes/auth/kubeconfig/types.ts';
import type { CliContext } from '../../context.ts';
import { overridesOf } from '../options.ts';
import { parseCommandLine } from '../parse.ts';
import { ParsedFlags } from '../parsed-flags.ts';
import type { NameSource } from './complete.ts';

/** How long the shell may wait for names from the cluster, in ms. */
const TIME_LIMIT = 2_000;

/** The most namespaces to keep. */
const MAX_NAMES = 10_000;
/** A label of RFC 1123: a server that returns other names is broken or hostile. */
const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Reads names from the user's kubeconfig and cluster. On any error, there are no names and no message. */
export function clusterNames({ environment, clock }: CliContext): Omit<NameSource, 'items' | 'clusters'> {
  const overrides = (words: readonly string[]): Overrides =>
    overridesOf(new ParsedFlags(parseCommandLine(words), environment));
  return {
    contexts: (words) =>
      emptyOnError(async () => {
        const { config } = await loadKubeconfig(overrides(words).kubeconfig, environment);
        return [...config.contexts.keys()].sort();
      }),
    namespaces: (words) =>
      emptyOnError(async () => {
        const api = new Api(new Transport(await connect(overrides(words), environment, { clock })));
        const deadline = new Deadline(TIME_LIMIT);
        try {
          const names: string[] = [];
          const visit = (item: Listed<Metadata>): void => {
            if (item.ok && names.length < MAX_NAMES && NAMESPACE.test(item.object.name))
              names.push(item.object.name);
          };
          await api.list(NAMESPACE_METADATA, { signal: deadline.signal }, visit);
          return names;
        } finally {
          deadline.clear();
          api.transport.close();
        }
      }),
  };
}

async function emptyOnError(names: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await names();
  } catch {
    return [];
  }
}
