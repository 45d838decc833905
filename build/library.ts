/** Bundles the library with its declarations. A part of `npm run build`. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { importedBy, type ModuleGraph } from './bundle.ts';
import { ENTRIES, writeDeclarations, type Entry } from './declarations.ts';
import { noticesFor } from './notices.ts';
import { DIST, PACKAGE } from './package.ts';

/** The folder of the library's bundles. */
const DIR = join(DIST, 'lib');

/**
 * Bundles an entry point with all that it imports but Node's modules, and returns the bundled source files. What reads
 * YAML has a file of its own, which bundlers leave out where nothing is read. Node loads what only unsealing needs when
 * it is needed.
 */
async function bundle(entry: Entry): Promise<readonly string[]> {
  const bundled = await rolldown({
    input: source(entry),
    platform: entry === 'browser' ? 'browser' : 'node',
    preserveEntrySignatures: 'allow-extension',
  });
  try {
    const { output } = await bundled.write({
      dir: DIR,
      format: 'esm',
      comments: { legal: false, jsdoc: false },
      entryFileNames: '[name].js',
      chunkFileNames: `${entry}-[name].js`,
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [{ name: sealingOrReading(), debugName: 'sealing or reading' }],
      },
    });
    return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  } finally {
    await bundled.close();
  }
}

/** The modules of the library that do not read text. */
const SEALING = ['certificate', 'explain', 'seal', 'seal-value', 'to-yaml'];

/** Names the file of a module: the one for all that seals, or the one for what only `parseManifests` imports. */
function sealingOrReading(): (id: string, graph: ModuleGraph) => string | null {
  let sealing: ReadonlySet<string> | undefined;
  let reading: ReadonlySet<string> | undefined;
  return (id, graph) => {
    sealing ??= importedBy(SEALING.map(source), graph);
    reading ??= importedBy([source('parse-manifests')], graph);
    if (sealing.has(id)) return 'sealing';
    return reading.has(id) ? 'reading' : null;
  };
}

function source(name: string): string {
  return join(PACKAGE, 'library', `${name}.ts`);
}

rmSync(DIR, { recursive: true, force: true });
const modules = (await Promise.all(ENTRIES.map(bundle))).flat();
writeFileSync(join(DIR, 'THIRD-PARTY-NOTICES.txt'), noticesFor(modules));
// Bundlers may leave out a file from which nothing is used. Not so for the programs of the package.
writeFileSync(join(DIR, 'package.json'), `${JSON.stringify({ type: 'module', sideEffects: false })}\n`);
writeDeclarations(DIR);
