import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { COMMAND_NAMES } from '../../../cli/flags/commands.ts';
import { PACKAGE } from '../../support/package.ts';

const COMMANDS: ReadonlySet<string> = new Set(COMMAND_NAMES);

/** Stands for what a message names: a file, an item, a number. */
export const HOLE = '\u25a1';

/** Words in the code that a user may see. */
export interface Literal {
  /** The words, with `HOLE` for each expression between them. */
  readonly text: string;
  /** FILE:LINE. */
  readonly at: string;
  readonly file: string;
  /** The constant at the top of the file that holds the words. */
  readonly constant: string | undefined;
  /** The code of the failure that is worded so; undefined outside of a table of wordings. */
  readonly code: string | undefined;
  /** The text as a row of the page shows it, with a name for each expression. */
  readonly named: string;
}

/** Properties whose words describe a flag, a metric or what was expected: no messages of their own. */
const DESCRIPTIONS: ReadonlySet<string> = new Set([
  'at',
  'description',
  'example',
  'examples',
  'group',
  'help',
  'summary',
  'usage',
  'wanted',
  'what',
]);

/**
 * Functions and classes whose words are matched with texts, or only name a part of the code. The words of a plain error
 * are never shown, since `failureOf` shows only its class.
 */
const NO_MESSAGE_OF: ReadonlySet<string> = new Set([
  'Error',
  'failureOf',
  'translating',
  'translatingAsync',
  'RegExp',
  'startsWith',
  'includes',
  'at',
]);

/** Files of help texts, where only what is named a refusal is a message. */
const HELP = /^cli\/flags\/(?:definitions\.ts$|(?:key-)?commands\.ts$|groups\/)/;

/** The library of templates words its errors as Go does; they are shown behind `template: NAME:LINE: `. */
const GO_WORDS = 'shared/template/';

/** The files with messages among those that show the page. The others have its labels and sentences. */
const VIEW = ['web/view/failures.ts', 'web/view/page-certificates.ts'];

/** Returns the TypeScript files of what ships. */
export function shippedFiles(): string[] {
  return ['cli', 'controller', 'library', 'shared', 'web/model']
    .flatMap((folder) =>
      readdirSync(join(PACKAGE, folder), { recursive: true, encoding: 'utf8' }).map(
        (file) => `${folder}/${file}`,
      ),
    )
    .concat(VIEW)
    .filter((file) => file.endsWith('.ts') && (!file.startsWith(GO_WORDS) || file.endsWith('/error.ts')))
    .toSorted();
}

/** Returns all words in a file that a user may see: literals of two words or more, and every wording of a failure. */
export function literalsIn(file: string, text = readFileSync(join(PACKAGE, file), 'utf8')): Literal[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const constants = constantsOf(source);
  const found: Literal[] = [];
  const add = (node: ts.Node, { words, named }: Words, code: string | undefined): void => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    found.push({ text: words, named, at: `${file}:${line}`, file, code, constant: constantOf(node) });
  };
  const visit = (node: ts.Node, code: string | undefined): void => {
    if (isNoMessage(node)) return;
    if (isWordingTable(node)) {
      for (const property of node.properties) visitWording(property);
      return;
    }
    if (ts.isExpression(node) && isText(node)) {
      const words = wordsOf(node, constants);
      const isShown = isProse(words.words) || isLogged(node);
      if (isShown && (!HELP.test(file) || isRefusal(node))) add(node, words, code);
      for (const hole of words.holes) visit(hole, code);
      return;
    }
    ts.forEachChild(node, (child) => visit(child, code));
  };
  const visitWording = (property: ts.ObjectLiteralElementLike): void => {
    const code = property.name?.getText();
    const before = found.length;
    ts.forEachChild(property, (child) => visit(child, code));
    // A wording without words of its own still has a code, which logs show.
    if (found.length === before) add(property, { words: HOLE, named: '', holes: [] }, code);
  };
  visit(source, undefined);
  return found;
}

/** The texts of a file's constants by their names. */
type Constants = ReadonlyMap<string, string>;

/** Returns the constants of a file that are a text, so that messages that contain them are whole. */
function constantsOf(source: ts.SourceFile): Constants {
  const declarations = source.statements.flatMap((statement) =>
    ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [],
  );
  return new Map(
    declarations.flatMap(({ name, initializer }) =>
      initializer !== undefined && ts.isStringLiteralLike(initializer)
        ? [[name.getText(), initializer.text] as const]
        : [],
    ),
  );
}

interface Words {
  readonly words: string;
  readonly named: string;
  readonly holes: readonly ts.Expression[];
}

