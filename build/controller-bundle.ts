import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rolldown } from 'rolldown';
import { embeddedPage } from './embedded-page.ts';
import { PACKAGE, packageVersion } from './package.ts';
import { withoutUnused } from './unused.ts';

const CONTROLLER = join(PACKAGE, 'controller');
const BIN = join(CONTROLLER, 'bin.ts');

/** The shebang line that starts the controller in its image. The kernel allows one program and at most one argument. */
const FIRST_LINE = '#!/usr/local/lib/sealed-secrets/node --inspect-port=192.0.2.1:1024';

/**
 * Bundles the controller with its dependencies into a folder of ES modules, and returns the bundled source files. The
 * entry point is `controller.js`. The programs of its threads and child processes are separate files beside it, where
 * its code looks for them.
 */
export async function bundleController(dir: string): Promise<readonly string[]> {
  const bundle = await rolldown({
    input: { controller: BIN, ...programs() },
    platform: 'node',
    transform: { define: { PACKAGE_VERSION: JSON.stringify(packageVersion()) } },
    plugins: [
      embeddedPage,
      withoutUnused,
      {
        name: 'first-line',
        transform: (code, id) => (id === BIN ? code.replace(/^#!.*/, FIRST_LINE) : null),
      },
    ],
  });
  try {
    const { output } = await bundle.write({
      dir,
      cleanDir: true,
      format: 'esm',
      comments: false,
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
      // A separate file, because main.js needs it while controller.js still waits for main.js.
      codeSplitting: { groups: [{ name: 'sigusr1', test: /\/controller\/sigusr1\.ts$/ }] },
    });
    return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  } finally {
    await bundle.close();
  }
}

/** Returns the programs of threads and child processes, by the names of their files. */
function programs(): Record<string, string> {
  const files = readdirSync(CONTROLLER, { recursive: true, encoding: 'utf8' });
  const own = files.filter((file) => /-(thread|process)\.ts$/.test(file)).sort();
  return Object.fromEntries(own.map((file) => [basename(file, '.ts'), join(CONTROLLER, file)]));
}
