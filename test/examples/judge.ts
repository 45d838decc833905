/** The program in `health/`, which judges objects by the script that Argo CD publishes and by kstatus, as Flux does. */
import { stringAt } from '../control-plane/admin-client.ts';
import { goProgram } from '../support/go-program.ts';
import { run } from '../support/run.ts';
import { healthScript } from './published.ts';

const program = goProgram('examples/health', 'examples/judge');

/** What the two tools make of an object. */
export interface Verdict {
  /** The health in Argo CD, such as `Degraded`. */
  readonly argo: string;
  /** The message that Argo CD shows with it. */
  readonly message: string;
  /** The status in Flux, such as `InProgress`. */
  readonly kstatus: string;
}

/** Builds the program. Rejects when there is no Go, or its modules cannot be had. */
export const buildJudge = program.build;

/** Returns the verdicts on SealedSecrets as the API server returns them, in the same order. */
export async function judge(...objects: readonly unknown[]): Promise<readonly Verdict[]> {
  return judgeBy(await healthScript(), ...objects);
}

/** Returns the verdicts on objects by another script for Argo CD, which is at this path. */
export async function judgeBy(script: string, ...objects: readonly unknown[]): Promise<readonly Verdict[]> {
  const stdin = objects.map((object) => `${JSON.stringify(object)}\n`).join('');
  const ran = await run(program.path, [script], { stdin });
  if (ran.code !== 0) throw new Error(ran.stderr);
  return ran.stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const verdict: unknown = JSON.parse(line);
      const [argo, message, kstatus] = (['argo', 'message', 'kstatus'] as const).map((field) =>
        stringAt(verdict, field),
      );
      return { argo: argo ?? '', message: message ?? '', kstatus: kstatus ?? '' };
    });
}
