/** How many unfinished objects larger than {@link SMALL} may be in memory at once, over all streams. */
const SLOTS = 4;
/** The largest unfinished object that needs no slot, in bytes. */
const SMALL = 64 * 1024;

/**
 * Bounds the memory of unfinished objects over all streams together: a controller of many namespaces has two streams for
 * each. A stream with a large object waits while all slots are taken; meanwhile its connection is not read.
 */
export class LargeObjects {
  #free = SLOTS;
  readonly #waiting: (() => void)[] = [];

  /** Registers a stream. It takes at most one slot. */
  stream(): LargeObjectSlot {
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

/** The slot of one stream. */
export interface LargeObjectSlot {
  /** Takes or releases the slot, depending on `held`, the bytes of the unfinished object. Waits for a free slot. */
  readonly follow: (held: number) => Promise<void>;
  /** Releases the slot when the stream ends. */
  readonly end: () => void;
}
