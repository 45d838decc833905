/** The environment in which pre-commit runs the hooks of this repository, made by pre-commit from a Git repository. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { DIST } from '../../build/package.ts';
import { PACKAGE } from '../support/package.ts';
import { run } from '../support/run.ts';
import { PYTHON_TOOLS } from './python-tools.ts';

/** What the package is built from. */
const SOURCES = [
  ...['.pre-commit-hooks.yaml', 'package.json', 'package-lock.json', 'tsconfig.json', 'LICENSE', 'README.md'],
  ...['build', 'cli', 'controller', 'crds', 'helm', 'library', 'shared', 'web'],
];

const FOLDER = join(DIST, 'hook-environment');
const HOME = join(FOLDER, 'home');

/** The repository of the hooks, which has the sources as they are now. */
export const HOOKS = join(FOLDER, 'repository');

/** The commit of the hooks, in a file that exists once pre-commit has installed them. */
const INSTALLED = join(FOLDER, 'commit');

/** An author and a date, so that the same files have the same commit. */
const IDENTITY = {
  ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com', GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z' },
  ...{ GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' },
  ...{ GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z', GIT_CONFIG_GLOBAL: '/dev/null' },
};

/** The variables with which pre-commit finds Node and its environment. */
export const HOOK_VARIABLES = {
  PATH: [PYTHON_TOOLS, dirname(process.execPath), process.env['PATH']].join(delimiter),
  PRE_COMMIT_HOME: HOME,
};

/** Returns the commit of the hooks that pre-commit has installed. */
export function installedHooks(): string {
  return readFileSync(INSTALLED, 'utf8');
}

/** Returns the configuration by which a repository uses hooks of this one. */
export function configWith(...hooks: readonly string[]): string {
  const list = hooks.map((id) => `      - id: ${id}\n`).join('');
  return `repos:\n  - repo: ${HOOKS}\n    rev: ${installedHooks()}\n    hooks:\n${list}`;
}

/**
 * Lets pre-commit install the hooks of this repository as it is now, which downloads packages and builds kubeseal, unless
 * that is done.
 */
export async function installHooks(say: (line: string) => void): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const work = mkdtempSync(join(FOLDER, '.new-'));
  try {
    const commit = await commitSources(work);
    if (existsSync(INSTALLED) && installedHooks() === commit) return;
    say(`letting pre-commit install the hooks of this repository, for ${FOLDER}`);
    for (const old of [INSTALLED, HOOKS, HOME]) rmSync(old, { recursive: true, force: true });
    renameSync(work, HOOKS);
    mkdirSync(work);
    await follow('git', ['init', '-q'], work);
    writeFileSync(
      join(work, '.pre-commit-config.yaml'),
      `repos: [{ repo: '${HOOKS}', rev: '${commit}', hooks: [{ id: kubeseal-lint }] }]\n`,
    );
    await installEnvironment(work, 3);
    writeFileSync(INSTALLED, commit);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Lets pre-commit install the environment, by several tries: npm prepares a package from Git by a second installation into
 * the same folder while the first one writes there (ENOTEMPTY).
 */
async function installEnvironment(folder: string, tries: number): Promise<void> {
  try {
    await follow('pre-commit', ['install-hooks'], folder);
  } catch (error) {
    if (tries === 1 || !String(error).includes('ENOTEMPTY')) throw error;
    await installEnvironment(folder, tries - 1);
  }
}

/** Copies the sources into a folder and commits them. Returns the commit. */
async function commitSources(folder: string): Promise<string> {
  for (const name of SOURCES) cpSync(join(PACKAGE, name), join(folder, name), { recursive: true });
  await follow('git', ['init', '-q'], folder);
  await follow('git', ['add', '.'], folder);
  await follow('git', ['commit', '-q', '-m', 'The sources'], folder);
  return (await follow('git', ['rev-parse', 'HEAD'], folder)).trim();
}

async function follow(command: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env, ...IDENTITY, ...HOOK_VARIABLES };
  const { code, stdout, stderr } = await run(command, args, { cwd, env });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout;
}
