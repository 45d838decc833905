import type { Template } from '../api/sealed-secret.ts';
import { Budget, DEFAULT_LIMITS, parse, TemplateError, textOf, type Functions } from '../template/index.ts';
import { SYSTEM } from '../template/environment.ts';
import { rootMentions } from '../template/references.ts';

/** What a template uses of a SealedSecret's items. */
export interface TemplateUse {
  /** The names that it reads or tests, whether there are such items or not, sorted. */
  readonly items: readonly string[];
  /** Whether it uses the items as a whole, such as `range .`. */
  readonly all: boolean;
}

/** What each template uses, or Go's error if it cannot be parsed. */
export type TemplateUses = ReadonlyMap<string, TemplateUse | string>;

const NO_FUNCTIONS: Functions = new Map();

/** Returns what each template uses, or Go's error if it cannot be parsed. Runs no template. Omits null. */
export async function templateUses(templates: Template['data']): Promise<TemplateUses> {
  const uses = usesWith(NO_FUNCTIONS, templates);
  if (![...uses.values()].some((use) => typeof use === 'string')) return uses;
  // Sprig is large, and most templates use none of its functions.
  const { SPRIG } = await import('../template/sprig/index.ts');
  return usesWith(SPRIG, templates);
}

function usesWith(functions: Functions, templates: Template['data']): TemplateUses {
  const budget = new Budget(DEFAULT_LIMITS, SYSTEM);
  const uses = new Map<string, TemplateUse | string>();
  for (const [item, text] of templates) {
    if (text === null) continue;
    try {
      const { names, whole } = rootMentions(parse(item, text, { functions, budget }));
      uses.set(item, { items: [...names].map(textOf).sort(), all: whole });
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      uses.set(item, error.whole());
    }
  }
  return uses;
}
