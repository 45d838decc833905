import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { rolldown, type Plugin } from 'rolldown';
import { PACKAGE, packageVersion } from '../package.ts';
import { withoutUnused } from '../unused.ts';

const MAIN = join(PACKAGE, 'web', 'main.ts');
const WORKER = join(PACKAGE, 'web', 'worker-main.ts');

/** A script as text, and the source files that it was made of. */
export interface Script {
  readonly code: string;
  readonly modules: readonly string[];
}

/**
 * Bundles the script of the page, with the script of its worker packed inside. Both are classic scripts. Throws if a
 * module of Node is imported.
 */
export async function bundleScript(main: string = MAIN): Promise<Script> {
  const worker = await bundleWorker();
  const page = await bundle(main, { PACKED_WORKER: JSON.stringify(packed(worker.code)) });
  return { code: page.code, modules: [...new Set([...page.modules, ...worker.modules])] };
}

/**
 * Bundles the script of the worker, which recognizes, checks and seals. Throws if a module of Node is imported.
 */
export async function bundleWorker(): Promise<Script> {
  return bundle(WORKER, {});
}

/**
 * Packs a script as raw DEFLATE in base64. It is the larger part of the page, and takes less than half of the space so.
 * The page's policy covers it by the hash of the script that it is in.
 */
function packed(code: string): string {
  return deflateRawSync(code, { level: 9 }).toString('base64');
}

async function bundle(input: string, define: Readonly<Record<string, string>>): Promise<Script> {
  const built = await rolldown({
    input,
    platform: 'browser',
    plugins: [onlyForBrowsers, withoutUnused],
    transform: {
      target: 'es2022',
      define: { ...define, PACKAGE_VERSION: JSON.stringify(packageVersion()) },
    },
  });
  try {
    const { output } = await built.generate({
      format: 'iife',
      codeSplitting: false,
      // As modules are, from which it is made.
      strict: true,
      minify: true,
      comments: false,
    });
    const [script, ...others] = output;
    if (others.length > 0) throw new Error('the script of the page is more than one file');
    return { code: script.code.trim(), modules: script.moduleIds };
  } finally {
    await built.close();
  }
}

/** Refuses the modules of Node, which rolldown would only warn about. */
const onlyForBrowsers: Plugin = {
  name: 'only-for-browsers',
  resolveId(id, from) {
    if (isBuiltin(id)) throw new Error(`${from ?? 'the page'} imports ${id}, which browsers do not have`);
    return null;
  },
};
