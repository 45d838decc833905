import type { Stage } from './stage.ts';

/** The most SealedSecrets that exist at once. */
const MOST = 40;
/** The most changes in a row. */
const ROW = 8;

/** What may be done, with how often in comparison with the others. */
const ACTIONS = { create: 4, update: 3, remove: 2, damage: 2, lose: 2 } as const;
/** A kind of change that is made to SealedSecrets or, by hand, to Secrets. */
export type Action = keyof typeof ACTIONS;

/** Each action as often as its weight says. */
const WEIGHTED: readonly Action[] = (['create', 'update', 'remove', 'damage', 'lose'] as const).flatMap(
  (action) => Array<Action>(ACTIONS[action]).fill(action),
);

/** Changes SealedSecrets and Secrets at random, and counts what it has done. */
export class RandomWork {
  readonly done: Record<Action, number> = { create: 0, update: 0, remove: 0, damage: 0, lose: 0 };
  readonly #stage: Stage;
  readonly #random: () => number;

  constructor(stage: Stage, random: () => number) {
    this.#stage = stage;
    this.#random = random;
  }

  /** The number of changes so far. */
  get changes(): number {
    return Object.values(this.done).reduce((sum, count) => sum + count, 0);
  }

  /** Returns one of the values. */
  pick<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.#random() * values.length)];
    if (value === undefined) throw new Error('there is nothing to pick from');
    return value;
  }

  /** Makes some changes, one after another. */
  async some(): Promise<void> {
    const count = 1 + Math.floor(this.#random() * ROW);
    for (let change = 0; change < count; change++) await this.#one();
  }

  async #one(): Promise<void> {
    const { ledger, certificate } = this.#stage;
    const { names } = ledger;
    const wish = this.pick(WEIGHTED);
    if (names.length === 0 || (wish === 'create' && names.length < MOST)) {
      await ledger.create(certificate);
      this.done.create++;
      return;
    }
    const action = wish === 'create' ? 'remove' : wish;
    const name = this.pick(names);
    if (action === 'update') await ledger.update(certificate, name);
    else if (action === 'remove') await ledger.remove(name);
    else if (action === 'damage') await ledger.damage(name);
    else await ledger.lose(name);
    this.done[action]++;
  }
}
