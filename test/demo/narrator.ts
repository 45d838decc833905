/** Prints the demo: one line for each step, with its duration. */
export class Narrator {
  #step = 0;
  #since = Date.now();

  /** Prints a completed step. */
  done(text: string): void {
    const seconds = ((Date.now() - this.#since) / 1000).toFixed(1);
    this.#step++;
    console.log(`${String(this.#step).padStart(2)}. ${text} (${seconds} s)`);
    this.#since = Date.now();
  }

  /** Prints details below a step. */
  show(text: string): void {
    for (const line of text.trimEnd().split('\n')) console.log(`      ${line}`);
  }
}

/** Ends the demo, and the process, with a failure. */
export class DemoFailed extends Error {
  override readonly name = 'DemoFailed';
}

/** Throws `DemoFailed` unless the condition holds. */
export function expect(holds: boolean, text: string): asserts holds {
  if (!holds) throw new DemoFailed(text);
}
