import { join } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';
import { PACKAGE, readJson } from './package.ts';

const MAIN = join(PACKAGE, 'cli', 'main.ts');
const SEAL = join(PACKAGE, 'cli', 'commands', 'seal.ts');

/**
 * Bundles kubeseal, with what it uses of packages, into a folder, and gives the source files that are in it. What
 * sealing needs is one file, `main.cjs`; the rest is read when it is asked for. CommonJS, because Node's loader of ES
 * modules costs a tenth of the start, and reads all that `node:fs` and `node:crypto` would load lazily.
 */
export async function bundleKubeseal(dir: string): Promise<readonly string[]> {
  const bundle = await rolldown({
    input: MAIN,
    platform: 'node',
    plugins: [lighter],
    transform: { define: { PACKAGE_VERSION: JSON.stringify(version()) } },
  });
  try {
    const { output } = await bundle.write({
      dir,
      cleanDir: true,
      format: 'cjs',
      dynamicImportInCjs: false,
      minify: true,
      comments: false,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name].cjs',
      codeSplitting: { groups: [{ name: mainOrNone(), debugName: 'main' }] },
    });
    return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  } finally {
    await bundle.close();
  }
}

function version(): string {
  return readJson('package.json').requiredString('version');
}

interface Graph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** Puts into the main file what the start and sealing import, but for what they import lazily. */
function mainOrNone(): (id: string, graph: Graph) => string | null {
  let inMain: Set<string> | undefined;
  return (id, graph) => {
    inMain ??= imported([MAIN, SEAL], graph);
    return inMain.has(id) ? 'main' : null;
  };
}

function imported(from: readonly string[], graph: Graph): Set<string> {
  const found = new Set(from);
  // A set's iteration goes on with what is added meanwhile.
  for (const id of found) for (const next of graph.getModuleInfo(id)?.importedIds ?? []) found.add(next);
  return found;
}

const NOTHING = '\0nothing';

/** Packages without what kubeseal does not use of them. */
const lighter: Plugin = {
  name: 'lighter',
  resolveId(id, from) {
    // The same code as ES modules, of which unused parts can be left out.
    if (id === 'yaml') return join(PACKAGE, 'node_modules', 'yaml', 'browser', 'dist', 'index.js');
    // Commander could run subcommands as programs of their own; loading what that needs is slow.
    if (id === 'node:child_process' && from?.includes('/node_modules/commander/')) return NOTHING;
    return null;
  },
  load: (id) => (id === NOTHING ? 'module.exports = {};' : null),
};
