/** Counts by name, such as connections by peer or reconciles by namespace. A name whose count is 0 uses no memory. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** Returns the count of a name. */
  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Changes the count of a name. The count never falls below 0. */
  add(name: string, change: 1 | -1): void {
    const count = this.of(name) + change;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}
