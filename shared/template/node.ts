/** The parts of a parsed template. Each has the byte offset that Go's errors give for it. */
import { quote } from './quote.ts';
import type { Value } from './value.ts';

/** What stands between actions, and the actions. */
export type Node = Text | Action | Branch | Invocation | Jump;

export interface Text {
  readonly kind: 'text';
  readonly at: number;
  readonly text: string;
}

export interface Action {
  readonly kind: 'action';
  readonly at: number;
  readonly pipe: Pipe;
}

export interface Branch {
  readonly kind: 'if' | 'with' | 'range';
  readonly at: number;
  readonly pipe: Pipe;
  readonly list: List;
  readonly otherwise: List | null;
}

/** `{{template "name" pipe}}`, which a block becomes as well. */
export interface Invocation {
  readonly kind: 'template';
  readonly at: number;
  readonly name: string;
  readonly pipe: Pipe | null;
}

export interface Jump {
  readonly kind: 'break' | 'continue';
  readonly at: number;
}

export type List = readonly Node[];

/** Commands, each one's value being the last argument of the next. */
export interface Pipe {
  readonly kind: 'pipe';
  readonly at: number;
  /** The variables it declares or, with `assigns`, assigns to. */
  readonly variables: readonly Variable[];
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

/** A function, method or operand, and its arguments. */
export interface Command {
  readonly kind: 'command';
  readonly at: number;
  readonly first: Operand;
  readonly args: readonly Operand[];
}

export type Operand = Pipe | Identifier | Field | Variable | Chain | Dot | Nil | Literal;

/** The name of a function. */
export interface Identifier {
  readonly kind: 'identifier';
  readonly at: number;
  readonly name: string;
}

/** `.A.B` */
export interface Field {
  readonly kind: 'field';
  readonly at: number;
  readonly names: readonly string[];
}

/** `$x.A.B`; `name` has its dollar sign. */
export interface Variable {
  readonly kind: 'variable';
  readonly at: number;
  readonly name: string;
  readonly names: readonly string[];
}

/** Fields of another operand: `(pipe).A.B` */
export interface Chain {
  readonly kind: 'chain';
  readonly at: number;
  readonly of: Operand;
  readonly names: readonly string[];
}

export interface Dot {
  readonly kind: 'dot';
  readonly at: number;
}

export interface Nil {
  readonly kind: 'nil';
  readonly at: number;
}

export type Literal = StringLiteral | BoolLiteral | NumberLiteral;

export interface StringLiteral {
  readonly kind: 'string';
  readonly at: number;
  readonly value: string;
  readonly source: string;
}

export interface BoolLiteral {
  readonly kind: 'bool';
  readonly at: number;
  readonly value: boolean;
}

/** A number, which as in Go has no type of its own: what wants it decides. */
export interface NumberLiteral {
  readonly kind: 'number';
  readonly at: number;
  readonly source: string;
  /** Its value where an integer is wanted; null where it is none of 64 bits. */
  readonly integer: bigint | null;
  /** Its value where an unsigned integer is wanted; null where it is none of 64 bits. */
  readonly unsigned: bigint | null;
  readonly float: number;
  /** Its value where anything is wanted; null where it overflows `int`. */
  readonly ideal: Value;
}

/** Whether an operand is written out in the template, so that its value is no secret. */
export function isLiteral(operand: Operand): operand is Literal | Nil {
  return (
    operand.kind === 'string' ||
    operand.kind === 'number' ||
    operand.kind === 'bool' ||
    operand.kind === 'nil'
  );
}

/** The source of a part, as Go's errors show it: with single spaces, without comments. */
export function sourceOf(node: Node | Pipe | Command | Operand): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'action':
      return `{{${sourceOf(node.pipe)}}}`;
    case 'if':
    case 'with':
    case 'range': {
      const otherwise = node.otherwise === null ? '' : `{{else}}${node.otherwise.map(sourceOf).join('')}`;
      return `{{${node.kind} ${sourceOf(node.pipe)}}}${node.list.map(sourceOf).join('')}${otherwise}{{end}}`;
    }
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === null ? '' : ` ${sourceOf(node.pipe)}`}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'pipe': {
      const commands = node.commands.map(sourceOf).join(' | ');
      if (node.variables.length === 0) return commands;
      return `${node.variables.map(sourceOf).join(', ')} ${node.assigns ? '=' : ':='} ${commands}`;
    }
    case 'command':
      return [node.first, ...node.args].map(inParentheses).join(' ');
    case 'identifier':
      return node.name;
    case 'field':
      return `.${node.names.join('.')}`;
    case 'variable':
      return [node.name, ...node.names].join('.');
    case 'chain':
      return [inParentheses(node.of), ...node.names].join('.');
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'string':
    case 'number':
      return node.source;
  }
}

function inParentheses(operand: Operand): string {
  return operand.kind === 'pipe' ? `(${sourceOf(operand)})` : sourceOf(operand);
}
