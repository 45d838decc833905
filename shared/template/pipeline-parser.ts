/** Parses pipelines: the contents of actions and of parentheses. */
import type { Token, TokenKind } from './token.ts';
import { parseNumber, parseRune } from './literal.ts';
import {
  sourceOf,
  type Chain,
  type Command,
  type Field,
  type Operand,
  type Pipe,
  type Variable,
} from './node.ts';
import { quote, unquote } from './quote.ts';
import type { TokenStream } from './token-stream.ts';

/** The variables that are visible in a template's body. Names include the dollar sign. */
export class Variables {
  readonly #names: string[] = [];
  /** The number of declarations of each name. */
  readonly #counts = new Map([['$', 1]]);

  /** The number of variables, for a later `drop`. */
  get size(): number {
    return this.#names.length;
  }

  /** Declares a variable. */
  declare(name: string): void {
    this.#names.push(name);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** Whether a variable with this name is visible. */
  isDeclared(name: string): boolean {
    return (this.#counts.get(name) ?? 0) > 0;
  }

  /** Removes the variables that were declared since `size` had the given value. */
  drop(size: number): void {
    for (const name of this.#names.splice(size)) {
      this.#counts.set(name, (this.#counts.get(name) ?? 0) - 1);
    }
  }
}

/** Parses pipelines from a stream of tokens. */
export class PipelineParser {
  readonly #tokens: TokenStream;
  readonly #isFunction: (name: string) => boolean;
  /** The variables of the body that is being parsed. */
  variables = new Variables();

  constructor(tokens: TokenStream, isFunction: (name: string) => boolean) {
    this.#tokens = tokens;
    this.#isFunction = isFunction;
  }

  /** Parses a pipeline up to and including a token of kind `end`. Errors refer to the place as `context`. */
  parse(context: string, end: TokenKind): Pipe {
    const { at } = this.#tokens.peekNonSpace();
    const { variables, assigns } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#tokens.nextNonSpace();
      if (token.kind === end) break;
      if (!startsOperand(token)) this.#tokens.unexpected(token, context);
      this.#tokens.putBack(token);
      commands.push(this.#command());
    }
    if (commands.length === 0) this.#tokens.fail(`missing value for ${context}`);
    const stage = commands.findIndex(
      ({ first }, i) => i > 0 && ['bool', 'dot', 'nil', 'number', 'string'].includes(first.kind),
    );
    if (stage > 0) this.#tokens.fail(`non executable command in pipeline stage ${stage + 1}`);
    return { kind: 'pipe', at, variables, assigns, commands };
  }

  /** Parses `$x :=`, `$x =` and, in a range, `$k, $v :=` or `$k, $v =`. */
  #declarations(context: string): { variables: Variable[]; assigns: boolean } {
    const variables: Variable[] = [];
    for (;;) {
      const token = this.#tokens.peekNonSpace();
      if (token.kind !== 'variable') return { variables, assigns: false };
      this.#tokens.next();
      const space = this.#tokens.peek();
      const after = this.#tokens.peekNonSpace();
      const isComma = after.kind === 'character' && after.text === ',';
      if (!isComma && after.kind !== 'assign' && after.kind !== 'declare') {
        if (space.kind === 'space') this.#tokens.putBack(space);
        this.#tokens.putBack(token);
        return { variables, assigns: false };
      }
      this.#tokens.next();
      variables.push({ kind: 'variable', at: token.at, name: token.text, names: [] });
      this.variables.declare(token.text);
      if (!isComma) return { variables, assigns: after.kind === 'assign' };
      if (context !== 'range' || variables.length > 1)
        this.#tokens.fail(`too many declarations in ${context}`);
      const next = this.#tokens.peekNonSpace().kind;
      if (next !== 'variable' && next !== 'right delimiter' && next !== 'right parenthesis') {
        this.#tokens.fail('range can only initialize variables');
      }
    }
  }

  #command(): Command {
    const { at } = this.#tokens.peekNonSpace();
    const operands: Operand[] = [];
    for (;;) {
      this.#tokens.peekNonSpace();
      const operand = this.#operand();
      if (operand !== null) operands.push(operand);
      const token = this.#tokens.next();
      if (token.kind === 'space') continue;
      if (token.kind === 'right delimiter' || token.kind === 'right parenthesis') this.#tokens.putBack(token);
      else if (token.kind !== 'pipe') this.#tokens.unexpected(token, 'operand');
      break;
    }
    const [first, ...args] = operands;
    if (first === undefined) this.#tokens.fail('empty command');
    return { kind: 'command', at, first, args };
  }

  #operand(): Operand | null {
    const term = this.#term();
    if (term === null || this.#tokens.peek().kind !== 'field') return term;
    const { at } = this.#tokens.peek();
    const names: string[] = [];
    while (this.#tokens.peek().kind === 'field') names.push(this.#tokens.next().text.slice(1));
    switch (term.kind) {
      case 'field':
        return { ...term, at, names: [...term.names, ...names] } satisfies Field;
      case 'variable':
        return { ...term, at, names } satisfies Variable;
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.#tokens.fail(`unexpected . after term ${quote(sourceOf(term))}`);
      default:
        return { kind: 'chain', at, of: term, names } satisfies Chain;
    }
  }

  #term(): Operand | null {
    const token = this.#tokens.nextNonSpace();
    const { at, text } = token;
    switch (token.kind) {
      case 'identifier':
        if (!this.#isFunction(text)) this.#tokens.fail(`function ${quote(text)} not defined`);
        return { kind: 'identifier', at, name: text };
      case 'dot':
        return { kind: 'dot', at };
      case 'nil':
        return { kind: 'nil', at };
      case 'variable':
        if (!this.variables.isDeclared(text)) this.#tokens.fail(`undefined variable ${quote(text)}`);
        return { kind: 'variable', at, name: text, names: [] };
      case 'field':
        return { kind: 'field', at, names: [text.slice(1)] };
      case 'bool':
        return { kind: 'bool', at, value: text === 'true' };
      case 'rune':
      case 'complex':
      case 'number': {
        const number = token.kind === 'rune' ? parseRune(text) : parseNumber(text);
        if (typeof number === 'string') this.#tokens.fail(number);
        return { kind: 'number', at, source: text, ...number };
      }
      case 'left parenthesis':
        return this.#tokens.nested('max expression depth exceeded', () =>
          this.parse('parenthesized pipeline', 'right parenthesis'),
        );
      case 'string':
        return { kind: 'string', at, value: this.string(token), source: text };
      default:
        this.#tokens.putBack(token);
        return null;
    }
  }

  /** Returns the value of a string token. */
  string(token: Token): string {
    return unquote(token.text) ?? this.#tokens.fail('invalid syntax');
  }
}

function startsOperand({ kind }: Token): boolean {
  switch (kind) {
    case 'bool':
    case 'rune':
    case 'complex':
    case 'dot':
    case 'field':
    case 'identifier':
    case 'number':
    case 'nil':
    case 'string':
    case 'variable':
    case 'left parenthesis':
      return true;
    default:
      return false;
  }
}
