/** Parses and compares versions as `github.com/Masterminds/semver` v3 does. */
import { define, failCall, type GoFunction } from '../function.ts';
import { decimalInteger } from '../number.ts';
import { BOOL, INT, Integer, STRING, Struct, type Type, UINT64, type Value } from '../value.ts';

/** Go's type `*semver.Version`. */
export const VERSION_POINTER: Type<Version> = {
  name: '*semver.Version',
  kind: 'ptr',
  holds: (value: Value): value is Version => value instanceof Version && value.type === VERSION_POINTER,
};

const VERSION_STRUCT: Type<Version> = {
  name: 'semver.Version',
  kind: 'struct',
  holds: (value: Value): value is Version => value instanceof Version && value.type === VERSION_STRUCT,
};

interface Parts {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly prerelease: string;
  readonly metadata: string;
}

const IDENTIFIERS = String.raw`[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*`;
const SYNTAX = new RegExp(
  String.raw`^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-(${IDENTIFIERS}))?(?:\+(${IDENTIFIERS}))?$`,
);

/** A version: a pointer if it was parsed, and the struct itself if it was derived from another version. */
export class Version extends Struct {
  readonly type: Type<Version>;
  readonly parts: Parts;
  readonly original: string;

  constructor(parts: Parts, original: string, type: Type<Version> = VERSION_POINTER) {
    super();
    this.parts = parts;
    this.original = original;
    this.type = type;
  }

  override unexported(): readonly string[] {
    return ['major', 'minor', 'patch', 'pre', 'metadata', 'original'];
  }

  override equals(other: Struct): boolean {
    return this === other || (this.type === VERSION_STRUCT && this.isLike(other));
  }

  /** Whether both versions were written in the same way. */
  isLike(other: Struct): boolean {
    return other instanceof Version && this.original === other.original && this.text() === other.text();
  }

  override text(): string {
    const { major, minor, patch, prerelease, metadata } = this.parts;
    const suffix = `${prerelease === '' ? '' : `-${prerelease}`}${metadata === '' ? '' : `+${metadata}`}`;
    return `${major}.${minor}.${patch}${suffix}`;
  }

  /** Returns -1, 0 or 1, ignoring metadata. */
  compare(other: Version): bigint {
    const [a, b] = [this.parts, other.parts];
    const bySegment = order(a.major, b.major) || order(a.minor, b.minor) || order(a.patch, b.patch);
    return bySegment || comparePrereleases(a.prerelease, b.prerelease);
  }

  /** Returns a version with some parts changed. */
  with(changed: Partial<Parts>): Version {
    const parts = { ...this.parts, ...changed };
    const prefix = this.original.startsWith('v') ? 'v' : '';
    return new Version(parts, prefix + new Version(parts, '').text(), VERSION_STRUCT);
  }

  override method(name: string): GoFunction | undefined {
    // A pointer's method cannot be called on a struct without an address.
    if (this.type === VERSION_STRUCT && POINTER_METHODS.has(name)) return undefined;
    return Object.hasOwn(METHODS, name) ? METHODS[name]?.(this) : undefined;
  }
}

function order(a: bigint, b: bigint): bigint {
  return a < b ? -1n : a > b ? 1n : 0n;
}

function comparePrereleases(a: string, b: string): bigint {
  if (a === b) return 0n;
  if (a === '') return 1n;
  if (b === '') return -1n;
  return compareIdentifiers(a, b);
}

/** Compares two prereleases by identifier: numbers numerically, and before text. */
export function compareIdentifiers(a: string, b: string): bigint {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [one = '', other = ''] = [left[i], right[i]];
    if (one === other) continue;
    if (one === '' || other === '') return one === '' ? -1n : 1n;
    const [n, m] = [uint64(one), uint64(other)];
    if (n === undefined && m === undefined) return one > other ? 1n : -1n;
    if (n === undefined || m === undefined) return m === undefined ? -1n : 1n;
    return n > m ? 1n : -1n;
  }
  return 0n;
}

