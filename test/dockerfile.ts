/**
 * Builds the Dockerfile for this machine's processor by buildah, which needs no daemon, as `docker build .` does: without
 * arguments. Compares the image with what tests run. No registry of images is asked: images of this machine's own files
 * have the names of the default bases. It needs root, buildah and the package registry, so it is no test of the suite.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { makeImageRoot } from '../build/image-root.ts';
import { architectureHere } from '../build/pinned-node.ts';
import { PACKAGE } from '../build/package.ts';
import { at } from './control-plane/admin-client.ts';
import { copyLibraries, imageConfig, inventory, noContainer } from './support/image.ts';

const work = mkdtempSync(join(tmpdir(), 'sealed-secrets-dockerfile-'));
/** What of a machine the first stage needs to run its Node and npm. */
const MACHINE = ['bin', 'etc', 'lib', 'lib64', 'opt', 'sbin', 'usr'];

function buildah(args: readonly string[], stdio: 'inherit' | 'pipe' = 'pipe'): string {
  const storage = ['--storage-driver', 'vfs', '--root', join(work, 'root'), '--runroot', join(work, 'run')];
  const { status, stdout, stderr, error } = spawnSync('buildah', [...storage, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', stdio, stdio],
    cwd: PACKAGE,
  });
  if (status !== 0) throw new Error(`buildah ${args[0] ?? ''}: ${error?.message ?? stderr}`);
  return stdio === 'pipe' ? stdout.trim() : '';
}

/** Returns the default of an argument of the Dockerfile. */
function defaultOf(argument: string): string {
  const dockerfile = readFileSync(join(PACKAGE, 'Dockerfile'), 'utf8');
  const value = new RegExp(`^ARG ${argument}=(.+)$`, 'm').exec(dockerfile)?.[1];
  if (value === undefined) throw new Error(`${argument} has no default`);
  return value;
}

/** Makes an image of what `fill` puts into a folder. */
function makeBase(name: string, variables: readonly string[], fill: (root: string) => void): void {
  const container = buildah(['from', 'scratch']);
  fill(buildah(['mount', container]));
  buildah(['unmount', container]);
  buildah(['config', ...variables.flatMap((each) => ['--env', each]), container]);
  buildah(['commit', '--quiet', container, name]);
  buildah(['rm', container]);
}

function run(): void {
  const tree = join(work, 'tree');
  // Links as they are on this machine; folders are mounted while the stage runs.
  const folders = MACHINE.filter((name) => existsSync(`/${name}`) && !lstatSync(`/${name}`).isSymbolicLink());
  const certificates = process.env['NODE_EXTRA_CA_CERTS'];
  const variables = [`PATH=${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`, 'HOME=/root'];
  if (certificates !== undefined) variables.push(`NODE_EXTRA_CA_CERTS=${certificates}`);
  makeBase(defaultOf('NODE_BASE'), variables, (root) => {
    for (const name of [...folders, 'root', 'tmp']) mkdirSync(join(root, name));
    for (const name of MACHINE) {
      if (existsSync(`/${name}`) && !folders.includes(name))
        symlinkSync(readlinkSync(`/${name}`), join(root, name));
    }
  });
  makeBase(defaultOf('BASE'), [], (root) =>
    copyLibraries(join(tree, 'usr/local/lib/sealed-secrets/node'), root),
  );

  const mounts = folders.map((name) => `/${name}:/${name}:ro`);
  const npmrc = join(process.env['HOME'] ?? '/root', '.npmrc');
  if (existsSync(npmrc)) mounts.push(`${npmrc}:/root/.npmrc:ro`);
  buildah(
    [
      ...[
        'bud',
        '--pull-never',
        '--isolation',
        'chroot',
        '--network',
        'host',
        '--tag',
        'localhost/controller',
      ],
      ...mounts.flatMap((each) => ['--volume', each]),
      '.',
    ],
    'inherit',
  );

  const container = buildah(['from', 'localhost/controller']);
  const made = inventory(join(buildah(['mount', container]), 'usr', 'local'));
  assert.deepEqual(made, inventory(join(tree, 'usr', 'local')), 'the image has the files that tests run');
  const told: unknown = JSON.parse(buildah(['inspect', '--type', 'image', 'localhost/controller']));
  const { user, path, nodeOptions, entrypoint } = imageConfig();
  assert.equal(at(told, 'OCIv1', 'config', 'User'), user);
  assert.deepEqual(at(told, 'OCIv1', 'config', 'Entrypoint'), entrypoint);
  assert.deepEqual(at(told, 'OCIv1', 'config', 'Env'), [`PATH=${path}`, `NODE_OPTIONS=${nodeOptions}`]);
  const version = buildah(['run', '--isolation', 'chroot', container, '--', ...entrypoint, '--version']);
  assert.match(version, /^controller version: \d+\./);
  assert.throws(() => buildah(['run', '--isolation', 'chroot', container, '--', 'sh', '-c', 'true']), /"sh"/);
  console.log(`The Dockerfile makes the image that tests run, for ${architectureHere()}, without arguments.`);
}

const reason = spawnSync('buildah', ['--version']).error?.message ?? noContainer(imageConfig());
try {
  if (reason === undefined) {
    await makeImageRoot(architectureHere(), console.error, join(work, 'tree'));
    run();
  } else {
    console.log(`NOT SHOWN HERE, whether the Dockerfile makes the image that tests run: ${reason}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
