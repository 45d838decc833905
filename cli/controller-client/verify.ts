import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { ControllerResponse } from './controller-proxy.ts';
import type { ItemProblem } from '../../shared/seal/item-problem.ts';
import type { Document } from '../../shared/manifest/read.ts';
import { problemsIn, VERIFY_TYPE } from '../../shared/seal/verify-answer.ts';
import type { ControllerAccess } from './client.ts';

/** The controller's response to `POST /v1/verify`, and the problems in it; empty unless the status is 409. */
export interface Verification {
  readonly response: ControllerResponse;
  readonly problems: readonly ItemProblem[];
}

/**
 * Asks the controller whether it can unseal an object. If a template does not parse, the controller says only that; the
 * cause depends on the text alone, so it is found here. Throws `ControllerRefused`.
 */
export async function verify(
  { value }: Document,
  sealed: SealedSecret,
  controller: ControllerAccess,
): Promise<Verification> {
  const response = await controller.request({
    method: 'POST',
    path: '/v1/verify',
    accept: `${VERIFY_TYPE}, */*`,
    body: JSON.stringify(value),
  });
  if (response.status !== 409) return { response, problems: [] };
  return { response, problems: await withTemplateErrors(problemsIn(response), sealed) };
}

async function withTemplateErrors(
  problems: readonly ItemProblem[],
  { template }: SealedSecret,
): Promise<readonly ItemProblem[]> {
  if (!problems.some(({ code }) => code === 'Template')) return problems;
  const { parseProblems } = await import('../../shared/seal/templates.ts');
  const causes = new Map(parseProblems(template.data).map((problem) => [problem.item, problem]));
  return problems.map((problem) =>
    problem.code === 'Template' ? (causes.get(problem.item) ?? problem) : problem,
  );
}
