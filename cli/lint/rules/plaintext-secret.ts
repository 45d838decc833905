import { showPath } from '../../../shared/api/place.ts';
import { joined } from '../../../shared/text.ts';
import { plainLiterals, plainPatches } from '../kustomization-secrets.ts';
import type { ObjectRule } from '../object.ts';
import { plainSecretsIn, type Path, type PlainSecret } from '../plaintext.ts';
import type { Problem } from '../problem.ts';

const CHANGE = 'change the values, which stay in the history';

/**
 * S001: Secrets with values in plain text, in objects of any kind, and in the generators and patches of Kustomize. One
 * problem for each Secret.
 */
export const plaintextSecret: ObjectRule = ({ value }, { file }) => [
  ...plainSecretsIn(value).map((secret) => secretProblem(secret, file)),
  ...plainLiterals(value).map(literalProblem),
  ...plainPatches(value).map(patchProblem),
];

function secretProblem({ at, plain, placeholders }: PlainSecret, file: string): Problem {
  const [first = [], ...others] = plain.length > 0 ? plain : placeholders;
  const names = joined([first, ...others].map(showPath));
  const where = at.length === 0 ? '' : ` in the Secret at ${showPath(at)}`;
  const isPlain = plain.length > 0;
  return {
    rule: 'S001',
    ...(isPlain ? {} : { severity: 'note' }),
    at: [...at, ...first],
    message: isPlain ? `plain text${where}: ${names}` : `placeholders${where}: ${names}`,
    advice: isPlain
      ? `seal it with "${sealCommand(file)}", and ${CHANGE}`
      : 'make sure that the tool that fills them in never writes the result to Git',
  };
}

/** A name that needs no quotes in a shell, of a file that can be replaced by what is sealed. */
const SIMPLE = /^(?!-)[\w./-]+\.(?:ya?ml|json)$/;

function sealCommand(file: string): string {
  return SIMPLE.test(file) ? `kubeseal -f ${file} -w ${file}` : 'kubeseal -f FILE -w SEALED-FILE';
}

function literalProblem(literals: readonly Path[]): Problem {
  const [first = []] = literals;
  return {
    rule: 'S001',
    severity: 'warning',
    at: first,
    message: `plain text in a generator of Secrets: ${joined(literals.map(showPath))}`,
    advice: `seal the values with "kubeseal create generic", and ${CHANGE}`,
  };
}

function patchProblem(at: Path): Problem {
  return {
    rule: 'S001',
    at,
    message: `plain text in a patch of a Secret: ${showPath(at)}`,
    advice: `seal the values with "kubeseal set", and ${CHANGE}`,
  };
}
