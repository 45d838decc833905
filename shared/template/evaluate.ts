/** Evaluates pipelines: operands, fields, methods and calls, with Go's checks of argument counts and types. */
import { callValue, literalAs, paramOf, WANTED, type Given, type Piped } from './arguments.ts';
import { LimitError, type Budget } from './budget.ts';
import { AND, BUILTINS, CALL, OR, WHATEVER } from './builtins.ts';
import { truth, type Maybe } from './compare.ts';
import { TemplateError } from './error.ts';
import { CallError, type Functions, type GoFunction } from './function.ts';
import {
  isLiteral,
  sourceOf,
  type Chain,
  type Command,
  type List,
  type Literal,
  type Node,
  type Operand,
  type Pipe,
  type Variable,
} from './node.ts';
import { quote } from './quote.ts';
import { Scope, type Binding, type Held } from './scope.ts';
import { ANY, Dict, Integer, Struct, typeOf, type Type, type Value } from './value.ts';

/** A parsed template. */
export interface Program {
  readonly name: string;
  readonly text: string;
  /** The bodies of the template itself and of the templates that it defines, by name. */
  readonly templates: ReadonlyMap<string, List>;
  readonly functions: Functions;
}

const NOTHING: Given = { args: [], piped: null };

/** Where a field is read or a function is called. */
interface CallSite {
  readonly dot: Held;
  /** The node that an error of the function refers to. */
  readonly node: Command | Operand;
  readonly given: Given;
}

/** Evaluates the pipelines of one run and tracks the current position for errors. */
export class Evaluator {
  readonly budget: Budget;
  readonly #program: Program;
  /** The name of the template that is running. */
  template: string;
  /** The node that errors refer to: as in Go, the one that was evaluated last. */
  at: Node | Pipe | Command | Operand | null = null;
  /** The variables of the running template. */
  scope: Scope;

  constructor(program: Program, data: Value, budget: Budget) {
    this.#program = program;
    this.budget = budget;
    this.template = program.name;
    this.scope = new Scope(data);
  }

  /** Throws a `TemplateError` at the current position. `called` is the function or method that failed. */
  fail(detail: string, called?: string): never {
    const { name, text } = this.#program;
    const before = text.slice(0, this.at?.at ?? 0);
    const lineStart = before.lastIndexOf('\n') + 1;
    const running = {
      column: before.length - lineStart,
      template: this.template,
      source: this.at === null ? '' : sourceOf(this.at),
      ...(called === undefined ? {} : { called }),
    };
    throw new TemplateError({ name, line: before.split('\n').length, running }, detail);
  }

  /**
   * Turns an error about a limit, either of the budget or of the JavaScript engine, into a `TemplateError`. Rethrows
   * any other error.
   */
  failAtBound(error: unknown, called?: string): never {
    if (error instanceof LimitError) this.fail(error.message, called);
    // JavaScript throws a RangeError when the stack, a string, an array or a BigInt exceeds the engine's limit.
    if (error instanceof RangeError) this.fail('a value is too large or nested too deep', called);
    throw error;
  }

  /** Returns the value of a pipeline. The variables that it declares stay in scope afterwards. */
  pipe(dot: Held, pipe: Pipe): Maybe {
    this.at = pipe;
    this.budget.enter();
    let piped: Piped | null = null;
    let value: Maybe;
    for (const command of pipe.commands) {
      // As in Go, a nil in an interface becomes no value at the end of a command.
      value = this.#command(dot, command, piped) ?? undefined;
      piped = { value };
    }
    this.budget.leave();
    for (const { name } of pipe.variables) {
      if (pipe.assigns) this.assign(name, { value, inInterface: false });
      else this.scope.declare(name, value);
    }
    return value;
  }

