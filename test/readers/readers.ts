/** Other programs that read JSON and YAML: PyYAML, and the reader of Kubernetes, built with the Go of this machine. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { goProgram } from '../support/go-program.ts';

const goReader = goProgram('readers/go', 'readers/go-reader');
const MAX_OUTPUT = 2 ** 28;

/** Builds the reader in Go. Rejects when there is no Go, or its modules cannot be had. */
export const buildGoReader = goReader.build;

/** What Kubernetes reads in each of the files. */
export function readWithGo(files: readonly string[]): Promise<unknown[]> {
  return read(goReader.path, files);
}

/** PyYAML in Python, not in C: it is the stricter one. A file named .json is read as JSON too. */
const PYTHON = `
import json, sys, yaml
for path in sys.argv[1:]:
    with open(path, encoding='utf-8', newline='') as file:
        text = file.read()
    value = yaml.load(text, Loader=yaml.SafeLoader)
    if path.endswith('.json'):
        assert json.loads(text) == value, path
    print(json.dumps(value))
`;

/** Finds a Python that has PyYAML. Returns undefined where there is none. */
export async function findPython(): Promise<string | undefined> {
  for (const python of ['python3', '/usr/bin/python3']) {
    try {
      await promisify(execFile)(python, ['-c', 'import yaml']);
      return python;
    } catch {
      // Tries the next one.
    }
  }
  return undefined;
}

/** What PyYAML reads in each of the files. */
export function readWithPython(python: string, files: readonly string[]): Promise<unknown[]> {
  return read(python, ['-c', PYTHON, ...files]);
}

async function read(command: string, args: readonly string[]): Promise<unknown[]> {
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: MAX_OUTPUT });
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as unknown);
}
