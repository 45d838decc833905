import type { Template } from '../api/sealed-secret.ts';
import { Budget, DEFAULT_LIMITS, type Environment } from '../template/budget.ts';
import { TemplateError } from '../template/error.ts';
import { FUNCTION_NAMES } from '../template/function-names.ts';
import { parseTemplate } from '../template/parser.ts';
import { rootMentions, rootReferences } from '../template/references.ts';
import { bytesOf, textOf } from '../template/utf8.ts';

/** What a template uses of a SealedSecret's items. */
export interface TemplateUse {
  /** The names that it reads or tests, whether there are such items or not, sorted. */
  readonly items: readonly string[];
  /** Whether it uses the items as a whole, such as `range .`. */
  readonly all: boolean;
  /** The names that it reads on every run, without a test whether there are such items. */
  readonly required: readonly string[];
}

/** What each template uses, or Go's error if it cannot be parsed. */
export type TemplateUses = ReadonlyMap<string, TemplateUse | string>;

/** Parsing takes neither time nor random numbers. */
const NO_ENVIRONMENT: Environment = {
  now: () => 0,
  elapsed: () => 0,
  random: (size) => new Uint8Array(size),
  localZone: 'UTC',
};

/** Returns what each template uses, or Go's error if it cannot be parsed. Omits null. */
export function templateUses(templates: Template['data']): TemplateUses {
  return new Map(
    [...parsedTemplates(templates)].map(([item, use]) => [
      item,
      use instanceof TemplateError ? use.whole() : use,
    ]),
  );
}

/**
 * Returns what each template uses, or why it cannot be parsed. Omits null. Runs no template, and therefore needs the
 * names of functions only.
 */
export function parsedTemplates(
  templates: Template['data'],
): ReadonlyMap<string, TemplateUse | TemplateError> {
  const budget = new Budget(DEFAULT_LIMITS, NO_ENVIRONMENT);
  const isFunction = (name: string): boolean => FUNCTION_NAMES.has(name);
  const uses = new Map<string, TemplateUse | TemplateError>();
  for (const [item, text] of templates) {
    if (text === null) continue;
    const name = bytesOf(item);
    try {
      const bodies = parseTemplate(name, bytesOf(text), { isFunction, meter: budget });
      const program = { name, templates: bodies };
      const { names, whole } = rootMentions(program);
      const required = rootReferences(program).map((reference) => textOf(reference.name));
      uses.set(item, { items: [...names].map(textOf).sort(), all: whole, required });
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      uses.set(item, error);
    }
  }
  return uses;
}
