import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';
import { PACKAGE, packageVersion } from '../package.ts';
import { withoutUnused } from '../unused.ts';

const MAIN = join(PACKAGE, 'web', 'main.ts');

/** A script as text, and the source files that it was made of. */
export interface Script {
  readonly code: string;
  readonly modules: readonly string[];
}

/**
 * Bundles the script of the page. It is one classic script, because the page gives its own text to its worker. Throws if
 * a module of Node is imported.
 */
export async function bundleScript(main: string = MAIN): Promise<Script> {
  const bundle = await rolldown({
    input: main,
    platform: 'browser',
    plugins: [onlyForBrowsers, withoutUnused],
    transform: { target: 'es2022', define: { PACKAGE_VERSION: JSON.stringify(packageVersion()) } },
  });
  try {
    const { output } = await bundle.generate({
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
    await bundle.close();
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
