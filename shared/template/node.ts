/** The nodes of a parsed template. In each of them, `at` is the byte offset that Go's errors report for it. */
import { quote } from './quote.ts';
import type { Value } from './value.ts';

/** A piece of text or an action. */
export type Node = Text | Action | Branch | Invocation | Jump;

/** Text between actions. */
export interface Text {
  readonly kind: 'text';
  readonly at: number;
  readonly text: string;
}

/** An action that prints the value of a pipeline or sets variables. */
export interface Action {
  readonly kind: 'action';
  readonly at: number;
  readonly pipe: Pipe;
}

/** `{{if}}`, `{{with}}` or `{{range}}` with its bodies. */
export interface Branch {
  readonly kind: 'if' | 'with' | 'range';
  readonly at: number;
  readonly pipe: Pipe;
  readonly list: List;
  readonly otherwise: List | null;
}

/** `{{template "name" pipe}}`. A block becomes a definition and one of these. */
export interface Invocation {
  readonly kind: 'template';
  readonly at: number;
  readonly name: string;
  readonly pipe: Pipe | null;
}

/** `{{break}}` or `{{continue}}`. */
export interface Jump {
  readonly kind: 'break' | 'continue';
  readonly at: number;
}

/** The body of a template or of an action. */
export type List = readonly Node[];

/** A sequence of commands. The value of each is the last argument of the next. */
export interface Pipe {
  readonly kind: 'pipe';
  readonly at: number;
  /** The variables that the pipeline declares or, with `assigns`, assigns to. */
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

/** A part of a command: its first part or an argument. */
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

/** `$x.A.B`; `name` includes the dollar sign. */
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

/** `.` */
export interface Dot {
  readonly kind: 'dot';
  readonly at: number;
}

/** `nil` */
export interface Nil {
  readonly kind: 'nil';
  readonly at: number;
}

/** A literal other than `nil`. */
export type Literal = StringLiteral | BoolLiteral | NumberLiteral;

/** A string; `source` includes its quotes. */
export interface StringLiteral {
  readonly kind: 'string';
  readonly at: number;
  readonly value: string;
  readonly source: string;
}

/** `true` or `false`. */
export interface BoolLiteral {
  readonly kind: 'bool';
  readonly at: number;
  readonly value: boolean;
}

/** A number or character constant. As in Go, it has no type of its own: its type depends on where it is used. */
export interface NumberLiteral {
  readonly kind: 'number';
  readonly at: number;
  readonly source: string;
  /** The value as a signed integer, or null if it does not fit into 64 bits. */
  readonly integer: bigint | null;
  /** The value as an unsigned integer, or null if it does not fit into 64 bits. */
  readonly unsigned: bigint | null;
  /** The value as a floating-point number. */
  readonly float: number;
  /** The value where any type is accepted, or null if it overflows `int`. */
  readonly ideal: Value;
}

/** Whether an operand is a literal. Its value is part of the template and therefore not secret. */
export function isLiteral(operand: Operand): operand is Literal | Nil {
  return (
    operand.kind === 'string' ||
    operand.kind === 'number' ||
    operand.kind === 'bool' ||
    operand.kind === 'nil'
  );
}

/** Returns the source of a node as Go's errors show it: with single spaces and without comments. */
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
