import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, suite, test } from 'node:test';
import { Reader } from '../../shared/api/reader.ts';
import { makeImageRoot } from '../../build/image-root.ts';
import { ARCHITECTURES, type Architecture } from '../../build/pinned-node.ts';
import { PACKAGE, readJson, WEB_PAGE } from '../../build/package.ts';
import { imageConfig, inventory } from '../support/image.ts';
import { controllerFlags } from '../support/package.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();
const HOME = 'usr/local/lib/sealed-secrets';
/** The values of `e_machine` in an ELF header (System V ABI). */
const ELF_MACHINES: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 };

for (const architecture of ['amd64', 'arm64'] as const) {
  suite(`the files of the image for ${architecture}`, () => {
    const root = join(folder.path, architecture);
    let files: Map<string, string>;
    before(async () => {
      await makeImageRoot(architecture, () => undefined, root);
      files = inventory(root);
    });

    test('are ours, one Node, and their licences: no shell, and nothing that can be written to', () => {
      const names = [...files.keys()];
      const modules = names.filter((name) => /^usr\/local\/lib\/sealed-secrets\/[\w-]+\.js$/.test(name));
      assert.ok(
        ['controller.js', 'main.js', 'body-parser-process.js', 'template-process.js'].every((name) =>
          modules.includes(join(HOME, name)),
        ),
      );
      assert.deepEqual(
        names.filter((name) => !modules.includes(name)),
        [
          'usr',
          'usr/local',
          'usr/local/bin',
          'usr/local/bin/controller',
          'usr/local/lib',
          HOME,
          ...[
            'LICENSE',
            'LICENSE-node.txt',
            'THIRD-PARTY-NOTICES.txt',
            'node',
            'package.json',
            'sbom.cdx.json',
          ].map((name) => join(HOME, name)),
        ],
      );
      for (const [name, told] of files) {
        const mode = name.endsWith('controller.js') ? '755' : name.endsWith('node') ? '711' : '644';
        if (!/folder|^to /.test(told)) assert.match(told, new RegExp(`^${mode} `), name);
      }
      const notices = readFileSync(join(root, HOME, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
      assert.match(notices, /^commander \d+\.\d+\.\d+ \(MIT\)$/m);
    });

    test('have the program of each process where the code looks for it', () => {
      const modules = [...files.keys()]
        .filter((name) => name.endsWith('.js'))
        .filter((name) => name.startsWith(HOME));
      const named = modules.flatMap((name) =>
        [
          ...readFileSync(join(root, name), 'utf8').matchAll(/new URL\("\.\/([^"]+)", import\.meta\.url\)/g),
        ].map(([, program = '']) => program),
      );
      assert.ok(named.includes('template-process.js'));
      for (const program of named) assert.ok(files.has(join(HOME, program)), program);
    });

    test('have the page inside that seals in a browser, in a file of its own', async () => {
      const code = "import('./template.js').then(({ readTemplate }) => process.stdout.write(readTemplate()))";
      const { stdout, stderr } = await run(process.execPath, ['-e', code], { cwd: join(root, HOME) });
      assert.equal(stdout, readFileSync(WEB_PAGE, 'utf8'), stderr);
    });

    test('has a Node for it', () => {
      const header = readFileSync(join(root, HOME, 'node')).subarray(0, 20);
      assert.equal(header.toString('latin1', 1, 4), 'ELF');
      assert.equal(header.readUInt16LE(18), ELF_MACHINES[architecture]);
    });

    test('has a bill of materials with all that ships, and Node', () => {
      const file = join(root, HOME, 'sbom.cdx.json');
      const bill = new Reader(JSON.parse(readFileSync(file, 'utf8')), { source: file });
      assert.equal(bill.requiredString('bomFormat'), 'CycloneDX');
      const names = bill
        .list('components')
        .map(({ value, place }) => new Reader(value, place).requiredString('name'));
      const direct = readJson('package.json').stringMap('dependencies').keys();
      for (const name of [...direct, 'node']) assert.ok(names.includes(name), name);
      assert.ok(!names.includes('typescript'));
    });

    if (ARCHITECTURES[architecture] === process.arch) {
      test('are the same whenever they are made', async () => {
        const again = join(folder.path, 'again');
        await makeImageRoot(architecture, () => undefined, again);
        assert.deepEqual(inventory(again), files);
      });
    }
  });
}

suite('the Dockerfile', () => {
  const text = readFileSync(join(PACKAGE, 'Dockerfile'), 'utf8');

  test('has both bases as arguments, with public tags as defaults', () => {
    const bases = [...text.matchAll(/^FROM (?:--platform=\S+ )?(\S+)/gm)].map(([, base]) => base);
    assert.deepEqual(bases, ['${NODE_BASE}', '${BASE}']);
    for (const name of ['NODE_BASE', 'BASE']) {
      const tag = new RegExp(`^ARG ${name}=(docker\\.io|gcr\\.io)/[a-z0-9/-]+:[\\w.-]+$`, 'm');
      const [global = ''] = text.split(/^FROM /m);
      assert.match(global, tag);
    }
  });

  test('is built in the README under the name and version that the chart runs', () => {
    const [, tag] = /docker build -t (\S+) /.exec(readFileSync(join(PACKAGE, 'README.md'), 'utf8')) ?? [];
    assert.equal(tag, `sealed-secrets-controller:${readJson('package.json').requiredString('version')}`);
  });

  test('copies all that its first stage compiles', () => {
    const ignore = readFileSync(join(PACKAGE, '.dockerignore'), 'utf8');
    const copied = [...ignore.matchAll(/^!(.+)\/$/gm)].map(([, folder = '']) => join(PACKAGE, folder));
    // Of the others, nothing is built.
    const built = readJson('tsconfig.json')
      .strings('include')
      .map((pattern) => pattern.split('/')[0] ?? '');
    for (const name of built.filter((each) => each !== 'bench' && each !== 'test'))
      assert.ok(copied.includes(join(PACKAGE, name)), `npm run build compiles ${name}`);
    for (const folder of copied) {
      const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.ts'),
      );
      for (const file of sources) {
        const path = join(folder, file);
        for (const [, from = ''] of readFileSync(path, 'utf8').matchAll(
          /^[^*/]*(?:from|import\()\s*'(\.[^']+)'/gm,
        )) {
          const imported = join(dirname(path), from);
          assert.ok(
            copied.some((each) => imported.startsWith(`${each}/`)),
            `${path} imports ${from}`,
          );
        }
      }
    }
  });

  test('runs the controller as 1001, with all labels that scanners and registries read', () => {
    assert.deepEqual(imageConfig(), {
      user: '1001:1001',
      path: '/usr/local/bin:/usr/bin:/bin',
      nodeOptions: '--max-semi-space-size=1',
      entrypoint: ['controller'],
    });
    assert.ok(controllerFlags().includes(imageConfig().nodeOptions));
    const labels = [...text.matchAll(/org\.opencontainers\.image\.(\w+)=/g)].map(([, name]) => name);
    assert.deepEqual(labels.sort(), [
      ...['created', 'description', 'licenses', 'revision', 'source', 'title', 'version'],
    ]);
  });
});
