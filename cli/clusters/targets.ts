import { configured, type ConfigurableOptions, type Wanted } from '../config/configured.ts';
import type { CliContext } from '../context.ts';
import type { CertificateOptions, KeyOptions } from '../flags/options.ts';
import { certificateSource, type CertificateToUse } from '../sealing/certificate.ts';
import { eachTarget } from './each-target.ts';
import type { ToOptions } from './options.ts';

/** A file that a command writes, and the options to seal for its cluster. */
export interface Target<Options> {
  /** The cluster of `--to`; undefined without it. */
  readonly cluster: string | undefined;
  /** Undefined for stdin or stdout. */
  readonly file: string | undefined;
  readonly options: Options;
}

/** A target with its certificate. */
export interface CertifiedTarget<Options> extends Target<Options>, CertificateToUse {}

/** The options that differ between clusters. */
export interface TargetOptions
  extends
    CertificateOptions,
    ToOptions,
    Pick<ConfigurableOptions, 'record' | 'fromCluster'>,
    Partial<KeyOptions> {}

/** What a command wants of its targets. */
export interface WantedTargets extends Wanted {
  /** The file without `--split`; undefined for stdin or stdout. */
  readonly file: string | undefined;
  /** The file whose `.kubeseal.yaml` counts without `--split`; undefined for that of the working folder. */
  readonly path: string | undefined;
}

/**
 * Returns one target for each cluster of `--to`, and without it one target for the cluster that `.kubeseal.yaml` gives the
 * file. Throws as `configured` and `clusterTargets` do.
 */
export async function targetsOf<O extends TargetOptions>(
  options: O,
  wanted: WantedTargets,
  context: CliContext,
): Promise<readonly Target<O>[]> {
  const { file, path, needs } = wanted;
  if (options.to.length === 0) {
    const own = await configured(options, { path, needs }, context);
    return [{ cluster: undefined, file, options: own }];
  }
  const { clusterTargets } = await import('./cluster-targets.ts');
  return clusterTargets(options, wanted, context);
}

/** Returns the targets of `targetsOf` with their certificates. Throws as `certificateSource` does, for each cluster. */
export async function certifiedTargets<O extends TargetOptions>(
  options: O,
  wanted: Omit<WantedTargets, 'needs'>,
  context: CliContext,
): Promise<readonly CertifiedTarget<O>[]> {
  return eachTarget(
    await targetsOf(options, { ...wanted, needs: 'certificate' }, context),
    async (target) => ({ ...target, ...(await certificateSource(target.options, context)) }),
  );
}
