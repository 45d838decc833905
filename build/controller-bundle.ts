import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { PACKAGE, readJson } from './package.ts';

const CONTROLLER = join(PACKAGE, 'controller');

/** What starts the controller in its image, as the kernel reads it: one program and at most one argument. */
const FIRST_LINE = '#!/usr/local/lib/sealed-secrets/node --inspect-port=192.0.2.1:1024';

/**
 * Bundles the controller, with what it uses of packages, into a folder of ES modules, and gives the source files that
 * are in it. `controller.js` is to be run; `template-thread.js` and `reader-process.js` are where its code looks for
 * the programs of a thread and of a process.
 */
export async function bundleController(dir: string): Promise<readonly string[]> {
  const version = readJson('package.json').requiredString('version');
  const bundle = await rolldown({
    input: {
      controller: join(CONTROLLER, 'bin.ts'),
      'template-thread': join(CONTROLLER, 'workers', 'template-thread.ts'),
      'reader-process': join(CONTROLLER, 'http', 'reader-process.ts'),
    },
    platform: 'node',
    transform: { define: { PACKAGE_VERSION: JSON.stringify(version) } },
    plugins: [
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
      // A file of its own, for main.js needs it while controller.js still waits for main.js.
      codeSplitting: { groups: [{ name: 'sigusr1', test: /\/controller\/sigusr1\.ts$/ }] },
    });
    return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  } finally {
    await bundle.close();
  }
}

const BIN = join(CONTROLLER, 'bin.ts');
