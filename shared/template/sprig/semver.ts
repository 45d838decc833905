/** `semver` and `semverCompare`, with constraints as in `github.com/Masterminds/semver` v3. */
import { CallError, define, failCall, type Run } from '../function.ts';
import { BOOL, STRING } from '../value.ts';
import { constant, findAll } from './pattern.ts';
import type { FunctionTable } from './table.ts';
import { compareIdentifiers, parseVersion, Version, VERSION_POINTER } from './version.ts';

/** A single comparison. */
interface Constraint {
  readonly operator: string;
  readonly version: Version;
  /** The first part of the version that is a wildcard or absent; undefined if the version is complete. */
  readonly wildcard: 'major' | 'minor' | 'patch' | undefined;
}

/** The library's own patterns, on the same engine. On another engine, crafted input could make them run very long. */
const OPERATOR = String.raw`=||!=|>|<|>=|=>|<=|=<|~|~>|\^`;
const SEGMENT = String.raw`[0-9|x|X|\*]+`;
const IDENTIFIERS = String.raw`[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*`;
const VERSION = String.raw`v?(${SEGMENT})(\.${SEGMENT})?(\.${SEGMENT})?(-${IDENTIFIERS})?(?:\+${IDENTIFIERS})?`;
const COMPARISON = String.raw`(?:${OPERATOR})\s*(?:${VERSION})`;

const ONE = constant(COMPARISON);
const SINGLE = constant(String.raw`^\s*(${OPERATOR})\s*(?:${VERSION})\s*$`);
const RANGE = constant(String.raw`\s*(${VERSION})\s+-\s+(${VERSION})\s*`);
const ALL = constant(String.raw`^(?:\s*${COMPARISON}\s*)(?:(?:\s+|,\s*)${COMPARISON}\s*)*$`);

/** Returns the groups of a match as text, empty for groups without a match. */
function groups(text: string, match: readonly number[]): string[] {
  return Array.from({ length: match.length / 2 }, (_, i) => {
    const [start = -1, end = -1] = match.slice(2 * i, 2 * i + 2);
    return start < 0 ? '' : text.slice(start, end);
  });
}

/** Parses alternatives, each a list of constraints that must all hold. */
function parseConstraints(text: string, run: Run): Constraint[][] {
  return withoutRanges(text, run)
    .split('||')
    .map((alternative) => {
      if (ALL().find(alternative, 0, run) === null) {
        return failCall(`improper constraint: ${alternative}`);
      }
      return findAll({ pattern: ONE(), text: alternative, limit: -1 }, run).map(([start = 0, end = 0]) => {
        return parseConstraint(alternative.slice(start, end), run);
      });
    });
}

/** Rewrites `1.2 - 2.3` as two comparisons. */
function withoutRanges(text: string, run: Run): string {
  let out = text;
  for (const match of findAll({ pattern: RANGE(), text, limit: -1 }, run)) {
    const [whole = '', from = '', , , , , to = ''] = groups(text, match);
    out = out.replace(whole, () => `>= ${from}, <= ${to} `);
  }
  return out;
}

function isWildcard(segment: string): boolean {
  return ['', 'x', 'X', '*'].includes(segment.replace('.', ''));
}

function parseConstraint(text: string, run: Run): Constraint {
  const match = SINGLE().find(text, 0, run) ?? failCall(`improper constraint: ${text}`);
  const [, operator = '', major = '', minor = '', patch = '', prerelease = ''] = groups(text, match);
  const wildcard = isWildcard(major)
    ? 'major'
    : isWildcard(minor)
      ? 'minor'
      : isWildcard(patch)
        ? 'patch'
        : undefined;
  const version = {
    major: `0.0.0${prerelease}`,
    minor: `${major}.0.0${prerelease}`,
    patch: `${major}${minor}.0${prerelease}`,
  };
  const whole = text.slice(match[4] ?? 0).trimEnd();
  try {
    return { operator, version: parseVersion(wildcard === undefined ? whole : version[wildcard]), wildcard };
  } catch (error) {
    return error instanceof CallError ? failCall('constraint Parser Error') : rethrow(error);
  }
}

