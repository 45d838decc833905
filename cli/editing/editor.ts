import { spawn, type ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { findProgram } from '../../shared/kubernetes/auth/find-program.ts';
import { fail } from '../errors.ts';

/** An editor. */
export interface Editor {
  /** The command, for a shell: a program with arguments, in the user's own quotes. */
  readonly command: string;
  /** Words that follow the command, before the file. */
  readonly args: readonly string[];
}

/** The editors to look for if no variable names one. */
const USUAL = process.platform === 'win32' ? ['notepad'] : ['editor', 'vi', 'nano'];

/**
 * Returns the editor of `$VISUAL`, else of `$EDITOR`, else the first usual one that is installed. Throws `NoEditor`.
 *
 * Graphical editors that return at once get the flag that makes them wait; editors of the vim family get flags against
 * copies of the text in other folders.
 */
export function editorFrom(environment: NodeJS.ProcessEnv): Editor {
  const named = [environment['VISUAL'], environment['EDITOR']].map((text) => text?.trim()).find(Boolean);
  const command = named ?? USUAL.find((name) => 'path' in findProgram(name, environment));
  if (command === undefined) return fail({ code: 'NoEditor' });
  const { program, words } = splitCommand(command, environment);
  return { command: program, args: argsFor(nameOf(program, environment), words) };
}

/** Splits off the program only where the whole text is one, such as a path with spaces. */
function splitCommand(
  command: string,
  environment: NodeJS.ProcessEnv,
): { readonly program: string; readonly words: readonly string[] } {
  const isOne = /\s/.test(command) && 'path' in findProgram(command, environment);
  const program = isOne ? `'${command.replaceAll("'", String.raw`'\''`)}'` : command;
  return { program, words: isOne ? [] : command.split(/\s+/).slice(1) };
}

/** Returns the name of the program in a command, with links resolved: `vi` may be vim. */
function nameOf(command: string, environment: NodeJS.ProcessEnv): string {
  const [, single, double, bare = ''] = /^(?:'([^']*)'|"([^"]*)"|(\S*))/.exec(command) ?? [];
  const word = single ?? double ?? bare;
  const found = findProgram(word, environment);
  const name = basename(word).replace(/\.exe$/i, '');
  if (!('path' in found)) return name;
  const target = basename(realpathSync(found.path));
  return VIM.test(target) ? target : name;
}

const VIM = /^(?:n?vim|gvim|mvim|vim\.\w+)$/;

/** The flags with which editors wait until the file is closed. */
const WAITS: Readonly<Record<string, readonly string[]>> = {
  code: ['--wait', '-w'],
  'code-insiders': ['--wait', '-w'],
  codium: ['--wait', '-w'],
  cursor: ['--wait', '-w'],
  windsurf: ['--wait', '-w'],
  zed: ['--wait', '-w'],
  zeditor: ['--wait', '-w'],
  subl: ['--wait', '-w'],
  atom: ['--wait', '-w'],
  mate: ['--wait', '-w'],
  gedit: ['--wait', '-w'],
  kate: ['--block', '-b'],
  gvim: ['--nofork', '-f'],
  mvim: ['--nofork', '-f'],
};

/** No swap file, backup or undo file, and no registers in the history. A small vim lacks some of these options. */
const VIM_ARGS = ['-n', '-i', 'NONE', '-c', 'silent! set noswapfile nobackup nowritebackup noundofile'];

function argsFor(name: string, words: readonly string[]): readonly string[] {
  const waits = WAITS[name] ?? [];
  const [flag] = waits;
  const wait = flag === undefined || words.some((word) => waits.includes(word)) ? [] : [flag];
  return VIM.test(name) ? [...wait, ...VIM_ARGS] : wait;
}

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** What running an editor needs besides the file. */
export interface RunOptions {
  readonly environment: NodeJS.ProcessEnv;
  /** Called with the editor's process when it has started. */
  readonly onStart: (editor: ChildProcess) => void;
}

/**
 * Opens a file in an editor and waits until the editor ends. Throws `EditorMissing` if it cannot be run, and
 * `EditorFailed` if it ends with another code than 0 or by a signal.
 */
export async function runEditor(
  { command, args }: Editor,
  file: string,
  { environment, onStart }: RunOptions,
): Promise<void> {
  const options = { stdio: 'inherit', env: environment } as const;
  // As git does, a shell reads the command, which may have quotes and arguments.
  const child =
    process.platform === 'win32'
      ? spawn([command, ...args, `"${file}"`].join(' '), { ...options, shell: true })
      : spawn('sh', ['-c', `${shellLine(command)} "$@"`, command, ...args, file], options);
  onStart(child);
  const ended = await new Promise<Ended | undefined>((done) => {
    child.on('error', () => done(undefined)).on('exit', (code, signal) => done({ code, signal }));
  });
  if (ended === undefined || ended.code === NOT_FOUND || ended.code === NOT_EXECUTABLE)
    fail({ code: 'EditorMissing', editor: command });
  if (ended.code !== 0)
    fail({ code: 'EditorFailed', editor: command, how: ended.signal ?? `code ${ended.code ?? 0}` });
}

/**
 * Lets the editor take the place of the shell, unless the command is more than a program with arguments. Otherwise, a
 * signal that the editor handles, such as that of Ctrl-C, would end the shell.
 */
function shellLine(command: string): string {
  return /^\w+=|[;&|<>()`\n]/.test(command) ? command : `exec ${command}`;
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}
