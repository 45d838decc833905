/** Finds the fields of the data that a template reads by a literal name, without running the template. */
import type { Chain, Command, Field, List, Node, Operand, Pipe, Variable } from './node.ts';

/** The part of a parsed template that is examined. */
interface Examined {
  readonly name: string;
  /** The bodies of the template itself and of the templates that it defines, by name. */
  readonly templates: ReadonlyMap<string, List>;
}

/** A field of the data that a template reads. */
export interface Reference {
  /** The name of the field, as bytes (see value.ts). */
  readonly name: string;
  /** The byte offset of the first reference in the template's text. */
  readonly at: number;
}

/**
 * Returns the fields of the data that a template reads as `.name`, `$.name` or `index . "name"` on every run, whatever
 * the values are: that is, outside the blocks of `if`, `with` and `range`. Omits fields that the template tests
 * anywhere, as in `{{ if .name }}` or `{{ .name | default "x" }}`, directly or through a variable or another template,
 * because it may allow for their absence. The result depends on the text alone.
 */
export function rootReferences(program: Examined): readonly Reference[] {
  return new Finder(program).find();
}

/** What a template may read of the data. */
export interface Mentions {
  /** The names of fields that the template reads or tests anywhere, as bytes (see value.ts). */
  readonly names: ReadonlySet<string>;
  /** Whether it uses the data as a whole, such as `range .` or `toJson .`. */
  readonly whole: boolean;
}

/** Returns what a template may read of the data, whatever the values are. The result depends on the text alone. */
export function rootMentions(program: Examined): Mentions {
  return new Finder(program).mentions();
}

/** Functions that test their arguments or are intended for arguments that may be absent. */
const TESTS: ReadonlySet<string> = new Set([
  ...['and', 'or', 'not', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'deepEqual', 'mustDeepEqual'],
  ...['default', 'empty', 'coalesce', 'ternary', 'all', 'any', 'compact', 'mustCompact'],
  ...['has', 'mustHas', 'without', 'mustWithout', 'hasKey', 'get', 'dig', 'pluck', 'pick', 'omit'],
  ...['kindOf', 'kindIs', 'typeOf', 'typeIs', 'typeIsLike'],
]);

/** What is known about a place in a template. */
interface Place {
  /** Whether `.` is the data. */
  readonly dot: boolean;
  /** Whether `$` is the data. */
  readonly dollar: boolean;
  /** Whether every run reaches this place. */
  readonly certain: boolean;
  /** Whether the value at this place is tested. */
  readonly tested: boolean;
  /** The uses of the variables that receive the value. */
  readonly into: readonly Uses[];
}

/** The fields and variables from which the value of a variable is computed. */
interface Uses {
  readonly names: Set<string>;
  readonly variables: Set<string>;
}

/** Walks all bodies that may run and collects the fields that they read or test. */
class Finder {
  readonly #program: Examined;
  readonly #references = new Map<string, Reference>();
  readonly #testedNames = new Set<string>();
  readonly #testedVariables = new Set<string>();
  readonly #variables = new Map<string, Uses>();
  /** The bodies that may run. Each body is walked once for each way in which it can be called. */
  readonly #bodies = new Map<string, { readonly name: string; readonly place: Place }>();
  readonly #mentioned = new Set<string>();
  #isDollarSet = false;
  #usesWhole = false;

  constructor(program: Examined) {
    this.#program = program;
  }

  find(): readonly Reference[] {
    this.#walk();
    if (this.#isDollarSet) return [];
    this.#followVariables();
    return [...this.#references.values()].filter(({ name }) => !this.#testedNames.has(name));
  }

  mentions(): Mentions {
    this.#walk();
    return { names: this.#mentioned, whole: this.#usesWhole };
  }

  #walk(): void {
    this.#runs(this.#program.name, true, true);
    // The map grows during the iteration.
    for (const { name, place } of this.#bodies.values()) {
      this.#list(this.#program.templates.get(name) ?? [], place);
    }
  }

  #runs(name: string, isRoot: boolean, certain: boolean): void {
    const key = `${String(isRoot)} ${String(certain)} ${name}`;
    const place = { dot: isRoot, dollar: isRoot, certain, tested: false, into: [] };
    if (!this.#bodies.has(key)) this.#bodies.set(key, { name, place });
  }

  /** Marks the fields and variables behind each tested variable as tested, too. */
  #followVariables(): void {
    for (const variable of this.#testedVariables) {
      const uses = this.#variables.get(variable);
      for (const name of uses?.names ?? []) this.#testedNames.add(name);
      for (const other of uses?.variables ?? []) this.#testedVariables.add(other);
    }
  }

  #list(list: List, place: Place): void {
    for (const node of list) this.#node(node, place);
  }