function uint64(digits: string): bigint | undefined {
  if (!/^\d+$/.test(digits)) return undefined;
  const value = decimalInteger(digits);
  return value >> 64n === 0n ? value : undefined;
}

/** Parses a version, including incomplete forms (`v1`, `1.2`). Fails with the library's error message. */
export function parseVersion(text: string): Version {
  const match = SYNTAX.exec(text) ?? failCall('Invalid Semantic Version');
  const [, major = '', minor = '0', patch = '0', prerelease = '', metadata = ''] = match;
  const parts = {
    major: segment(major),
    minor: segment(minor),
    patch: segment(patch),
    prerelease: checkPrerelease(prerelease),
    metadata,
  };
  return new Version(parts, text);
}

function segment(digits: string): bigint {
  return (
    uint64(digits) ??
    failCall(`Error parsing version segment: strconv.ParseUint: parsing "${digits}": value out of range`)
  );
}

function checkPrerelease(prerelease: string): string {
  for (const identifier of prerelease.split('.')) {
    if (/^0\d+$/.test(identifier)) failCall('Version segment starts with 0');
    if (/[^0-9A-Za-z-]/.test(identifier)) failCall('Invalid Prerelease string');
  }
  return prerelease;
}

function checkMetadata(metadata: string): string {
  return /[^0-9A-Za-z.-]/.test(metadata) ? failCall('Invalid Metadata string') : metadata;
}

type Method = (self: Version) => GoFunction;

function part(name: 'major' | 'minor' | 'patch'): Method {
  return ({ parts }) => define([], UINT64, () => new Integer(UINT64, parts[name]));
}

function compared(holds: (order: bigint) => boolean): Method {
  return (self) => define([VERSION_POINTER], BOOL, ([other]) => holds(self.compare(other)));
}

const RELEASE = { prerelease: '', metadata: '' };

const METHODS: Readonly<Record<string, Method>> = {
  String: (self) => define([], STRING, () => self.text()),
  Original: (self) => define([], STRING, () => self.original),
  Major: part('major'),
  Minor: part('minor'),
  Patch: part('patch'),
  Prerelease: ({ parts }) => define([], STRING, () => parts.prerelease),
  Metadata: ({ parts }) => define([], STRING, () => parts.metadata),
  IncMajor: (self) =>
    define([], VERSION_STRUCT, () =>
      self.with({ major: next(self.parts.major), minor: 0n, patch: 0n, ...RELEASE }),
    ),
  IncMinor: (self) =>
    define([], VERSION_STRUCT, () => self.with({ minor: next(self.parts.minor), patch: 0n, ...RELEASE })),
  IncPatch: (self) =>
    define([], VERSION_STRUCT, () => {
      const { patch, prerelease } = self.parts;
      return self.with({ patch: prerelease === '' ? next(patch) : patch, ...RELEASE });
    }),
  SetPrerelease: (self) =>
    define([STRING], VERSION_STRUCT, ([prerelease]) =>
      self.with({ prerelease: checkPrerelease(prerelease) }),
    ),
  SetMetadata: (self) =>
    define([STRING], VERSION_STRUCT, ([metadata]) => self.with({ metadata: checkMetadata(metadata) })),
  Compare: (self) => define([VERSION_POINTER], INT, ([other]) => self.compare(other)),
  Equal: compared((by) => by === 0n),
  LessThan: compared((by) => by < 0n),
  LessThanEqual: compared((by) => by <= 0n),
  GreaterThan: compared((by) => by > 0n),
  GreaterThanEqual: compared((by) => by >= 0n),
};

const POINTER_METHODS = new Set([
  'Original',
  'Compare',
  'Equal',
  'LessThan',
  'LessThanEqual',
  'GreaterThan',
  'GreaterThanEqual',
]);

function next(value: bigint): bigint {
  return BigInt.asUintN(64, value + 1n);
}
