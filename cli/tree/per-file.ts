import type { Closable } from './run.ts';

/** What works on the files of a tree, such as a verifier: one for all files with the same options. */
export class PerFile<T extends Closable> {
  readonly #all: ReadonlySet<T>;
  readonly #ofFile: ReadonlyMap<string, T>;

  private constructor(ofFile: ReadonlyMap<string, T>) {
    this.#ofFile = ofFile;
    this.#all = new Set(ofFile.values());
  }

  /** Makes all that the files need, one after the other, before the first file is worked on. Throws what `make` throws. */
  static async make<O, T extends Closable>(
    optionsOf: ReadonlyMap<string, O>,
    make: (options: O) => Promise<T>,
  ): Promise<PerFile<T>> {
    const made = new Map<O, T>();
    const ofFile = new Map<string, T>();
    try {
      for (const [file, options] of optionsOf) {
        const own = made.get(options) ?? (await make(options));
        made.set(options, own);
        ofFile.set(file, own);
      }
    } catch (error) {
      for (const each of made.values()) each.close();
      throw error;
    }
    return new PerFile(ofFile);
  }

  /** Returns what works on a file. */
  of(file: string): T {
    const found = this.#ofFile.get(file);
    if (found === undefined) throw new Error('a file that is not of the tree');
    return found;
  }

  close(): void {
    for (const each of this.#all) each.close();
  }
}
