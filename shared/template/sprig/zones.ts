/** Go's `time.Location`, with the zone data of Node and Go's abbreviations. */
import { Struct, type Type, type Value } from '../value.ts';
import { ZONES } from './zone-table.ts';

/** The state of a zone at a point in time. */
export interface ZoneAt {
  /** Seconds east of Greenwich. */
  readonly offset: number;
  readonly abbreviation: string;
  readonly summer: boolean;
}

/** Go's type `*time.Location`. */
export const LOCATION: Type<Location> = {
  name: '*time.Location',
  kind: 'ptr',
  holds: (value: Value): value is Location => value instanceof Location,
};

/** A time zone. */
export abstract class Location extends Struct {
  readonly type = LOCATION;
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }

  /** Returns the state of the zone at a time in seconds since 1970. */
  abstract at(seconds: bigint): ZoneAt;

  /** Returns the offset that an abbreviation denotes near a time, or undefined if this zone does not have it. */
  abstract offsetOf(abbreviation: string, seconds: bigint): number | undefined;

  override text(): string {
    return this.name;
  }
}

class FixedZone extends Location {
  readonly #at: ZoneAt;

  constructor(name: string, offset: number) {
    super(name);
    this.#at = { offset, abbreviation: name, summer: false };
  }

  at(): ZoneAt {
    return this.#at;
  }

  offsetOf(): undefined {
    return undefined;
  }
}

/** The zone UTC. */
export const UTC: Location = new FixedZone('UTC', 0);

/** Returns a zone with a fixed offset, for a parsed time. The name may be empty. */
export function fixedZone(name: string, offset: number): Location {
  return new FixedZone(name, offset);
}

/** An abbreviation for an offset, valid from a point in time. */
interface Naming {
  readonly from: bigint;
  readonly offset: number;
  readonly abbreviation: string;
  readonly summer: boolean;
}

/** The largest time that an ECMAScript date can hold, in seconds. */
const FARTHEST = 8_640_000_000_000n;

class IanaZone extends Location {
  readonly #format: Intl.DateTimeFormat;
  readonly #namings: readonly Naming[];

  constructor(name: string, namings: readonly Naming[]) {
    super(name);
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    this.#namings = namings;
  }

  at(seconds: bigint): ZoneAt {
    const near = seconds < -FARTHEST ? -FARTHEST : seconds > FARTHEST ? FARTHEST : seconds;
    const offset = this.#offsetAt(Number(near));
    const named = this.#namings.findLast((one) => one.offset === offset && one.from <= near);
    return {
      offset,
      abbreviation: named?.abbreviation ?? numericName(offset),
      summer: named?.summer ?? false,
    };
  }

  #offsetAt(seconds: number): number {
    const parts = this.#format.formatToParts(seconds * 1000);
    const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = 0, minutes = 0, rest = 0] = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(text) ?? [];
    const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
    return sign === '-' ? -size : size;
  }

  offsetOf(abbreviation: string, seconds: bigint): number | undefined {
    const called = this.#namings.filter((one) => one.abbreviation === abbreviation);
    const inEffect = called.find(
      ({ offset }) => this.at(seconds - BigInt(offset)).abbreviation === abbreviation,
    );
    return (inEffect ?? called[0])?.offset;
  }
}

/** Returns the name of a zone without abbreviations, which is its offset: `-03`, `+0545`. */
function numericName(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0');
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${hours}${rest}`;
}

/** The maximum number of cached zones. Each has a formatter with its own tables. */
const KEPT = 32;

/** The most recently used zones, newest last. */
const loaded = new Map<string, Location>();

/** Returns null for a zone that is newer than the zone data of this Node. */
function ianaZone(name: string, namings: readonly Naming[]): IanaZone | null {
  try {
    return new IanaZone(name, namings);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Returns the zone with an IANA name, or null if there is none, or none in the zone data of this Node. */
export function loadZone(name: string): Location | null {
  if (name === '' || name === 'UTC') return UTC;
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const namings = namingsOf(name);
  if (namings === null) return null;
  const zone = ianaZone(name, namings);
  if (zone === null) return null;
  loaded.set(name, zone);
  for (const oldest of loaded.keys()) {
    if (loaded.size <= KEPT) break;
    loaded.delete(oldest);
  }
  return zone;
}

function namingsOf(name: string): Naming[] | null {
  for (const [namings, names] of ZONES) {
    if (names.split(' ').includes(name)) return namings === '' ? [] : namings.split(' ').map(parseNaming);
  }
  return null;
}

/**
 * Parses `[FROM@]OFFSET ABBREVIATION[*]` without the space: start in seconds (base 36), offset in minutes, * in
 * summer.
 */
function parseNaming(text: string): Naming {
  const [, from, offset = '0', abbreviation = '', summer] =
    /^(?:([0-9a-z]+)@)?(-?[\d.]+)([A-Za-z]+|[+-]\d+)(\*)?$/.exec(text) ?? [];
  return {
    from: from === undefined ? -FARTHEST : BigInt(parseInt(from, 36)),
    offset: Math.round(Number(offset) * 60),
    abbreviation,
    summer: summer === '*',
  };
}
