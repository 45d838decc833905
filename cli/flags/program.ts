import { basename } from 'node:path';

type Invocation = Pick<NodeJS.Process, 'argv' | 'argv0'>;

/** Returns the name of this program for messages: `kubectl seal` if it runs as a kubectl plugin. */
export function programName(invocation: Invocation): string {
  return isInvokedAs('kubectl-seal', invocation) ? 'kubectl seal' : 'kubeseal';
}

/** Whether kubectl asks for completions of `kubectl seal`, by running a program with this name. */
export function isPluginCompletion(invocation: Invocation): boolean {
  return isInvokedAs('kubectl_complete-seal', invocation);
}

function isInvokedAs(name: string, { argv, argv0 }: Invocation): boolean {
  return [argv0, argv[1] ?? ''].some((path) => basename(path).replace(/\.exe$/, '') === name);
}
