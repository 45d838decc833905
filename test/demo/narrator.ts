/** Tells the demo: one line a step, with the time it took. */
export class Narrator {
  #step = 0;
  #since = Date.now();

  /** A step that is done. */
  done(text: string): void {
    const seconds = ((Date.now() - this.#since) / 1000).toFixed(1);
    this.#step++;
    console.log(`${String(this.#step).padStart(2)}. ${text} (${seconds} s)`);
    this.#since = Date.now();
  }

  /** Something to see, below its step. */
  show(text: string): void {
    for (const line of text.trimEnd().split('\n')) console.log(`      ${line}`);
  }
}

/** Stops the demo, and with it the process, as failed. */
export class DemoFailed extends Error {
  override readonly name = 'DemoFailed';
}

/** Goes on only if the condition holds. */
export function expect(holds: boolean, text: string): asserts holds {
  if (!holds) throw new DemoFailed(text);
}
