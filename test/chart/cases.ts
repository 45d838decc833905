import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readJson } from '../../build/package.ts';
import { PACKAGE } from '../support/package.ts';
import { template } from '../support/helm.ts';

const VALUES = join(PACKAGE, 'test', 'chart', 'values');
const SNAPSHOTS = join(PACKAGE, 'test', 'chart', 'snapshots');

/** Values to render the chart with, and the file with the approved result. */
export interface Case {
  readonly name: string;
  readonly values: string;
  readonly snapshot: string;
}

/** All cases. */
export const CASES: readonly Case[] = readdirSync(VALUES)
  .map((file) => basename(file, '.yaml'))
  .sort()
  .map((name) => ({
    name,
    values: join(VALUES, `${name}.yaml`),
    snapshot: join(SNAPSHOTS, `${name}.yaml`),
  }));

const VERSION = readJson('package.json').requiredString('version');

/** Renders the chart with the values, for a fixed version of Kubernetes. */
export async function rendered({ values }: Case, ...args: readonly string[]): Promise<string> {
  return template('--values', values, '--kube-version', 'v1.36.0', ...args);
}

/** Renders the chart without its version, which every release changes. */
export async function pictured(each: Case): Promise<string> {
  return (await rendered(each)).replaceAll(VERSION, 'VERSION');
}