function rethrow(error: unknown): never {
  throw error;
}

/** Whether a version satisfies one constraint. A prerelease satisfies only constraints with a prerelease. */
function holds(constraint: Constraint, version: Version): boolean {
  const { operator, wildcard } = constraint;
  if (operator === '!=') return differs(constraint, version);
  if (version.parts.prerelease !== '' && constraint.version.parts.prerelease === '') return false;
  switch (operator) {
    case '>':
      return isGreater(constraint, version);
    case '<':
      return version.compare(constraint.version) < 0n;
    case '>=':
    case '=>':
      return version.compare(constraint.version) >= 0n;
    case '<=':
    case '=<':
      return isAtMost(constraint, version);
    case '~':
    case '~>':
      return isNear(constraint, version);
    case '^':
      return isCompatible(constraint, version);
    default:
      return wildcard === undefined
        ? version.compare(constraint.version) === 0n
        : isNear(constraint, version);
  }
}

function differs({ wildcard, version: { parts } }: Constraint, version: Version): boolean {
  if (wildcard !== undefined) {
    if (version.parts.prerelease !== '' && parts.prerelease === '') return false;
    if (version.parts.major !== parts.major) return true;
    if (version.parts.minor !== parts.minor && wildcard !== 'minor') return true;
    if (wildcard === 'minor') return false;
    if (wildcard === 'patch') {
      return compareIdentifiers(version.parts.prerelease, parts.prerelease) !== 0n;
    }
    if (version.parts.patch !== parts.patch) return true;
  }
  return version.compare(new Version(parts, '')) !== 0n;
}

function isGreater({ wildcard, version: bound }: Constraint, version: Version): boolean {
  if (wildcard === undefined) return version.compare(bound) > 0n;
  const [a, b] = [version.parts, bound.parts];
  if (a.major !== b.major) return a.major > b.major;
  if (wildcard === 'minor') return false;
  return wildcard === 'patch' ? a.minor > b.minor : version.compare(bound) > 0n;
}

function isAtMost({ wildcard, version: bound }: Constraint, version: Version): boolean {
  if (wildcard === undefined) return version.compare(bound) <= 0n;
  const [a, b] = [version.parts, bound.parts];
  if (a.major !== b.major) return a.major < b.major;
  return a.minor <= b.minor || wildcard === 'minor';
}

/** Implements `~1.2.3`: the same minor version, or with fewer parts the same major version. */
function isNear({ wildcard, version: bound }: Constraint, version: Version): boolean {
  if (version.compare(bound) < 0n) return false;
  const [a, b] = [version.parts, bound.parts];
  const zero = b.major === 0n && b.minor === 0n && b.patch === 0n;
  if (zero && wildcard !== 'minor' && wildcard !== 'patch') return true;
  return a.major === b.major && (a.minor === b.minor || wildcard === 'minor');
}

/** Implements `^1.2.3`: the same value in the first nonzero part. */
function isCompatible({ wildcard, version: bound }: Constraint, version: Version): boolean {
  if (version.compare(bound) < 0n) return false;
  const [a, b] = [version.parts, bound.parts];
  if (b.major > 0n || wildcard === 'minor') return a.major === b.major;
  if (a.major > 0n) return false;
  if (b.minor > 0n || wildcard === 'patch') return a.minor === b.minor;
  return a.minor === 0n && a.patch === b.patch;
}

/** Sprig's version functions. */
export const SEMVER: FunctionTable = {
  semver: define([STRING], VERSION_POINTER, ([text]) => parseVersion(text)),
  semverCompare: define([STRING, STRING], BOOL, ([constraint, version], run) => {
    const alternatives = parseConstraints(constraint, run);
    const parsed = parseVersion(version);
    return alternatives.some((all) => all.every((one) => holds(one, parsed)));
  }),
};
