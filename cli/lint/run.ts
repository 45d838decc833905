import { relative, sep } from 'node:path';
import { Failure, SealedSecretsError } from '../../shared/errors.ts';
import type { CliContext } from '../context.ts';
import { cliFailure, fail } from '../errors.ts';
import { isManifestName, unreadable, type WalkOptions } from '../files/folder-walk.ts';
import { IgnorePatterns } from '../files/ignore-patterns.ts';
import { walk } from '../files/walk.ts';
import { readBytes, readFileBytes, sourceOf } from '../io/input.ts';
import type { LintContext } from './context.ts';
import { FindingList, MAX_FINDINGS } from './finding-list.ts';
import { mendFile } from './fix.ts';
import { lintFile, type FileReport } from './lint-file.ts';
import type { LintReport } from './report.ts';

/** Which files to check, and what to do about findings. */
export interface LintPaths extends Omit<WalkOptions, 'anyName'> {
  /** Files and folders, and `-` for stdin. */
  readonly paths: readonly string[];
  /** Whether to mend what is safe to mend; `dry-run` only says so. */
  readonly mode: 'check' | 'fix' | 'dry-run';
}

/** Returns what is known about a file; undefined for stdin. Returns `excluded` for one that is not checked. */
export type ContextOf = (file: string | undefined) => Promise<LintContext | 'excluded'>;

/** Checks all files, one after the other: only one of them is in memory. */
export async function lintPaths(
  paths: LintPaths,
  contextOf: ContextOf,
  cli: CliContext,
): Promise<LintReport> {
  const found = new FindingList(MAX_FINDINGS);
  const unchecked = new Map<string, Failure>();
  // A configuration that cannot be read is told once.
  const add = (failure: Failure): void => void unchecked.set(failure.describe(), failure);
  let files = 0;
  for await (const file of filesOf(paths)) {
    if (file instanceof Failure) {
      add(file);
      continue;
    }
    try {
      const context = await contextOf(file.path);
      if (context === 'excluded') continue;
      files++;
      const report = await checkFile(file, { context, mode: paths.mode, cli });
      found.addList(report);
      report.unchecked.forEach(add);
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      const failure = unreadable(error, sourceOf(file.path));
      const isLarge = failure.code === 'TooLarge';
      add(isLarge ? cliFailure({ code: 'TooLargeToLint', problem: failure.describe() }) : failure);
    }
  }
  return { ...found.listed(), unchecked: [...unchecked.values()], files };
}

/** A file to read. */
interface FoundFile {
  /** Undefined for stdin. */
  readonly path: string | undefined;
  readonly isManifest: boolean;
  /** Whether its name is not one of YAML or JSON. */
  readonly mayBeOther: boolean;
}

async function* filesOf({ paths, include, exclude }: LintPaths): AsyncGenerator<FoundFile | Failure> {
  const named = new Set(paths);
  if (named.has('-')) yield { path: undefined, isManifest: true, mayBeOther: false };
  const words = paths.filter((path) => path !== '-');
  const excluded = new IgnorePatterns(exclude);
  for await (const found of walk(words, { include, exclude, anyName: true })) {
    if (found instanceof Failure) yield found;
    else {
      const { shown } = found;
      const isNamed = named.has(shown);
      if (isNamed && excluded.covers(namesOf(shown))) continue;
      const mayBeOther = !isManifestName(shown);
      yield { path: shown, isManifest: isNamed || !mayBeOther, mayBeOther };
    }
  }
}

/** Returns the names that lead from the working folder to a file, which the patterns for named files start from. */
function namesOf(path: string): readonly string[] {
  return relative('', path).split(sep);
}

interface Check extends Pick<LintPaths, 'mode'> {
  readonly context: LintContext;
  readonly cli: CliContext;
}

async function checkFile(
  { path, isManifest, mayBeOther }: FoundFile,
  { context, mode, cli }: Check,
): Promise<FileReport> {
  const bytes = path === undefined ? await readBytes(path, 'manifest', cli) : await readFileBytes(path);
  if (path === undefined && bytes.toString('latin1').trim() === '')
    fail({ code: 'NothingToLint', at: sourceOf(path) });
  const file = { file: sourceOf(path), bytes, isManifest, mayBeOther };
  const report = await lintFile(file, context);
  if (mode === 'check' || path === undefined || report.edits.length === 0) return report;
  return mendFile({ file, report, write: mode === 'fix' }, context, cli);
}
