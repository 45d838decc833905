import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from '@microsoft/api-extractor';
import ts from 'typescript';
import { DIST, PACKAGE } from './package.ts';

/** The entry points of the library. */
export const ENTRIES = ['index', 'browser'] as const;
/** An entry point of the library. */
export type Entry = (typeof ENTRIES)[number];

/** The folder of the reports that are made by a build. */
export const MADE_REPORTS = join(DIST, 'api');
/** The folder of the reports in the repository. */
export const REPORTS = join(PACKAGE, 'library', 'api');

/** The declarations of single files, from which those of the entry points are made. */
const PARTS = join(DIST, 'declarations');

/** Returns the name of the report of an entry point. */
export function reportName(entry: Entry): string {
  return `${entry}.api.md`;
}

/**
 * Writes the declarations of each entry point into a folder, as one file without imports, and a report of its surface
 * into `MADE_REPORTS`. Throws if the code has errors, or if a declaration refers to a type that is not exported.
 */
export function writeDeclarations(dir: string): void {
  compile();
  for (const entry of ENTRIES) extract(entry, dir);
}

/** Writes the declarations of the library's files and of all that they import. */
function compile(): void {
  rmSync(PARTS, { recursive: true, force: true });
  const { config } = ts.readConfigFile(join(PACKAGE, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    readonly config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, PACKAGE);
  delete options.tsBuildInfoFile;
  const program = ts.createProgram(
    ENTRIES.map((entry) => join(PACKAGE, 'library', `${entry}.ts`)),
    {
      ...options,
      declaration: true,
      emitDeclarationOnly: true,
      incremental: false,
      outDir: PARTS,
      stripInternal: true,
    },
  );
  const { diagnostics } = program.emit();
  const [first] = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (first) throw new Error(ts.flattenDiagnosticMessageText(first.messageText, '\n'));
}

function extract(entry: Entry, dir: string): void {
  mkdirSync(MADE_REPORTS, { recursive: true });
  const main = join(PARTS, 'library', `${entry}.d.ts`);
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(PACKAGE, 'package.json'),
    configObject: {
      projectFolder: PACKAGE,
      mainEntryPointFilePath: main,
      compiler: { overrideTsconfig: { ...COMPILER, files: [main] } },
      apiReport: {
        enabled: true,
        reportFileName: reportName(entry),
        reportFolder: MADE_REPORTS,
        reportTempFolder: join(MADE_REPORTS, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: join(dir, `${entry}.d.ts`) },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // The whole surface is public; the docstrings carry no release tags.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
        },
        // The docstrings are for TypeDoc, which checks them.
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const problems: string[] = [];
  Extractor.invoke(config, {
    localBuild: true,
    messageCallback: (message: ExtractorMessage) => {
      if (message.logLevel === ExtractorLogLevel.Error) problems.push(message.text);
      message.handled = true;
    },
  });
  if (problems.length > 0) throw new Error(`${entry}.d.ts: ${problems.join('\n')}`);
}

/** The options under which API Extractor reads the declarations. */
const COMPILER = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023', 'es2024.string', 'dom'],
    module: 'nodenext',
    types: [],
    strict: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    noEmit: true,
  },
};
