import type { ItemProblem } from '../errors.ts';

/** What a client asks for to be told by `POST /v1/verify` which items do not open; others get an empty body. */
export const VERIFY_TYPE = 'application/vnd.sealedsecrets.verify+json';

/** The code words that such an answer may hold: none tells more than the command line could find out by trying. */
const CODES = ['NoKey', 'NoEnvelope', 'NotAString', 'Template'] as const;
type CodeWord = (typeof CODES)[number];

/** How many problems an answer names: a body of 2 MiB may hold a hundred thousand bad items. */
const MAX_TOLD = 1000;

/** Writes `{"problems":[{"item":"a","code":"NoKey"}]}`, with at most 1,000 problems. */
export function verifyAnswer(problems: readonly ItemProblem[]): string {
  const told = problems.slice(0, MAX_TOLD).flatMap(({ item, code }) => {
    const word = wordOf(code);
    return word === undefined ? [] : [{ item, code: word }];
  });
  return JSON.stringify({ problems: told });
}

/** Undefined: not tried, of which there is nothing to tell. */
function wordOf(code: ItemProblem['code']): CodeWord | undefined {
  switch (code) {
    case 'NotTried':
    case 'TemplatesSkipped':
      return undefined;
    case 'IllegalBase64':
      return 'NoEnvelope';
    // Never asked for here, and no more than that no key opens it under its own name and scope.
    case 'WrongScope':
    case 'WrongPlace':
      return 'NoKey';
    default:
      return code;
  }
}

/**
 * Reads `{"problems":[{"item":"a","code":"NoKey"}]}`; empty where the answer is anything else, as that of a
 * controller that does not know the type.
 */
export function problemsIn(answer: {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}): readonly ItemProblem[] {
  if (!String(answer.headers['content-type']).startsWith(VERIFY_TYPE)) return [];
  try {
    const problems = own(JSON.parse(answer.body.toString('utf8')), 'problems');
    return Array.isArray(problems) ? problems.flatMap((problem) => problemOf(problem)) : [];
  } catch {
    return [];
  }
}

function problemOf(value: unknown): ItemProblem[] {
  const item = own(value, 'item');
  const code = CODES.find((word) => word === own(value, 'code'));
  if (typeof item !== 'string' || code === undefined) return [];
  return code === 'Template' ? [{ code, item, told: 'the template cannot be parsed' }] : [{ code, item }];
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
