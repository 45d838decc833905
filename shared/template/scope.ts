/** The variables of a running template. */
import type { Maybe } from './compare.ts';
import { ANY, type Type, type Value } from './value.ts';

/** The value of a variable or of the dot. */
export interface Held {
  readonly value: Maybe;
  /** Whether the value comes from an `interface {}`, which Go's error messages then give as its type. */
  readonly inInterface: boolean;
}

/** Returns an element of a list or map whose elements have type `elem`. */
export function heldElement(value: Value | undefined, elem: Type): Held {
  return { value, inInterface: elem === ANY };
}

/** A variable and its current value. */
export interface Binding {
  readonly name: string;
  value: Maybe;
  inInterface: boolean;
}

/** A stack of variables. Of several variables with the same name, the newest counts. Names include the dollar sign. */
export class Scope {
  readonly #bindings: Binding[] = [];

  /** Declares `$` as the data of the template. */
  constructor(data: Maybe) {
    this.declare('$', data);
  }

  /** The number of variables, for a later `drop`. */
  get size(): number {
    return this.#bindings.length;
  }

  /** Removes the variables that were declared since the scope had the given size. */
  drop(size: number): void {
    this.#bindings.length = size;
  }

  /** Declares a variable. */
  declare(name: string, value: Maybe): void {
    this.#bindings.push({ name, value, inInterface: false });
  }

  /** Returns the newest variable with the given name. */
  find(name: string): Binding | undefined {
    for (let i = this.#bindings.length - 1; i >= 0; i--) {
      const binding = this.#bindings[i];
      if (binding?.name === name) return binding;
    }
    return undefined;
  }

  /** Sets the variable at the given depth of the stack, where 1 is the newest. */
  setTop(depth: number, { value, inInterface }: Held): void {
    const binding = this.#bindings.at(-depth);
    if (binding === undefined) return;
    binding.value = value;
    binding.inInterface = inInterface;
  }
}
