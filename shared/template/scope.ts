/** The variables in sight while a template runs. */
import type { Maybe } from './compare.ts';
import { ANY, type Type, type Value } from './value.ts';

/** A value as a variable or the dot has it. */
export interface Held {
  readonly value: Maybe;
  /** It came from where any value may stand: Go's complaints then call its type `interface {}`. */
  readonly inInterface: boolean;
}

/** An element of a list or map, held. */
export function heldElement(value: Value | undefined, elem: Type): Held {
  return { value, inInterface: elem === ANY };
}

export interface Binding {
  readonly name: string;
  value: Maybe;
  inInterface: boolean;
}

/** A stack of variables; the newest of a name is the one that counts. Names have their dollar sign. */
export class Scope {
  readonly #bindings: Binding[] = [];

  /** `$` is what the template was given. */
  constructor(data: Maybe) {
    this.declare('$', data);
  }

  get size(): number {
    return this.#bindings.length;
  }

  /** Forgets the variables declared since the size was that. */
  drop(size: number): void {
    this.#bindings.length = size;
  }

  declare(name: string, value: Maybe): void {
    this.#bindings.push({ name, value, inInterface: false });
  }

  find(name: string): Binding | undefined {
    for (let i = this.#bindings.length - 1; i >= 0; i--) {
      const binding = this.#bindings[i];
      if (binding?.name === name) return binding;
    }
    return undefined;
  }

  /** Sets the variable that was declared last but `depth - 1`. */
  setTop(depth: number, { value, inInterface }: Held): void {
    const binding = this.#bindings.at(-depth);
    if (binding === undefined) return;
    binding.value = value;
    binding.inInterface = inInterface;
  }
}
