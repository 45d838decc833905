/** Parses the text of a template with Go's grammar and Go's error messages. */
import { Lexer } from './lexer.ts';
import type { Token } from './token.ts';
import type { Branch, List, Node } from './node.ts';
import { PipelineParser, Variables } from './pipeline-parser.ts';
import { quote } from './quote.ts';
import { DEEPEST, isKeyword, TokenStream, type TokenMeter } from './token-stream.ts';
import { textOf } from './utf8.ts';

/** The action that ended a list of nodes: `{{end}}` or `{{else}}`. */
type Stop = 'end' | 'else';

/** Options of `parseTemplate`. */
export interface ParserOptions {
  /** Whether a function exists. */
  readonly isFunction: (name: string) => boolean;
  /** Limits the number of tokens. */
  readonly meter?: TokenMeter | undefined;
}

/**
 * Parses a template. Returns the body of every template that the text defines, by name; the template itself is under
 * `name`. Throws `TemplateError`.
 */
export function parseTemplate(name: string, text: string, options: ParserOptions): Map<string, List> {
  return new Parser(name, text, options).parse();
}

class Parser {
  readonly #name: string;
  readonly #tokens: TokenStream;
  readonly #pipelines: PipelineParser;
  readonly #templates = new Map<string, List>();
  /** The number of ranges that enclose the current position within this body. */
  #ranges = 0;

  constructor(name: string, text: string, { isFunction, meter }: ParserOptions) {
    this.#name = name;
    this.#tokens = new TokenStream(name, new Lexer(text, isFunction), meter);
    this.#pipelines = new PipelineParser(this.#tokens, isFunction);
  }

  parse(): Map<string, List> {
    const nodes: Node[] = [];
    while (this.#tokens.peek().kind !== 'end of text') {
      if (this.#tokens.peek().kind === 'left delimiter') {
        const delimiter = this.#tokens.next();
        const token = this.#tokens.nextNonSpace();
        if (isKeyword(token, 'define')) {
          this.#define();
          continue;
        }
        this.#tokens.putBack(token, delimiter);
      }
      const node = this.#textOrAction();
      if (typeof node === 'string') this.#tokens.fail(`unexpected {{${node}}}`);
      nodes.push(node);
    }
    this.#add(this.#name, nodes);
    return this.#templates;
  }

