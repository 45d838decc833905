import { showPath } from '../../../shared/api/place.ts';
import { joined } from '../../../shared/text.ts';
import { plainLiterals, plainPatches } from '../kustomization-secrets.ts';
import type { ObjectRule } from '../object.ts';
import { plainSecretsIn, plainValuesIn, type Path, type PlainSecret } from '../plaintext.ts';
import type { Problem } from '../problem.ts';

const CHANGE = 'change the values, which stay in the history';

/**
 * S001: Secrets with values in plain text, in objects of any kind, and in the generators and patches of Kustomize. One
 * problem for each value, so that a comment ignores one of them and no other.
 */
export const plaintextSecret: ObjectRule = ({ value, kind, place }, { file, plainFiles }) => [
  ...plainSecretsIn(value).flatMap((secret) => {
    const isWholeFile = place.document === undefined && !place.path?.length && secret.at.length === 0;
    return secretProblems(secret, isWholeFile ? sealAdvice(file) : MOVE_ADVICE);
  }),
  ...(kind === 'SealedSecret' ? plainValuesIn(value) : []).flatMap(valueProblems),
  ...plainLiterals(value).map(literalProblem),
  ...plainFiles.map(fileProblem),
  ...plainPatches(value).map(patchProblem),
];

function secretProblems({ at, plain, placeholders }: PlainSecret, advice: string): readonly Problem[] {
  const where = at.length === 0 ? '' : ` in the Secret at ${showPath(at)}`;
  const [first] = placeholders;
  if (plain.length === 0 && first !== undefined)
    return [
      {
        rule: 'S001',
        severity: 'note',
        at: [...at, ...first],
        message: `placeholders${where}: ${joined(placeholders.map(showPath))}`,
        advice: 'make sure that the tool that fills them in never writes the result to Git',
      },
    ];
  return plain.map((path) => ({
    rule: 'S001',
    at: [...at, ...path],
    message: `plain text${where}: ${showPath(path)}`,
    advice,
  }));
}

/** A name that needs no quotes in a shell, of a file that can be replaced by what is sealed. */
const SIMPLE = /^(?!-)[\w./-]+\.(?:ya?ml|json)$/;

function sealAdvice(file: string): string {
  const command = SIMPLE.test(file) ? `kubeseal -f ${file} -w ${file}` : 'kubeseal -f FILE -w SEALED-FILE';
  return `seal it with "${command}", and ${CHANGE}`;
}

const MOVE_ADVICE = `move the Secret to a file of its own, seal it with "kubeseal -f FILE -w SEALED-FILE", and ${CHANGE}`;

function valueProblems({ at, plain }: PlainSecret): readonly Problem[] {
  return plain.map((path) => ({
    rule: 'S001',
    at: [...at, ...path],
    message: `plain text in a SealedSecret: ${showPath([...at, ...path])}`,
    advice: `remove it, seal the value with "kubeseal set", and ${CHANGE}`,
  }));
}

function literalProblem(at: Path): Problem {
  return {
    rule: 'S001',
    severity: 'warning',
    at,
    message: `plain text in a generator of Secrets: ${showPath(at)}`,
    advice: `seal the values with "kubeseal create generic", and ${CHANGE}`,
  };
}

function fileProblem(at: Path): Problem {
  return {
    rule: 'S001',
    severity: 'warning',
    at,
    message: `a generator of Secrets reads a file in plain text: ${showPath(at)}`,
    advice: `keep the file out of Git, seal its values with "kubeseal create generic", and ${CHANGE}`,
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
