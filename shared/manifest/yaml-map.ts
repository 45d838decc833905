/** A map under construction. Merge keys (`<<`) copy keys of other maps, which the map's own keys replace. */
export class MapBuilder {
  readonly map: Record<string, unknown> = {};
  /** The keys that were copied and not replaced yet. */
  readonly #copied = new Set<string>();

  /** Adds one of the map's own keys. Returns false if it has that key already. */
  add(key: string, value: unknown): boolean {
    if (Object.hasOwn(this.map, key) && !this.#copied.delete(key)) return false;
    this.#set(key, value);
    return true;
  }

  /** Copies the keys of another map that this one does not have yet. */
  merge(other: object): void {
    for (const [key, value] of Object.entries(other) as [string, unknown][]) {
      if (Object.hasOwn(this.map, key)) continue;
      this.#copied.add(key);
      this.#set(key, value);
    }
  }

  #set(key: string, value: unknown): void {
    // An assignment to this name would set the prototype.
    if (key === '__proto__') {
      Object.defineProperty(this.map, key, { value, enumerable: true, configurable: true, writable: true });
    } else {
      this.map[key] = value;
    }
  }
}