  #add(name: string, list: List): void {
    const before = this.#templates.get(name);
    if (before === undefined || isEmpty(before)) this.#templates.set(name, list);
    else if (!isEmpty(list)) this.#tokens.fail(`template: multiple definition of template ${quote(name)}`);
  }

  /** Parses a definition, after its keyword `define`. */
  #define(): void {
    const context = 'define clause';
    this.#inBody(() => {
      const name = this.#pipelines.string(this.#tokens.expect('string', context));
      this.#tokens.expect('right delimiter', context);
      const { list, stop } = this.#list();
      if (stop !== 'end') this.#tokens.fail(`unexpected {{${stop}}} in ${context}`);
      this.#add(name, list);
    });
  }

  /** Parses the body of a definition, which cannot see the variables or ranges that enclose it. */
  #inBody(parse: () => void): void {
    const { variables } = this.#pipelines;
    const { actionLine } = this.#tokens;
    const ranges = this.#ranges;
    this.#pipelines.variables = new Variables();
    this.#tokens.actionLine = this.#ranges = 0;
    parse();
    this.#pipelines.variables = variables;
    this.#tokens.actionLine = actionLine;
    this.#ranges = ranges;
  }

  #list(): { list: List; stop: Stop } {
    const list: Node[] = [];
    while (this.#tokens.peekNonSpace().kind !== 'end of text') {
      const node = this.#textOrAction();
      if (typeof node === 'string') return { list, stop: node };
      list.push(node);
    }
    this.#tokens.fail('unexpected EOF');
  }

  #textOrAction(): Node | Stop {
    const token = this.#tokens.nextNonSpace();
    if (token.kind === 'text') return { kind: 'text', at: token.at, text: token.text };
    if (token.kind !== 'left delimiter') return this.#tokens.unexpected(token, 'input');
    this.#tokens.actionLine = token.line;
    const node = this.#action();
    this.#tokens.actionLine = 0;
    return node;
  }

  #action(): Node | Stop {
    const token = this.#tokens.nextNonSpace();
    switch (token.kind === 'keyword' ? token.text : '') {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(token.text as Branch['kind']);
      case 'else':
        return this.#else();
      case 'end':
        this.#tokens.expect('right delimiter', 'end');
        return 'end';
      case 'template':
        return this.#invocation();
      case 'block':
        return this.#block();
      case 'break':
      case 'continue':
        return this.#jump(token);
      default:
    }
    this.#tokens.putBack(token);
    return { kind: 'action', at: token.at, pipe: this.#pipelines.parse('command', 'right delimiter') };
  }

  #jump(token: Token): Node {
    const action = `{{${token.text}}}`;
    const after = this.#tokens.nextNonSpace();
    if (after.kind !== 'right delimiter') this.#tokens.unexpected(after, action);
    if (this.#ranges === 0) this.#tokens.fail(`${action} outside {{range}}`);
    return { kind: token.text === 'break' ? 'break' : 'continue', at: token.at };
  }

  #control(kind: Branch['kind']): Branch {
    return this.#tokens.nested(`{{${kind}}} is nested deeper than ${DEEPEST}`, () => {
      const { variables } = this.#pipelines;
      const { size } = variables;
      const pipe = this.#pipelines.parse(kind, 'right delimiter');
      if (kind === 'range') this.#ranges++;
      const { list, stop } = this.#list();
      if (kind === 'range') this.#ranges--;
      const otherwise = stop === 'else' ? this.#otherwise(kind) : null;
      variables.drop(size);
      return { kind, at: pipe.at, pipe, list, otherwise };
    });
  }

  /**
   * Parses the list after `{{else}}`, or the rest of an `{{else if …}}` or `{{else with …}}`, whose `{{end}}` also ends
   * the enclosing action.
   */
  #otherwise(kind: Branch['kind']): List {
    const token = this.#tokens.peek();
    if (kind !== 'range' && isKeyword(token, kind)) {
      this.#tokens.next();
      return [this.#control(kind)];
    }
    const { list, stop } = this.#list();
    if (stop !== 'end') this.#tokens.fail(`expected end; found {{${stop}}}`);
    return list;
  }

  #else(): Stop {
    const token = this.#tokens.peekNonSpace();
    if (!isKeyword(token, 'if') && !isKeyword(token, 'with')) this.#tokens.expect('right delimiter', 'else');
    return 'else';
  }

  #invocation(): Node {
    const context = 'template clause';
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, context);
    const after = this.#tokens.nextNonSpace();
    if (after.kind === 'right delimiter') return { kind: 'template', at: token.at, name, pipe: null };
    this.#tokens.putBack(after);
    return { kind: 'template', at: token.at, name, pipe: this.#pipelines.parse(context, 'right delimiter') };
  }

  #block(): Node {
    const context = 'block clause';
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, context);
    const pipe = this.#pipelines.parse(context, 'right delimiter');
    const { line } = this.#tokens;
    this.#inBody(() => {
      const { list, stop } = this.#tokens.nested(`{{block}} is nested deeper than ${DEEPEST}`, () =>
        this.#list(),
      );
      if (stop !== 'end') {
        this.#tokens.line = line;
        this.#tokens.fail(`unexpected {{${stop}}} in ${context}`);
      }
      this.#add(name, list);
    });
    return { kind: 'template', at: token.at, name, pipe };
  }

  #templateName(token: Token, context: string): string {
    return token.kind === 'string' ? this.#pipelines.string(token) : this.#tokens.unexpected(token, context);
  }
}

/** Matches text that Go regards as blank (`unicode.IsSpace`). */
const BLANK = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/;

/** Whether a body contains only white space. Another definition of the same name may replace such a body. */
function isEmpty(list: List): boolean {
  return list.every((node) => node.kind === 'text' && BLANK.test(textOf(node.text)));
}
