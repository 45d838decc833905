/** Runs the templates of one object over its data, and keeps those that were parsed. */
import { Budget, type Environment, type Limits } from './budget.ts';
import { TemplateError } from './error.ts';
import type { Functions } from './function.ts';
import { parse, run, type Template } from './index.ts';
import { quote } from './quote.ts';
import { rootReferences, type Reference } from './references.ts';

/** By item, a template's text. */
export type Texts = ReadonlyMap<string, string>;

/** The outputs by item; or why items failed, and then there are no values. */
export type Rendered =
  | {
      /** Bytes (see value.ts). */
      readonly values: ReadonlyMap<string, string>;
      /** The items whose value may differ at the next run. */
      readonly impure: ReadonlySet<string>;
      /** By item, what its template reads and the data does not have. */
      readonly missing: ReadonlyMap<string, readonly Reference[]>;
    }
  | {
      readonly problems: readonly Problem[];
      /** How many items nothing is known of, because so many others failed. */
      readonly skipped: number;
    };

export interface Problem {
  readonly item: string;
  readonly error: TemplateError;
}

export interface RenderOptions {
  /** How many bytes all outputs may have together, where that is less than the limit of all objects. */
  readonly output?: number;
  /** Hears of each item before its template runs. */
  readonly onItem?: (item: string) => void;
  /** Whether a template fails that reads what the data does not have. No template runs then. */
  readonly strict?: boolean;
}

/** After so many failures no more templates of an object are parsed or run. */
export const MOST_PROBLEMS = 10;

/** How many bytes the templates that are kept may take, as parsing announces them. */
const KEPT = 16 << 20;

interface Kept {
  readonly template: Template;
  readonly size: number;
  readonly tokens: number;
}

/** Renders objects one after the other. The templates used last are kept parsed. */
export class Renderer {
  readonly #functions: Functions;
  readonly #limits: Limits;
  readonly #environment: Environment;
  /** By name and text, the one used last at the end. */
  readonly #parsed = new Map<string, Kept>();
  #size = 0;

  constructor(functions: Functions, limits: Limits, environment: Environment) {
    this.#functions = functions;
    this.#limits = limits;
    this.#environment = environment;
  }

  /**
   * Parses all templates, then runs each over the data, whose keys and values are bytes (see value.ts), all on one
   * budget. No template runs where one cannot be parsed: whether it can then depends on the texts alone.
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

  /** By item, what its template reads and the data does not have; empty where a template cannot be parsed. */
  missing(templates: Texts, data: ReadonlyMap<string, unknown>): ReadonlyMap<string, readonly Reference[]> {
    const parsed = this.#parseAll(templates, new Budget(this.#limits, this.#environment));
    if ('problems' in parsed) return new Map();
    return new Map([...parsed.results].map(([item, template]) => [item, missingIn(template, data)]));
  }

  /** The templates that cannot be parsed, `MOST_PROBLEMS` at most. */
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
    const template = parse(item, text, this.#functions, budget);
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

/** How many missing items an error names. */
const NAMED = 3;

/** Throws `TemplateError` where there are missing items. It has the form of a parse error: it depends on no value. */
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

/** Does work for each item, until `MOST_PROBLEMS` of them have failed. */
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
