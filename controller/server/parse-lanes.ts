import type { Clock } from '../../shared/clock.ts';
import { BodyParserProcess, type ParsedBody } from './body-parser.ts';
import type { Client } from './client.ts';
import { HttpCpuBudget } from './cpu-budget.ts';

/** The largest body in the lane for small bodies, in bytes. The most hostile YAML of this size takes about 0.2 s. */
const MAX_SMALL = 32 * 1024;

/** How long parsing a small body may take, in ms, and the heap of the process, in MiB. */
const SMALL_OPTIONS = { deadline: 1_000, heap: 32 };
/** Large bodies are rare and their process takes more memory, so it ends after `idle` ms without work. */
const LARGE_OPTIONS = { deadline: 2_000, idle: 10_000, heap: 64 };

/** Parses posted bodies, fairly between clients. */
export interface BodyParser {
  /** Parses a body. Rejects when aborted. */
  parse(body: Buffer, client: Client, signal: AbortSignal): Promise<ParsedBody>;
  /** Ends the parser for good. */
  close(): void;
}

/** Parses small and large bodies in two processes with a CPU budget each, so that slow large bodies delay no small one. */
export class ParseLanes implements BodyParser {
  readonly #small: { readonly cpu: HttpCpuBudget; readonly parser: BodyParserProcess };
  readonly #large: { readonly cpu: HttpCpuBudget; readonly parser: BodyParserProcess };

  /** @param cpu the budget of small bodies, which they may share with other short work */
  constructor(clock: Clock, cpu: HttpCpuBudget) {
    this.#small = { cpu, parser: new BodyParserProcess(SMALL_OPTIONS) };
    this.#large = { cpu: new HttpCpuBudget(clock), parser: new BodyParserProcess(LARGE_OPTIONS) };
  }

  parse(body: Buffer, client: Client, signal: AbortSignal): Promise<ParsedBody> {
    const { cpu, parser } = body.length <= MAX_SMALL ? this.#small : this.#large;
    return cpu.run(client, () => parser.parse(body, signal), signal);
  }

  close(): void {
    this.#small.parser.close();
    this.#large.parser.close();
  }
}
