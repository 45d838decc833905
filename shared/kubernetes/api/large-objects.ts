/** How many objects larger than {@link SMALL} may be in memory unfinished at once, over all streams. */
const PLACES = 4;
/** An unfinished object up to this size needs no place, in bytes. */
const SMALL = 64 * 1024;

/**
 * Bounds the memory that unfinished objects take over all streams together: a controller of many namespaces has two
 * streams for each. A stream that has begun a large object waits here while there are too many of them; meanwhile its
 * connection is not read.
 */
export class LargeObjects {
  #free = PLACES;
  readonly #waiting: (() => void)[] = [];

  /** Returns the share of one stream. */
  stream(): LargeObjectPlace {
    let taken = false;
    return {
      follow: async (held) => {
        const large = held > SMALL;
        if (large === taken) return;
        if (large) await this.#take();
        else this.#release();
        taken = large;
      },
      end: () => {
        if (taken) this.#release();
        taken = false;
      },
    };
  }

  async #take(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}

export interface LargeObjectPlace {
  /** Takes or gives back a place, as `held`, the bytes of the unfinished object, asks for. Waits for a free one. */
  readonly follow: (held: number) => Promise<void>;
  /** Releases the place, since the stream has ended. */
  readonly end: () => void;
}
