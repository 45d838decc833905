import type { ItemProblem } from './item-problem.ts';

/** The media type that a client accepts to learn from `POST /v1/verify` which items do not open. */
export const VERIFY_TYPE = 'application/vnd.sealedsecrets.verify+json';

/** The codes in a response. None reveals more than a client could find out by trying. */
const CODES = ['NoKey', 'NoEnvelope', 'NotAString', 'Template'] as const;
type CodeWord = (typeof CODES)[number];

/** The most problems in a response: a request of 2 MiB may hold a hundred thousand bad items. */
const MAX_PROBLEMS = 1000;

/** Formats a response such as `{"problems":[{"item":"a","code":"NoKey"}]}`, with at most 1,000 problems. */
export function verifyAnswer(problems: readonly ItemProblem[]): string {
  const shown = problems.slice(0, MAX_PROBLEMS).flatMap(({ item, code }) => {
    const word = wordOf(code);
    return word === undefined ? [] : [{ item, code: word }];
  });
  return JSON.stringify({ problems: shown });
}

/** Returns the code to send; undefined for items that were not tried. */
function wordOf(code: ItemProblem['code']): CodeWord | undefined {
  switch (code) {
    case 'NotTried':
    case 'TemplatesSkipped':
      return undefined;
    case 'IllegalBase64':
      return 'NoEnvelope';
    // The server does not look for these causes: no key opens the item under its own name and scope.
    case 'WrongScope':
    case 'WrongPlace':
      return 'NoKey';
    default:
      return code;
  }
}

/**
 * Parses a response such as `{"problems":[{"item":"a","code":"NoKey"}]}`. Returns no problems for any other response,
 * such as that of a controller that does not know the media type.
 */
export function problemsIn(response: {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}): readonly ItemProblem[] {
  if (!String(response.headers['content-type']).startsWith(VERIFY_TYPE)) return [];
  try {
    const problems = own(JSON.parse(response.body.toString('utf8')), 'problems');
    return Array.isArray(problems) ? problems.flatMap((problem) => problemOf(problem)) : [];
  } catch {
    return [];
  }
}

function problemOf(value: unknown): ItemProblem[] {
  const item = own(value, 'item');
  const code = CODES.find((word) => word === own(value, 'code'));
  if (typeof item !== 'string' || code === undefined) return [];
  return code === 'Template' ? [{ code, item, message: 'the template cannot be parsed' }] : [{ code, item }];
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
