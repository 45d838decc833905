/** Runs the templates of one object over its data, and keeps those that were parsed. */
import { Budget, type Environment, type Limits } from './budget.ts';
import { TemplateError } from './error.ts';
import type { Functions } from './function.ts';
import { parse, run, type Template } from './index.ts';

/** By item, a template's text. */
export type Texts = ReadonlyMap<string, string>;

/** What came out, by item; or why items failed. Then there are no values. */
export type Rendered =
  | {
      /** Bytes (see value.ts). */
      readonly values: ReadonlyMap<string, string>;
      /** The items whose value may differ at the next run. */
      readonly impure: ReadonlySet<string>;
    }
  | { readonly problems: readonly Problem[] };

export interface Problem {
  readonly item: string;
  readonly error: TemplateError;
}

/** How many bytes of templates are kept parsed. */
const KEPT = 4 << 20;

/** Renders objects one after the other. The templates used last are kept parsed. */
export class Renderer {
  readonly #functions: Functions;
  readonly #limits: Limits;
  readonly #environment: Environment;
  /** By name and text, the one used last at the end. */
  readonly #parsed = new Map<string, Template>();
  #size = 0;

  constructor(functions: Functions, limits: Limits, environment: Environment) {
    this.#functions = functions;
    this.#limits = limits;
    this.#environment = environment;
  }

  /**
   * Runs each template over the data, whose keys and values are bytes (see value.ts), all on one budget. `onItem`
   * is told which one is next.
   */
  render(templates: Texts, data: ReadonlyMap<string, string>, onItem?: (item: string) => void): Rendered {
    const budget = new Budget(this.#limits, this.#environment);
    const values = new Map<string, string>();
    const impure = new Set<string>();
    const problems: Problem[] = [];
    for (const [item, text] of templates) {
      onItem?.(item);
      try {
        const ran = run(this.#parse(item, text), data, budget);
        values.set(item, ran.output);
        if (ran.impure) impure.add(item);
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        problems.push({ item, error });
      }
    }
    return problems.length > 0 ? { problems } : { values, impure };
  }

  #parse(item: string, text: string): Template {
    const key = `${item}\0${text}`;
    const kept = this.#parsed.get(key);
    if (kept !== undefined) {
      this.#parsed.delete(key);
      this.#parsed.set(key, kept);
      return kept;
    }
    const template = parse(item, text, this.#functions);
    this.#parsed.set(key, template);
    this.#size += key.length;
    for (const oldest of this.#parsed.keys()) {
      if (this.#size <= KEPT) break;
      this.#parsed.delete(oldest);
      this.#size -= oldest.length;
    }
    return template;
  }
}
