/** Renders the templates of one object and caches the parsed templates. */
import { Budget, type Environment, type Limits } from './budget.ts';
import { TemplateError } from './error.ts';
import type { Functions } from './function.ts';
import { parse, run, type Template } from './index.ts';
import { quote } from './quote.ts';
import { rootReferences, type Reference } from './references.ts';

/** The template text of each item. */
export type Texts = ReadonlyMap<string, string>;

/** The output of each item or, if any item failed, only the failures. */
export type Rendered =
  | {
      /** The output of each item, as bytes (see value.ts). */
      readonly values: ReadonlyMap<string, string>;
      /** The items whose output may differ on the next run. */
      readonly impure: ReadonlySet<string>;
      /** For each item, the fields that its template reads and the data lacks. */
      readonly missing: ReadonlyMap<string, readonly Reference[]>;
    }
  | {
      readonly problems: readonly Problem[];
      /** The number of items that were not tried because too many others had failed. */
      readonly skipped: number;
    };

/** An item whose template failed, and the error. */
export interface Problem {
  readonly item: string;
  readonly error: TemplateError;
}

/** Options of `Renderer.render`. */
export interface RenderOptions {
  /** The limit for the total output of this object, in bytes, if lower than the renderer's own. */
  readonly output?: number;
  /** Called with each item before its template runs. */
  readonly onItem?: (item: string) => void;
  /** Whether a missing field is an error. If any template reads one, no template runs. */
  readonly strict?: boolean;
}

/** The number of failures after which the remaining templates of an object are skipped. */
export const MOST_PROBLEMS = 10;

/** The maximum size of the template cache in bytes, by what parsing charges to the budget. */
const KEPT = 16 << 20;

interface Kept {
  readonly template: Template;
  readonly size: number;
  readonly tokens: number;
}

/** Renders one object at a time and caches the parsed templates that were used most recently. */
export class Renderer {
  readonly #functions: Functions;
  readonly #limits: Limits;
  readonly #environment: Environment;
  /** The cache by name and text, least recently used first. */
  readonly #parsed = new Map<string, Kept>();
  #size = 0;

  constructor(functions: Functions, limits: Limits, environment: Environment) {
    this.#functions = functions;
    this.#limits = limits;
    this.#environment = environment;
  }

  /**
   * Parses all templates, then runs each of them over the data, all on one budget. The keys and values of the data are
   * bytes (see value.ts). If a template cannot be parsed, none runs, so that a parse error depends on the template
   * texts alone.
   */
  render(
    templates: Texts,
    data: ReadonlyMap<string, string>,
    { output = Infinity, onItem, strict = false }: RenderOptions = {},
  ): Rendered {
    const limits = { ...this.#limits, output: Math.min(this.#limits.output, output) };
    const budget = new Budget(limits, this.#environment);
    const parsed = this.#parseAll(templates, budget);
    if ('problems' in parsed) return parsed;
    const checked = forEachItem(parsed.results, (item, template) => {
      const missing = missingIn(template, data);
      return strict ? refuseMissing(item, template, missing) : missing;
    });
    if ('problems' in checked) return checked;
    const ran = forEachItem(parsed.results, (item, template) => {
      onItem?.(item);
      return run(template, data, budget);
    });
    if ('problems' in ran) return ran;
    return {
      values: new Map([...ran.results].map(([item, { output: text }]) => [item, text])),
      impure: new Set([...ran.results].filter(([, { impure }]) => impure).map(([item]) => item)),
      missing: checked.results,
    };
  }

  /**
   * Returns, for each item, the fields that its template reads and the data lacks. Returns an empty map if any template
   * cannot be parsed.
   */
  missing(templates: Texts, data: ReadonlyMap<string, unknown>): ReadonlyMap<string, readonly Reference[]> {
    const parsed = this.#parseAll(templates, new Budget(this.#limits, this.#environment));
    if ('problems' in parsed) return new Map();
    return new Map([...parsed.results].map(([item, template]) => [item, missingIn(template, data)]));
  }

  /** Returns the templates that cannot be parsed, at most `MOST_PROBLEMS` of them. */
  unparsable(templates: Texts): readonly Problem[] {
    const parsed = this.#parseAll(templates, new Budget(this.#limits, this.#environment));
    return 'problems' in parsed ? parsed.problems : [];
  }

  #parseAll(templates: Texts, budget: Budget): Attempts<Template> {
    return forEachItem(templates, (item, text) => this.#parse(item, text, budget));
  }

  #parse(item: string, text: string, budget: Budget): Template {
    const key = `${item}\0${text}`;
    const kept = this.#parsed.get(key);
    if (kept !== undefined) {
      this.#parsed.delete(key);
      this.#parsed.set(key, kept);
      budget.tokens(kept.tokens);
      return kept.template;
    }
    const before = { allocated: budget.allocated, tokens: budget.parsedTokens };
    const template = parse(item, text, { functions: this.#functions, budget });
    const size = budget.allocated - before.allocated + 2 * key.length;
    this.#parsed.set(key, { template, size, tokens: budget.parsedTokens - before.tokens });
    this.#size += size;
    for (const [oldest, { size: freed }] of this.#parsed) {
      if (this.#size <= KEPT) break;
      this.#parsed.delete(oldest);
      this.#size -= freed;
    }
    return template;
  }
}

function missingIn(template: Template, data: ReadonlyMap<string, unknown>): readonly Reference[] {
  return rootReferences(template).filter(({ name }) => !data.has(name));
}

/** The maximum number of missing items that an error names. */
const NAMED = 3;

/**
 * Throws `TemplateError` if any items are missing. The error has the form of a parse error, since it does not depend on
 * any value.
 */
function refuseMissing(
  item: string,
  template: Template,
  missing: readonly Reference[],
): readonly Reference[] {
  const [first, ...others] = missing;
  if (first === undefined) return missing;
  const names = missing.slice(0, NAMED).map(({ name }) => quote(name));
  const rest = missing.length - names.length;
  const more = rest > 0 ? ` and ${rest} more` : '';
  const detail = `refers to missing item${others.length > 0 ? 's' : ''} ${names.join(', ')}${more}`;
  const line = template.text.slice(0, first.at).split('\n').length;
  throw new TemplateError({ name: template.name, line }, detail);
}

type Attempts<R> =
  | { readonly results: ReadonlyMap<string, R> }
  | { readonly problems: readonly Problem[]; readonly skipped: number };

/** Calls `work` for each item, and stops after `MOST_PROBLEMS` failures. */
function forEachItem<T, R>(items: ReadonlyMap<string, T>, work: (item: string, value: T) => R): Attempts<R> {
  const results = new Map<string, R>();
  const problems: Problem[] = [];
  let done = 0;
  for (const [item, value] of items) {
    if (problems.length >= MOST_PROBLEMS) break;
    done++;
    try {
      results.set(item, work(item, value));
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      problems.push({ item, error });
    }
  }
  return problems.length > 0 ? { problems, skipped: items.size - done } : { results };
}
