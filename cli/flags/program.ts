import { basename } from 'node:path';

type Called = Pick<NodeJS.Process, 'argv' | 'argv0'>;

/** How the user calls this program: found as a kubectl plugin, it is `kubectl seal`. */
export function programName(called: Called): string {
  return isCalled('kubectl-seal', called) ? 'kubectl seal' : 'kubeseal';
}

/** Whether kubectl asks what completes `kubectl seal`: it calls a program of this name. */
export function isPluginCompletion(called: Called): boolean {
  return isCalled('kubectl_complete-seal', called);
}

function isCalled(name: string, { argv, argv0 }: Called): boolean {
  return [argv0, argv[1] ?? ''].some((path) => basename(path).replace(/\.exe$/, '') === name);
}