/** Joins the parts of a template and of a sum of strings. Alternatives that may be empty count as nothing. */
function wordsOf(node: ts.Expression, constants: Constants): Words {
  if (ts.isParenthesizedExpression(node)) return wordsOf(node.expression, constants);
  const constant = ts.isIdentifier(node) ? constants.get(node.text) : undefined;
  if (constant !== undefined) return { words: constant, named: constant, holes: [] };
  if (ts.isStringLiteralLike(node)) return { words: node.text, named: node.text, holes: [] };
  if (ts.isTemplateExpression(node)) {
    const parts = node.templateSpans.flatMap(({ expression, literal }) => [
      wordsOf(expression, constants),
      { words: literal.text, named: literal.text, holes: [] },
    ]);
    return joinedWords([{ words: node.head.text, named: node.head.text, holes: [] }, ...parts]);
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return joinedWords([wordsOf(node.left, constants), wordsOf(node.right, constants)]);
  }
  if (mayBeEmpty(node)) return { words: '', named: '', holes: [node] };
  return { words: HOLE, named: `\u00ab${nameOf(node)}\u00bb`, holes: [node] };
}

function joinedWords(parts: readonly Words[]): Words {
  return {
    words: parts.map(({ words }) => words).join(''),
    named: parts.map(({ named }) => named).join(''),
    holes: parts.flatMap(({ holes }) => holes),
  };
}

/** Returns the name of the constant at the top of its file that a node belongs to. */
function constantOf(node: ts.Node): string | undefined {
  const declaration = ts.findAncestor(node, (each) => ts.isVariableDeclaration(each) && isAtTop(each));
  return declaration && ts.isVariableDeclaration(declaration) ? declaration.name.getText() : undefined;
}

function isAtTop(declaration: ts.VariableDeclaration): boolean {
  return ts.isSourceFile(declaration.parent.parent.parent);
}

function mayBeEmpty(node: ts.Expression): boolean {
  return (
    ts.isConditionalExpression(node) &&
    [node.whenTrue, node.whenFalse].some((each) => ts.isStringLiteralLike(each) && each.text === '')
  );
}

/** Returns the last name in an expression: `file` of `f.file`, `joined(files)` → `files`. */
function nameOf(node: ts.Expression): string {
  const names = node.getText().match(/[A-Za-z]+/g) ?? [];
  return names.length > 0 && names.length <= 4 ? names.slice(-1).join('') : 'words';
}

function isText(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isText(node.expression);
  if (ts.isBinaryExpression(node)) {
    return node.operatorToken.kind === ts.SyntaxKind.PlusToken && (isText(node.left) || isText(node.right));
  }
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function isProse(words: string): boolean {
  const text = words.replaceAll(HOLE, ' ');
  // Names of commands, headings of tables and labels of PEM are no sentences.
  if (COMMANDS.has(words) || words === words.toUpperCase()) return false;
  if (/^\(?[a-z]+: /.test(words) || /^[A-Z]\w+ .*\.$/.test(words)) return true;
  return /\s/.test(words) && (text.match(/[A-Za-z]{2,}/g) ?? []).length >= 2;
}

/** Whether a node is the first argument of `log.info(…)` and the like, which may be one word. */
function isLogged({ parent, pos }: ts.Node): boolean {
  return (
    ts.isCallExpression(parent) &&
    /\blog\.(?:info|warn|error)$/.test(parent.expression.getText().toLowerCase()) &&
    parent.arguments[0]?.pos === pos
  );
}

function isWordingTable(node: ts.Node): node is ts.ObjectLiteralExpression {
  return (
    ts.isObjectLiteralExpression(node) &&
    ts.isSatisfiesExpression(node.parent) &&
    node.parent.type.getText() === 'Wording'
  );
}

/** Whether a text belongs to a property or a constant that is named a refusal. */
function isRefusal(node: ts.Node): boolean {
  for (let each = node; !ts.isSourceFile(each); each = each.parent) {
    if (ts.isVariableDeclaration(each) || ts.isPropertyAssignment(each))
      return /refusal$/i.test(each.name.getText());
  }
  return false;
}

/** Whether a node holds no words that are shown: types, imports, comparisons, descriptions, patterns. */
function isNoMessage(node: ts.Node): boolean {
  if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true;
  if (ts.isPropertyAssignment(node) && DESCRIPTIONS.has(node.name.getText())) return true;
  if (ts.isStringLiteralLike(node) && isCompared(node)) return true;
  if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
    const [name = ''] = node.expression.getText().split('.').slice(-1);
    return NO_MESSAGE_OF.has(name);
  }
  return false;
}

function isCompared(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isCaseClause(parent)) return true;
  return (
    ts.isBinaryExpression(parent) &&
    [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken].includes(
      parent.operatorToken.kind,
    )
  );
}
