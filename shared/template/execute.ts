/** Executes a parsed template over its data. */
import type { Budget } from './budget.ts';
import { truth, type Maybe } from './compare.ts';
import { Evaluator, type Program } from './evaluate.ts';
import { sprint, sprintf } from './format.ts';
import type { Branch, Invocation, List, Node } from './node.ts';
import { quote } from './quote.ts';
import { heldElement, Scope, type Held } from './scope.ts';
import { Dict, Integer, Slice, type Value } from './value.ts';

/** How a list of nodes ended: at its end, or with `break` or `continue` for the enclosing range. */
type Ending = 'end' | 'break' | 'continue';

/** Runs a program and returns its output as bytes. Throws `TemplateError`. */
export function execute(program: Program, data: Value, budget: Budget): string {
  return new Execution(program, data, budget).run(data);
}

class Execution {
  readonly #program: Program;
  readonly #evaluator: Evaluator;
  readonly #budget: Budget;
  #output = '';

  constructor(program: Program, data: Value, budget: Budget) {
    this.#program = program;
    this.#evaluator = new Evaluator(program, data, budget);
    this.#budget = budget;
  }

  run(data: Value): string {
    try {
      this.#list({ value: data, inInterface: false }, this.#program.templates.get(this.#program.name) ?? []);
    } catch (error) {
      this.#evaluator.failAtBound(error);
    }
    return this.#output;
  }

  #write(text: string): void {
    this.#budget.output(text.length);
    this.#output += text;
  }

  #list(dot: Held, list: List): Ending {
    this.#budget.enter();
    for (const node of list) {
      const ending = this.#walk(dot, node);
      if (ending === 'end') continue;
      this.#budget.leave();
      return ending;
    }
    this.#budget.leave();
    return 'end';
  }

  #walk(dot: Held, node: Node): Ending {
    this.#evaluator.at = node;
    this.#budget.step();
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'end';
      case 'action': {
        const value = this.#evaluator.pipe(dot, node.pipe);
        this.#evaluator.at = node;
        if (node.pipe.variables.length === 0) {
          this.#write(value === undefined ? '<no value>' : sprint([value], this.#budget));
        }
        return 'end';
      }
      case 'if':
      case 'with':
        return this.#branch(dot, node);
      case 'range':
        return this.#range(dot, node);
      case 'template':
        this.#invoke(dot, node);
        return 'end';
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  #branch(dot: Held, node: Branch): Ending {
    const mark = this.#evaluator.scope.size;
    const value = this.#evaluator.pipe(dot, node.pipe);
    let ending: Ending = 'end';
    if (truth(value))
      ending = this.#list(node.kind === 'with' ? { value, inInterface: false } : dot, node.list);
    else if (node.otherwise !== null) ending = this.#list(dot, node.otherwise);
    this.#evaluator.scope.drop(mark);
    return ending;
  }

  #range(dot: Held, node: Branch): Ending {
    const mark = this.#evaluator.scope.size;
    const over = this.#evaluator.pipe(dot, node.pipe);
    const turns = this.#rangeOver(over, node);
    if (turns === 0 && node.otherwise !== null) {
      const ending = this.#list(dot, node.otherwise);
      this.#evaluator.scope.drop(mark);
      // As in Go, a `break` in the else block ends this range, while a `continue` applies to the enclosing range.
      return ending === 'break' ? 'end' : ending;
    }
    this.#evaluator.scope.drop(mark);
    return 'end';
  }

  /** Runs the body of a range. Returns the number of elements (for an integer 1 or 0); 0 selects the else block. */
  #rangeOver(over: Maybe, node: Branch): number {
    if (over instanceof Slice) {
      for (let i = 0; i < over.items.length; i++) {
        if (!this.#turn(BigInt(i), heldElement(over.items[i], over.type.elem), node)) break;
      }
      return over.items.length;
    }
    if (over instanceof Dict) {
      this.#budget.allocate(over.entries.size * 16);
      for (const key of over.sortedKeys(this.#budget)) {
        if (!this.#turn(key, heldElement(over.entries.get(key), over.type.elem), node)) break;
      }
      return over.entries.size;
    }
    if (typeof over === 'bigint' || over instanceof Integer) return this.#count(over, node);
    if (over !== undefined && over !== null) {
      this.#evaluator.fail(sprintf("range can't iterate over %v", [over], this.#budget));
    }
    return 0;
  }

  #count(over: bigint | Integer, node: Branch): number {
    if (node.pipe.variables.length > 1) {
      const words = "can't use %v to iterate over more than one variable";
      this.#evaluator.fail(sprintf(words, [over], this.#budget));
    }
    const end = typeof over === 'bigint' ? over : over.value;
    for (let i = 0n; i < end; i++) {
      const value = typeof over === 'bigint' ? i : new Integer(over.type, i);
      if (!this.#turn(undefined, { value, inInterface: false }, node)) break;
    }
    return end > 0n ? 1 : 0;
  }

  /** Runs one iteration of a range. Returns false if it ended with `break`. */
  #turn(key: Maybe, element: Held, node: Branch): boolean {
    this.#budget.step();
    const evaluator = this.#evaluator;
    const [first, second] = node.pipe.variables;
    const heldKey: Held = { value: key, inInterface: false };
    if (first !== undefined && node.pipe.assigns) {
      evaluator.assign(first.name, second === undefined ? element : heldKey);
      if (second !== undefined) evaluator.assign(second.name, element);
    } else if (first !== undefined) {
      evaluator.scope.setTop(1, element);
      if (second !== undefined) evaluator.scope.setTop(2, heldKey);
    }
    const mark = this.#evaluator.scope.size;
    const ending = this.#list(element, node.list);
    this.#evaluator.scope.drop(mark);
    return ending !== 'break';
  }

  #invoke(dot: Held, node: Invocation): void {
    const list = this.#program.templates.get(node.name);
    if (list === undefined) this.#evaluator.fail(`template ${quote(node.name)} not defined`);
    const data = node.pipe === null ? undefined : this.#evaluator.pipe(dot, node.pipe);
    const evaluator = this.#evaluator;
    const { template, scope, at } = evaluator;
    evaluator.template = node.name;
    // The invoked template cannot see the caller's variables.
    evaluator.scope = new Scope(data);
    this.#list({ value: data, inInterface: false }, list);
    evaluator.template = template;
    evaluator.scope = scope;
    evaluator.at = at;
  }
}