  #node(node: Node, place: Place): void {
    switch (node.kind) {
      case 'action':
        return this.#pipe(node.pipe, place);
      case 'if':
      case 'with':
      case 'range': {
        this.#pipe(node.pipe, { ...place, tested: true });
        const inside = { ...place, certain: false };
        this.#list(node.list, node.kind === 'if' ? inside : { ...inside, dot: false });
        return this.#list(node.otherwise ?? [], inside);
      }
      case 'template':
        this.#runs(node.name, node.pipe !== null && isRoot(node.pipe, place), place.certain);
        // The other template may test its data; a template that gets all of it is walked itself.
        if (node.pipe !== null && !isRoot(node.pipe, place))
          this.#pipe(node.pipe, { ...place, tested: true });
        return;
      default:
    }
  }

  #pipe({ variables, commands }: Pipe, place: Place): void {
    const into = [...place.into];
    for (const { name } of variables) {
      if (name === '$') this.#isDollarSet = true;
      const uses = this.#variables.get(name) ?? { names: new Set(), variables: new Set() };
      this.#variables.set(name, uses);
      into.push(uses);
    }
    // All commands before the last testing function are piped into it.
    const lastTest = commands.findLastIndex(
      ({ first }) => first.kind === 'identifier' && TESTS.has(first.name),
    );
    commands.forEach((command, index) => {
      this.#command(command, { ...place, into, tested: place.tested || index <= lastTest });
    });
    this.#literalsBesideRoot(commands, place);
  }

  #command(command: Command, place: Place): void {
    const [map, key] = command.args;
    if (isIndex(command) && map !== undefined && isRoot(map, place) && key?.kind === 'string') {
      this.#reads(key.value, key.at, place);
    }
    this.#operand(command.first, place);
    for (const arg of command.args) this.#operand(arg, place);
  }

  /**
   * Treats a string literal next to the data as a tested field, because a function call such as `hasKey . "name"` may
   * test or create the field. Without such a literal, a command with the data uses all of it.
   */
  #literalsBesideRoot(commands: readonly Command[], place: Place): void {
    const others = commands.filter((command) => !isIndex(command));
    const operands = others.flatMap(({ first, args }) => [first, ...args]);
    if (!operands.some((operand) => isRoot(operand, place))) return;
    const literals = operands.flatMap((operand) => (operand.kind === 'string' ? [operand.value] : []));
    for (const name of literals) {
      this.#testedNames.add(name);
      this.#mentioned.add(name);
    }
    if (literals.length === 0) this.#usesWhole = true;
  }

  #operand(operand: Operand, place: Place): void {
    switch (operand.kind) {
      case 'pipe':
        return this.#pipe(operand, place);
      case 'field':
        return this.#fields(operand, place, place.dot);
      case 'variable':
        if (operand.name !== '$') this.#usesVariable(operand.name, place);
        return this.#fields(operand, place, operand.name === '$' && place.dollar);
      case 'chain':
        this.#operand(operand.of, place);
        return this.#fields(operand, place, false);
      default:
    }
  }

  #usesVariable(name: string, place: Place): void {
    if (place.tested) this.#testedVariables.add(name);
    for (const { variables } of place.into) variables.add(name);
  }

  /**
   * Notes a field chain. If it is tested, all its names count as tested, even if it is not known to start at the data,
   * because its operand may be the data all the same.
   */
  #fields({ names, at }: Field | Variable | Chain, place: Place, ofRoot: boolean): void {
    const [first] = names;
    if (place.tested) for (const name of names) this.#testedNames.add(name);
    if (ofRoot && first !== undefined) this.#reads(first, at, place);
  }

  #reads(name: string, at: number, { certain, tested, into }: Place): void {
    this.#mentioned.add(name);
    if (tested) this.#testedNames.add(name);
    if (certain && !this.#references.has(name)) this.#references.set(name, { name, at });
    for (const { names } of into) names.add(name);
  }
}

function isIndex({ first }: Command): boolean {
  return first.kind === 'identifier' && first.name === 'index';
}

/** Whether an operand is the data as a whole. */
function isRoot(operand: Operand, place: Pick<Place, 'dot' | 'dollar'>): boolean {
  if (operand.kind === 'dot') return place.dot;
  if (operand.kind === 'variable') return operand.name === '$' && operand.names.length === 0 && place.dollar;
  if (operand.kind !== 'pipe' || operand.variables.length > 0) return false;
  const [only, ...more] = operand.commands;
  return only !== undefined && more.length === 0 && only.args.length === 0 && isRoot(only.first, place);
}
