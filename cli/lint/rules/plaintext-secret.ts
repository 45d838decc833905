import { showPath } from '../../../shared/api/place.ts';
import { joined } from '../../../shared/text.ts';
import type { ObjectRule } from '../object.ts';
import { isPlaceholder } from '../placeholders.ts';
import { fieldsNamed, mapsIn, plainSecretsIn, type Path, type PlainSecret } from '../plaintext.ts';
import type { Problem } from '../problem.ts';

const ADVICE =
  'seal it with "kubeseal -f FILE -w SEALED-FILE", delete it here, and change the values, which stay in the history';

/**
 * S001: Secrets with values in plain text, in objects of any kind, and literals of Kustomize's generators. One problem
 * for each Secret.
 */
export const plaintextSecret: ObjectRule = ({ value }) => [
  ...plainSecretsIn(value).map(secretProblem),
  ...generatorProblems(value),
];

function secretProblem({ at, plain, placeholders }: PlainSecret): Problem {
  const [first = [], ...others] = plain.length > 0 ? plain : placeholders;
  const names = joined([first, ...others].map(showPath));
  const where = at.length === 0 ? '' : ` in the Secret at ${showPath(at)}`;
  const isPlain = plain.length > 0;
  return {
    rule: 'S001',
    ...(isPlain ? {} : { severity: 'note' }),
    at: [...at, ...first],
    message: isPlain ? `plain text${where}: ${names}` : `placeholders${where}: ${names}`,
    advice: isPlain ? ADVICE : 'make sure that the tool that fills them in never writes the result to Git',
  };
}

/** Kustomize does not require the kind of a kustomization. `SecretGenerator` is a built-in plugin. */
const KUSTOMIZATIONS: readonly unknown[] = ['Kustomization', 'Component', undefined];

function generatorProblems(value: object): readonly Problem[] {
  return generatorsIn(value).flatMap(({ generator, at }) => {
    const literals = fieldsNamed(generator, 'literals').flatMap(({ key, value: list }) =>
      Array.isArray(list)
        ? list.map((literal: unknown, index) => ({ literal, path: [...at, key, index] }))
        : [],
    );
    const [first, ...more] = literals.filter(({ literal }) => isPlainLiteral(literal));
    if (first === undefined) return [];
    return [
      {
        rule: 'S001',
        severity: 'warning',
        at: first.path,
        message: `plain text in a generator of Secrets: ${joined([first, ...more].map(({ path }) => showPath(path)))}`,
        advice: 'seal the values with "kubeseal create generic", delete them here, and change them',
      },
    ];
  });
}

function generatorsIn(value: object): readonly { readonly generator: object; readonly at: Path }[] {
  const kind: unknown = fieldsNamed(value, 'kind')[0]?.value;
  if (kind === 'SecretGenerator') return [{ generator: value, at: [] }];
  if (!KUSTOMIZATIONS.includes(kind)) return [];
  return mapsIn(value)
    .filter(({ at: [field, ...rest] }) => field === 'secretGenerator' && rest.length === 1)
    .map(({ object, at }) => ({ generator: object, at }));
}

/** A literal is `KEY=VALUE`; the value can have quotes. */
function isPlainLiteral(literal: unknown): boolean {
  if (typeof literal !== 'string') return false;
  const value = literal.slice(literal.indexOf('=') + 1).replace(/^(["'])(.*)\1$/su, '$2');
  return literal.includes('=') && value.trim() !== '' && !isPlaceholder(value);
}
