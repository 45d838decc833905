import { eachTarget } from '../../clusters/each-target.ts';
import { refreshableClusters } from '../../clusters/refreshable.ts';
import { refreshCertificate } from '../../clusters/refresh.ts';
import { clusterNamed } from '../../config/cluster-of.ts';
import { fail as failConfig } from '../../config/errors.ts';
import { findConfig } from '../../config/find-config.ts';
import type { CliContext } from '../../context.ts';
import { controllerOptions, type ControllerOptions } from '../../flags/options.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { usageError } from '../../flags/usage-error.ts';
import { writeStdout } from '../../io/output.ts';
import { defineCommand } from '../command.ts';

interface CertsUpdateOptions extends ControllerOptions {
  readonly command: 'certs update';
  /** The text of `--config`; undefined to search. */
  readonly config: string | undefined;
  /** The names of clusters; all of `.kubeseal.yaml` if there are none. */
  readonly names: readonly string[];
  /** The context of `--context`, in place of that of the cluster. */
  readonly ownContext: string | undefined;
  /** Whether to write nothing, and to fail if something is due. */
  readonly check: boolean;
}

/** `certs update`: refreshes the certificate files of `.kubeseal.yaml` from their clusters. */
export const certsUpdate = defineCommand<CertsUpdateOptions>({ name: 'certs update', options, run });

function options(flags: ParsedFlags): CertsUpdateOptions {
  const names = [...new Set(flags.words)];
  const shared = controllerOptions(flags);
  const ownContext = flags.typed('context') ? shared.cluster.context : undefined;
  if (ownContext !== undefined && names.length !== 1)
    usageError('certs update: --context is for one cluster: kubeseal certs update NAME --context CONTEXT');
  return {
    command: 'certs update',
    ...shared,
    config: flags.text('config'),
    names,
    ownContext,
    check: flags.on('check'),
  };
}

/** Tries all clusters, also after a failure. Returns 1 with `--check` if something is due. */
async function run(options: CertsUpdateOptions, context: CliContext): Promise<number> {
  const { names, check, ownContext } = options;
  const config =
    (await findConfig(undefined, options, context)) ?? failConfig({ code: 'NoConfig', why: 'certs update' });
  const named = names.length === 0 ? config.clusters : names.map((name) => clusterNamed(config, name));
  const clusters = refreshableClusters(named, { ownContext, at: config.file }, context);
  const due = await eachTarget(clusters, async (target) => {
    const own = { ...context, warn: (line: string): void => context.warn(prefixed(target.cluster, line)) };
    const { line, isDue } = await refreshCertificate(target, { check, options }, own);
    await writeStdout(`${target.cluster}: ${line}\n`);
    return isDue;
  });
  return check && due.includes(true) ? 1 : 0;
}

/** Returns a warning with the name of its cluster. */
function prefixed(cluster: string, line: string): string {
  return line.replace(/^(warning: |note: )?/, (severity) => `${severity}${cluster}: `);
}
