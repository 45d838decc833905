import type { Clock } from '../../shared/clock.ts';
import type { Client } from './client.ts';
import { HttpCpuBudget } from './cpu-budget.ts';
import { Reader, type PostedReader, type ReadResult } from './reader.ts';

/** Bodies of up to this size, in bytes, do not wait for larger ones: the most hostile YAML takes about 0.2 s. */
const SMALL = 32 * 1024;

/** How long a small body may take to be parsed, in ms, and the heap of the process that does it, in MiB. */
const SMALL_OPTIONS = { deadline: 1_000, heap: 32 };
/** Larger ones are rare, and their process takes more memory. */
const LARGE_OPTIONS = { deadline: 2_000, idle: 10_000, heap: 64 };

/** Parses posted bodies, fairly between clients. */
export interface BodyParser {
  parse(body: Buffer, client: Client, signal: AbortSignal): Promise<ReadResult>;
  close(): void;
}

/** Two lanes for bodies, each with a process and a share of the CPU, so that four slow large ones delay no small one. */
export class ParseLanes implements BodyParser {
  readonly #small: { readonly cpu: HttpCpuBudget; readonly reader: PostedReader };
  readonly #large: { readonly cpu: HttpCpuBudget; readonly reader: PostedReader };
  readonly #readers: readonly Reader[];

  /** @param cpu the budget of small bodies, which they may share with other short work */
  constructor(clock: Clock, cpu: HttpCpuBudget) {
    const [small, large] = [new Reader(SMALL_OPTIONS), new Reader(LARGE_OPTIONS)];
    this.#readers = [small, large];
    this.#small = { cpu, reader: small };
    this.#large = { cpu: new HttpCpuBudget(clock), reader: large };
  }

  parse(body: Buffer, client: Client, signal: AbortSignal): Promise<ReadResult> {
    const { cpu, reader } = body.length <= SMALL ? this.#small : this.#large;
    return cpu.run(client, () => reader.read(body, signal), signal);
  }

  close(): void {
    for (const reader of this.#readers) reader.close();
  }
}
