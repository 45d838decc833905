/** How many there are of each name: connections of a peer, places of a namespace. A name of none takes no room. */
export class Tally {
  readonly #counts = new Map<string, number>();

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  add(name: string, more: 1 | -1): void {
    const now = this.of(name) + more;
    if (now > 0) this.#counts.set(name, now);
    else this.#counts.delete(name);
  }
}
