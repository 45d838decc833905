import type { Clock } from '../../shared/clock.ts';
import type { CliContext } from '../context.ts';

/** How to count a long piece of work. */
interface Pace {
  /** What is counted, in the plural. */
  readonly unit: string;
  readonly clock: Clock;
}

/** How often to show progress with a pace, in ms. */
const INTERVAL = 100;

/**
 * Shows progress on the last line of a terminal, with a pace also how fast it is and the time left. Prints nothing if
 * stderr is not a terminal that can erase a line.
 */
export class Progress {
  readonly #verb: string;
  readonly #pace: Pace | undefined;
  #total: number;
  #done = 0;
  #startedAt = 0;
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(verb: string, total: number, pace?: Pace) {
    this.#verb = verb;
    this.#total = total;
    this.#pace = pace;
    this.start(total);
  }

  /** Sets how many elements there are, of which none is done. */
  start(total: number): void {
    this.#total = total;
    this.#startedAt = this.#pace?.clock.elapsed() ?? 0;
    this.#show();
  }

  /** Counts one more element as done. */
  step(): void {
    this.#done++;
    this.#show();
  }

  /** How many elements there are. */
  get total(): number {
    return this.#total;
  }

  /** Whether progress is shown. */
  get isShown(): boolean {
    return process.stderr.isTTY && process.env['TERM'] !== 'dumb' && this.#total > 1;
  }

  /** Returns a context whose warnings stand above the progress. */
  below(context: CliContext): CliContext {
    const warn = (line: string): void => {
      this.end();
      context.warn(line);
      this.#shownAt = Number.NEGATIVE_INFINITY;
      this.#show();
    };
    return { ...context, warn };
  }

  /** Erases the line. */
  end(): void {
    if (this.isShown) process.stderr.write('\r\x1b[K');
  }

  #show(): void {
    if (!this.isShown) return;
    const now = this.#pace?.clock.elapsed() ?? 0;
    if (this.#pace && now < this.#shownAt + INTERVAL && this.#done < this.#total) return;
    this.#shownAt = now;
    const unit = this.#pace ? ` ${this.#pace.unit}` : '';
    const pace = this.#pace ? this.#describePace(now - this.#startedAt) : '';
    process.stderr.write(`\r\x1b[K(${this.#verb} ${this.#done} of ${this.#total}${unit}${pace})`);
  }

  /** @param elapsed the time since the start, in ms */
  #describePace(elapsed: number): string {
    if (this.#done === 0 || elapsed < INTERVAL) return '';
    const rate = this.#done / (elapsed / 1000);
    const left = (this.#total - this.#done) / rate;
    return `, ${rate.toFixed(rate < 10 ? 1 : 0)}/s, ${describeSeconds(Math.ceil(left))} left`;
  }
}

/** Formats a duration as `42s` or `3m05s`. */
function describeSeconds(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${String(seconds % 60).padStart(2, '0')}s`;
}
