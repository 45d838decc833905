import type { SealedSecret } from '../shared/api/sealed-secret.ts';
import type { ControllerResponse, ControllerProxy } from '../shared/kubernetes/api/controller-proxy.ts';
import type { ItemProblem } from '../shared/errors.ts';
import type { Document } from '../shared/manifest/read.ts';
import { problemsIn, VERIFY_TYPE } from '../shared/seal/verify-answer.ts';
import type { CliContext } from './context.ts';
import { askPatiently } from './controller.ts';

/** The controller's answer to `POST /v1/verify`, and the problems it names; none unless the status is 409. */
export interface Verified {
  readonly answer: ControllerResponse;
  readonly problems: readonly ItemProblem[];
}

/**
 * Asks the controller whether it can unseal an object. Of a template that does not parse, the controller says no more
 * than that; its cause depends on the text alone and is found here. Throws `ControllerRefused`.
 */
export async function verify(
  { value }: Document,
  sealed: SealedSecret,
  controller: ControllerProxy,
  { clock }: CliContext,
): Promise<Verified> {
  const answer = await askPatiently(
    controller,
    { method: 'POST', path: '/v1/verify', accept: `${VERIFY_TYPE}, */*`, body: JSON.stringify(value) },
    clock,
  );
  if (answer.status !== 409) return { answer, problems: [] };
  return { answer, problems: await withCauses(problemsIn(answer), sealed) };
}

async function withCauses(
  problems: readonly ItemProblem[],
  { template }: SealedSecret,
): Promise<readonly ItemProblem[]> {
  if (!problems.some(({ code }) => code === 'Template')) return problems;
  const { parseProblems } = await import('../shared/seal/templates.ts');
  const causes = new Map(parseProblems(template.data).map((problem) => [problem.item, problem]));
  return problems.map((problem) =>
    problem.code === 'Template' ? (causes.get(problem.item) ?? problem) : problem,
  );
}