  #command(dot: Held, command: Command, piped: Piped | null): Maybe {
    const { first } = command;
    const given: Given = { args: command.args, piped };
    switch (first.kind) {
      case 'identifier':
        this.at = first;
        return this.#function(first.name, { dot, node: command, given });
      case 'field':
        this.at = first;
        return this.#fields(dot, first.names, { dot, node: first, given });
      case 'chain':
        return this.#chain(dot, first, given);
      case 'variable':
        return this.#variable(dot, first, given);
      case 'pipe':
        this.#takesNone(first, given);
        return this.pipe(dot, first);
      default:
    }
    this.at = first;
    this.#takesNone(first, given);
    switch (first.kind) {
      case 'dot':
        return dot.value;
      case 'nil':
        return this.fail('nil is not a command');
      default:
        return this.#literal(first);
    }
  }

  #takesNone(first: Operand, { args, piped }: Given): void {
    if (args.length > 0 || piped !== null) {
      this.fail(`can't give argument to non-function ${sourceOf(first)}`);
    }
  }

  #literal(literal: Literal): Value {
    if (literal.kind !== 'number') return literal.value;
    return literal.ideal ?? this.fail(`${literal.source} overflows int`);
  }

  #variable(dot: Held, variable: Variable, given: Given): Maybe {
    this.at = variable;
    const held = this.#binding(variable.name);
    if (variable.names.length > 0) return this.#fields(held, variable.names, { dot, node: variable, given });
    this.#takesNone(variable, given);
    return held.value;
  }

  #binding(name: string): Binding {
    return this.scope.find(name) ?? this.fail(`undefined variable: ${name}`);
  }

  /** Assigns to a variable. Fails if it was never declared, which the parser does not check. */
  assign(name: string, { value, inInterface }: Held): void {
    const binding = this.#binding(name);
    binding.value = value;
    binding.inInterface = inInterface;
  }

  #chain(dot: Held, chain: Chain, given: Given): Maybe {
    this.at = chain;
    const value = this.#operand(dot, chain.of);
    return this.#fields({ value, inInterface: false }, chain.names, { dot, node: chain, given });
  }

  /** Returns the value of an operand without arguments: itself an argument, or the operand of a field chain. */
  #operand(dot: Held, operand: Operand): Maybe {
    this.at = operand;
    switch (operand.kind) {
      case 'dot':
        return dot.value;
      case 'nil':
        return undefined;
      case 'field':
        return this.#fields(dot, operand.names, { dot, node: operand, given: NOTHING });
      case 'variable':
        return this.#variable(dot, operand, NOTHING);
      case 'pipe':
        return this.pipe(dot, operand);
      case 'identifier':
        return this.#function(operand.name, { dot, node: operand, given: NOTHING });
      case 'chain':
        return this.#chain(dot, operand, NOTHING);
      default:
        return this.#literal(operand);
    }
  }

  /** Evaluates a field chain such as `.A.B.C`. The last name may be a method with arguments. */
  #fields(from: Held, names: readonly string[], site: CallSite): Maybe {
    let { value, inInterface } = from;
    const inner: CallSite = { ...site, given: NOTHING };
    const last = names.length - 1;
    for (let i = 0; i <= last; i++) {
      const receiver: Held = { value, inInterface };
      value = this.#field(receiver, names[i] ?? '', i === last ? site : inner);
      inInterface = receiver.value instanceof Dict && receiver.value.type.elem === ANY;
    }
    return value;
  }

  #field({ value, inInterface }: Held, name: string, site: CallSite): Maybe {
    const { given } = site;
    if (value === undefined) return undefined;
    if (value === null) return this.fail(`nil pointer evaluating interface {}.${name}`);
    const isGiven = given.args.length > 0 || given.piped !== null;
    if (value instanceof Dict) {
      if (isGiven) this.fail(`${name} is not a method but has arguments`);
      return value.entries.get(name);
    }
    if (value instanceof Struct || value instanceof Integer) {
      const method = value.method(name);
      if (method !== undefined) return this.#call(method, name, site);
    }
    if (value instanceof Struct) {
      const field = value.fields().find(([key]) => key === name);
      if (field !== undefined) {
        if (isGiven) this.fail(`${name} has arguments but cannot be invoked as function`);
        return field[1];
      }
    }
    const type = inInterface ? ANY : typeOf(value);
    if (value instanceof Struct && value.unexported().includes(name)) {
      this.fail(`${name} is an unexported field of struct type ${type.name}`);
    }
    return this.fail(`can't evaluate field ${name} in type ${type.name}`);
  }

  #function(name: string, site: CallSite): Maybe {
    const declared = this.#program.functions.get(name) ?? BUILTINS.get(name);
    if (declared === undefined) return this.fail(`${quote(name)} is not a defined function`);
    return this.#call(declared, name, site);
  }

  /** Calls a function or a method. */
  #call(declared: GoFunction, name: string, { dot, node, given }: CallSite): Maybe {
    this.#checkCount(declared, name, given);
    const { args, piped } = given;
    if (declared === AND || declared === OR) return this.#shortCircuit(dot, declared === OR, given);
    const values: Maybe[] = [];
    for (const arg of args) {
      values.push(this.#argument(dot, paramOf(declared, values.length), arg));
    }
    if (piped !== null) values.push(this.#checked(piped.value, paramOf(declared, values.length)));
    if (declared.impure) this.budget.markImpure();
    this.budget.step();
    try {
      if (declared === CALL) return callValue(values[0], args[0]);
      this.budget.given(textSize(values));
      const before = this.budget.allocated;
      const result = declared.call(values, this.budget);
      if (typeof result === 'string') this.budget.returned(result.length, before);
      return result;
    } catch (error) {
      if (error instanceof TemplateError) throw error;
      this.at = node;
      if (error instanceof CallError) return this.fail(error.message, name);
      return this.failAtBound(error, name);
    }
  }

  #checkCount({ params, rest }: GoFunction, name: string, { args, piped }: Given): void {
    const count = args.length + (piped === null ? 0 : 1);
    if (rest === undefined && count !== params.length) {
      this.fail(`wrong number of args for ${name}: want ${params.length} got ${count}`);
    }
    if (count < params.length) {
      this.fail(`wrong number of args for ${name}: want at least ${params.length} got ${args.length}`);
    }
  }

  /** Evaluates the arguments of `and` or `or` until one decides the result. */
  #shortCircuit(dot: Held, stopsAt: boolean, { args, piped }: Given): Maybe {
    let value: Maybe;
    for (const arg of args) {
      value = this.#argument(dot, WHATEVER, arg);
      if (truth(value) === stopsAt) return value;
    }
    return piped === null ? value : piped.value;
  }

  /** Evaluates an argument for a parameter of the given type. A literal takes on that type. */
  #argument(dot: Held, type: Type, arg: Operand): Maybe {
    if (arg.kind === 'nil') {
      this.at = arg;
      if (type === WHATEVER) return undefined;
      return type.nil === undefined ? this.fail(`cannot assign nil to ${type.name}`) : type.nil;
    }
    if (!isLiteral(arg)) return this.#checked(this.#operand(dot, arg), type);
    this.at = arg;
    const value = literalAs(type, arg);
    if (value !== undefined) return value;
    if (type === WHATEVER || type === ANY) return this.#literal(arg);
    const wanted = WANTED.get(type.kind);
    if (wanted !== undefined) return this.fail(`expected ${wanted}; found ${sourceOf(arg)}`);
    return this.fail(`can't handle ${sourceOf(arg)} for arg of type ${type.name}`);
  }

  /** Returns the value if a parameter of the given type accepts it; fails with Go's error text otherwise. */
  #checked(value: Maybe, type: Type): Maybe {
    if (type === WHATEVER) return value;
    if (value === undefined) {
      if (type.nil === undefined) this.fail(`invalid value; expected ${type.name}`);
      return type.nil;
    }
    const found = value === null ? ANY : typeOf(value);
    if (type.holds(value)) return value;
    return this.fail(`wrong type for value; expected ${type.name}; got ${found.name}`);
  }
}

/** Returns the total length in bytes of all strings among the values. */
function textSize(values: readonly Maybe[]): number {
  let size = 0;
  for (const value of values) if (typeof value === 'string') size += value.length;
  return size;
}
