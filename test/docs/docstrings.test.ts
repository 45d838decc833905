import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import ts from 'typescript';
import { PACKAGE } from '../support/package.ts';

const SOURCES = ['cli', 'controller', 'library', 'shared'].flatMap((folder) =>
  readdirSync(join(PACKAGE, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`),
);

/** What the examples use without defining it. */
const GIVEN = `
  declare const api: import('./shared/kubernetes/api/api.ts').Api;
  declare const clock: import('./shared/clock.ts').Clock;
  declare const context: import('./controller/reconciler/reconcile.ts').ReconcileContext;
  declare const envelope: import('./shared/crypto/envelope.ts').Envelope;
  declare const key: import('./shared/crypto/private-key.ts').PrivateKey;
  declare const label: import('./shared/crypto/envelope.ts').Label;
  declare const log: import('./controller/log/log.ts').Log;
  declare const pem: string;
  declare const ref: import('./shared/kubernetes/api/api.ts').Ref;
  declare const signal: AbortSignal;
  declare const sink: import('./controller/informer/reflector.ts').Sink;
  declare const text: string;
  declare const workers: import('./controller/workqueue/worker-pool.ts').WorkerPool;
`;

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(PACKAGE, file), 'utf8'), ts.ScriptTarget.Latest, true);
}

/** Returns the declarations that a file exports, without those that it exports from another file. */
function exportsOf(source: ts.SourceFile): ts.Statement[] {
  return source.statements.filter(
    (statement) =>
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
  );
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name ? [statement.name.text] : [];
}

/**
 * Returns the modules of a file's examples: each imports what the file exports, and what it says itself. An example of the
 * library imports the package as users do, and nothing else.
 */
function examplesOf(file: string): string[] {
  const source = parse(file);
  const names = exportsOf(source).flatMap(namesOf);
  const [path] = file.split('/').slice(-1);
  const own = `import { ${names.join(', ')} } from './${path ?? ''}';`;
  const found = [...source.text.matchAll(/\n( *)\* @example\n([^]*?)\n *\*\//g)];
  return found.map(([, , block = '']) => {
    const lines = block.split('\n').map((line) => line.replace(/^ *\* ?/, ''));
    const imports = lines.filter((line) => line.startsWith('import '));
    const body = lines.filter((line) => !line.startsWith('import '));
    const given = imports.some((line) => line.endsWith(" from 'sealed-secrets';")) ? [] : [own];
    return [...given, ...imports, 'export async function example() {', ...body, '}'].join('\n');
  });
}

/** Returns what the compiler says against modules that lie in memory, by their paths. */
function problemsOf(modules: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(PACKAGE, 'tsconfig.json'), (path) =>
    readFileSync(path, 'utf8'),
  ) as {
    readonly config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, PACKAGE);
  const paths = { 'sealed-secrets': [join(PACKAGE, 'library', 'index.ts')] };
  const checked = { ...options, paths, noEmit: true, incremental: false, verbatimModuleSyntax: false };
  delete checked.tsBuildInfoFile;
  const host = ts.createCompilerHost(checked);
  const onDisk = ts.createCompilerHost(checked);
  host.fileExists = (path) => modules.has(path) || onDisk.fileExists(path);
  host.readFile = (path) => modules.get(path) ?? onDisk.readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const module = modules.get(path);
    return module === undefined
      ? onDisk.getSourceFile(path, ...rest)
      : ts.createSourceFile(path, module, ts.ScriptTarget.Latest);
  };
  const program = ts.createProgram([...modules.keys()], checked, host);
  return [...modules.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}

suite('the docstrings of cli, controller, library and shared', () => {
  test('describe each export', () => {
    const without = SOURCES.flatMap((file) => {
      const exported = exportsOf(parse(file));
      const described = exported.filter((each) => ts.getJSDocCommentsAndTags(each).length > 0);
      // The first signature of an overloaded function describes all of them.
      const names = new Set(described.flatMap(namesOf));
      return exported
        .flatMap(namesOf)
        .filter((name) => !names.has(name))
        .map((name) => `${file}: ${name}`);
    });
    assert.deepEqual(without, []);
  });

  test('have examples that compile', () => {
    const modules = new Map([[join(PACKAGE, 'given.d.ts'), GIVEN]]);
    for (const file of SOURCES) {
      examplesOf(file).forEach((text, index) => {
        modules.set(join(PACKAGE, file.replace(/\.ts$/, `.example-${index + 1}.ts`)), text);
      });
    }
    assert.ok(modules.size > 8, `${modules.size - 1} examples`);
    assert.deepEqual(problemsOf(modules), []);
  });
});
