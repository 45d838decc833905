import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, isAbsolute, join } from 'node:path';

/**
 * Returns the path of a program, or why it cannot be run. Looks a bare name up in the absolute folders of PATH only:
 * neither a `.` in PATH nor Windows, which searches the working folder first, runs a program from the working folder.
 */
export function findProgram(
  command: string,
  environment: NodeJS.ProcessEnv,
): { readonly path: string } | { readonly problem: 'missing' | 'not executable' } {
  const isBareName = basename(command) === command;
  const paths = isBareName ? pathFolders(environment).map((folder) => join(folder, command)) : [command];
  const candidates = paths.flatMap((path) => withExtensions(path, environment));
  let seen = false;
  for (const path of candidates) {
    const kind = kindOf(path);
    if (kind === 'program') return { path };
    seen ||= kind === 'file';
  }
  return { problem: seen ? 'not executable' : 'missing' };
}

function pathFolders(environment: NodeJS.ProcessEnv): string[] {
  // On Windows, the variable is named Path, in any letter case.
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return (environment[name] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
}

function withExtensions(path: string, environment: NodeJS.ProcessEnv): string[] {
  if (process.platform !== 'win32') return [path];
  const extensions = (environment['PATHEXT'] || '.COM;.EXE;.BAT;.CMD')
    .split(';')
    .filter((each) => each !== '');
  const has = extensions.some((extension) => path.toLowerCase().endsWith(extension.toLowerCase()));
  return has ? [path] : extensions.map((extension) => path + extension);
}

function kindOf(path: string): 'program' | 'file' | 'none' {
  try {
    if (!statSync(path).isFile()) return 'none';
  } catch {
    return 'none';
  }
  try {
    accessSync(path, constants.X_OK);
    return 'program';
  } catch {
    return 'file';
  }
}
