import { mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fail as failFile, systemCode, systemReason } from '../../../shared/file-errors.ts';
import { fail } from '../../errors.ts';
import { runProgram, type ProgramOutput } from '../../io/run-program.ts';

/** The most that a build may print. */
const OUTPUT_LIMIT = { bytes: 64 * 1024 * 1024, words: '64 MiB' };

/** How long a build may take, in ms: it may fetch bases from elsewhere. */
const TIME_LIMIT = 300_000;

/** The programs that build kustomizations, in the order in which they are tried. */
const PROGRAMS = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
] as const;

/** What Kustomize built. */
export interface KustomizeOutput {
  /** Each object has an annotation that names its origin. */
  readonly bytes: Buffer;
  /** The folder that the paths of the origins start from. */
  readonly from: string;
}

/**
 * Builds the kustomization of a folder, with the origin of each object. What asks for the origins is a kustomization in a
 * temporary folder. Throws `NoKustomize`, `KustomizeFailed`, `NoSuchFile`, `UnreadableFile` or `TooLarge`.
 */
export async function runKustomize(folder: string, environment: NodeJS.ProcessEnv): Promise<KustomizeOutput> {
  const real = realFolder(folder);
  const overlay = realpathSync(mkdtempSync(join(tmpdir(), 'kubeseal-')));
  try {
    // Kustomize refuses absolute paths.
    const resources = [relative(overlay, real)];
    const kustomization = JSON.stringify({ resources, buildMetadata: ['originAnnotations'] });
    writeFileSync(join(overlay, 'kustomization.yaml'), kustomization);
    for (const [program, verb] of PROGRAMS) {
      const built = await runProgram([program, verb, overlay], {
        env: environment,
        limit: OUTPUT_LIMIT,
        signal: AbortSignal.timeout(TIME_LIMIT),
      });
      if (built === undefined) continue;
      if (built.code === 0) return { bytes: built.stdout, from: overlay };
      return fail({
        code: 'KustomizeFailed',
        folder,
        command: `${program} ${verb}`,
        reason: reasonOf(built),
      });
    }
    return fail({ code: 'NoKustomize' });
  } finally {
    rmSync(overlay, { recursive: true, force: true });
  }
}

function realFolder(folder: string): string {
  try {
    const real = realpathSync(folder);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    const code = systemCode(error);
    if (code === '') throw error;
    return failFile({ code: 'UnreadableFile', path: folder, reason: systemReason(code) });
  }
  return failFile({ code: 'UnreadableFile', path: folder, reason: 'not a folder' });
}

/** What Kustomize says about paths and names. It quotes values in other errors, such as malformed literals. */
const REASONS = [
  // From the start of a word alone: a search from each of its characters takes quadratic time.
  /(?<!\S)\S+: no such file or directory/,
  /unable to find one of 'kustomization\.yaml'.*? in directory '[^']*'/,
  /security; file '[^']*' is not in or below '[^']*'/,
  /unknown field \\?"[^":\\]*/,
  /cycle detected/,
];

/** Returns why a build failed, as far as the words are known to hold no value. */
function reasonOf({ code, stderr }: ProgramOutput): string {
  if (code === null) return 'it was killed, or took too long';
  for (const pattern of REASONS) {
    const [found] = pattern.exec(stderr.slice(0, 64 * 1024)) ?? [];
    if (found !== undefined) return found.replaceAll(/[\\"]/g, '');
  }
  return 'its message may quote a value';
}
