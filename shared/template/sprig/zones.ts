/** Time zones: Go's `time.Location`, over the zone data that Node brings, and Go's abbreviations. */
import { Struct, type Type, type Value } from '../value.ts';
import { ZONES } from './zone-table.ts';

/** What holds in a zone at a time. */
export interface ZoneAt {
  /** Seconds east of Greenwich. */
  readonly offset: number;
  readonly abbreviation: string;
  readonly summer: boolean;
}

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

  /** At a time in seconds since 1970. */
  abstract at(seconds: bigint): ZoneAt;

  /** The offset that an abbreviation stands for near a time, if this zone has it. */
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

export const UTC: Location = new FixedZone('UTC', 0);

/** A zone that is only an offset, from what was read. The name may be empty. */
export function fixedZone(name: string, offset: number): Location {
  return new FixedZone(name, offset);
}

/** One abbreviation for an offset, from a time on. */
interface Naming {
  readonly from: bigint;
  readonly offset: number;
  readonly abbreviation: string;
  readonly summer: boolean;
}

/** What ECMAScript dates can hold, in seconds. */
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

/** Zones without names of their own are called by their offset: `-03`, `+0545`. */
function numericName(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0');
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${hours}${rest}`;
}

/** How many zones are kept: each has a formatter with tables of its own. */
const KEPT = 32;

/** The zones used last, the newest at the end. */
const loaded = new Map<string, Location>();

/** A zone by its IANA name, or null where there is none. */
export function loadZone(name: string): Location | null {
  if (name === '' || name === 'UTC') return UTC;
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const namings = namingsOf(name);
  if (namings === null) return null;
  const zone = new IanaZone(name, namings);
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

/** `[FROM@]OFFSET ABBREVIATION[*]` without the blank: from in seconds (base 36), offset in minutes, * in summer. */
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
