/** Go's `time.Time` and related types as templates see them, with methods. */
import { define, type GoFunction } from '../function.ts';
import {
  BOOL,
  FLOAT64,
  INT,
  INT64,
  int,
  int64,
  Integer,
  integerType,
  STRING,
  Struct,
  type Type,
  type Value,
} from '../value.ts';
import { type Civil, civilOf, daysOf, SECONDS_OF_DAY } from './calendar.ts';
import { formatDuration, HOUR, MINUTE, SECOND } from './duration.ts';
import { formatTime } from './format-time.ts';
import { MONTHS, WEEKDAYS } from './layout.ts';
import { type Location, LOCATION, loadZone, UTC, type ZoneAt } from './zones.ts';

type Methods<T> = Readonly<Record<string, (self: T) => GoFunction>>;

function methodOf<T>(methods: Methods<T>, name: string, self: T): GoFunction | undefined {
  return Object.hasOwn(methods, name) ? methods[name]?.(self) : undefined;
}

/** Defines a method without parameters. */
function getter<T, R extends Value>(result: Type<R>, get: (self: T) => R): (self: T) => GoFunction {
  return (self) => define([], result, () => get(self));
}

/** Go's type `time.Duration`. */
export const DURATION = integerType({ name: 'time.Duration', kind: 'int64', bits: 64, signed: true });

/** A duration in nanoseconds. */
export class Duration extends Integer {
  constructor(nanoseconds: bigint) {
    super(DURATION, nanoseconds);
  }

  override text(): string {
    return formatDuration(this.value);
  }

  override method(name: string): GoFunction | undefined {
    return methodOf(DURATION_METHODS, name, this);
  }
}

const LEAST = -(1n << 63n);
const MOST = (1n << 63n) - 1n;

/** Rounds to a multiple of a unit, half away from zero, and clamps values that do not fit. */
export function roundDuration(value: bigint, unit: bigint): bigint {
  if (unit <= 0n) return value;
  const rest = value < 0n ? -(value % unit) : value % unit;
  const down = rest + rest < unit;
  const size = value < 0n ? -value : value;
  const rounded = down ? size - rest : size + unit - rest;
  const signed = value < 0n ? -rounded : rounded;
  return signed > MOST ? MOST : signed < LEAST ? LEAST : signed;
}

function inUnits(value: bigint, unit: bigint): number {
  return Number(value / unit) + Number(value % unit) / Number(unit);
}

const DURATION_METHODS: Methods<Duration> = {
  String: getter(STRING, (self) => self.text()),
  Hours: getter(FLOAT64, (self) => inUnits(self.value, HOUR)),
  Minutes: getter(FLOAT64, (self) => inUnits(self.value, MINUTE)),
  Seconds: getter(FLOAT64, (self) => inUnits(self.value, SECOND)),
  Milliseconds: getter(INT64, (self) => int64(self.value / 1_000_000n)),
  Microseconds: getter(INT64, (self) => int64(self.value / 1000n)),
  Nanoseconds: getter(INT64, (self) => int64(self.value)),
  Abs: getter(DURATION, (self) => {
    return new Duration(self.value === LEAST ? MOST : self.value < 0n ? -self.value : self.value);
  }),
  Round: (self) =>
    define([DURATION], DURATION, ([unit]) => new Duration(roundDuration(self.value, unit.value))),
  Truncate: (self) =>
    define([DURATION], DURATION, ([unit]) => {
      return new Duration(unit.value <= 0n ? self.value : self.value - (self.value % unit.value));
    }),
};

const MONTH = integerType({ name: 'time.Month', kind: 'int', bits: 64, signed: true });
const WEEKDAY = integerType({ name: 'time.Weekday', kind: 'int', bits: 64, signed: true });

/** A `time.Month` or `time.Weekday`. */
class Named extends Integer {
  readonly #name: string;

  constructor(type: typeof MONTH, value: number, name: string) {
    super(type, BigInt(value));
    this.#name = name;
  }

  override text(): string {
    return this.#name;
  }

  override method(name: string): GoFunction | undefined {
    return name === 'String' ? define([], STRING, () => this.#name) : undefined;
  }
}

/** Whether an integer is a `time.Month` or `time.Weekday`, which `int` accepts unchanged. */
export function isNamedInt(value: Integer): boolean {
  return value instanceof Named;
}

/** Go's type `time.Time`. */
export const TIME: Type<Time> = {
  name: 'time.Time',
  kind: 'struct',
  holds: (value: Value): value is Time => value instanceof Time,
};

/** A date and a time of day. Months and days count from 1. */
export interface DateAndTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
}

/** A point in time, and the zone in which it is displayed. */
export class Time extends Struct {
  readonly type = TIME;
  /** Seconds since 1970, in 64 bits. */
  readonly seconds: bigint;
  readonly nanosecond: number;
  readonly location: Location;

  constructor(seconds: bigint, nanosecond: number, location: Location) {
    super();
    this.seconds = int(seconds);
    this.nanosecond = nanosecond;
    this.location = location;
  }

  override unexported(): readonly string[] {
    return ['wall', 'ext', 'loc'];
  }

  static ofMilliseconds(milliseconds: number, location: Location): Time {
    const seconds = Math.floor(milliseconds / 1000);
    return new Time(BigInt(seconds), Math.round((milliseconds - seconds * 1000) * 1e6), location);
  }

  /** Returns the time of a date and time of day in a zone. Month and day may be out of range. */
  static ofDate(
    { year, month, day, hour, minute, second, nanosecond }: DateAndTime,
    location: Location,
  ): Time {
    const ofDay = BigInt((hour * 60 + minute) * 60 + second);
    const shown = BigInt(daysOf(year, month, day)) * SECONDS_OF_DAY + ofDay;
    // Near a change of the offset, the first guess may be on the wrong side of it.
    const guess = location.at(shown).offset;
    const offset = guess === 0 ? 0 : location.at(shown - BigInt(guess)).offset;
    return new Time(shown - BigInt(offset), nanosecond, location);
  }

  in(location: Location): Time {
    return new Time(this.seconds, this.nanosecond, location);
  }

  addSeconds(seconds: bigint): Time {
    return new Time(this.seconds + seconds, this.nanosecond, this.location);
  }

  add(nanoseconds: bigint): Time {
    const total = BigInt(this.nanosecond) + nanoseconds;
    const rest = ((total % SECOND) + SECOND) % SECOND;
    return new Time(this.seconds + (total - rest) / SECOND, Number(rest), this.location);
  }

  /** Returns the difference in nanoseconds, clamped to 64 bits. */
  since(other: Time): bigint {
    const span = this.#nanoseconds - other.#nanoseconds;
    return span > MOST ? MOST : span < LEAST ? LEAST : span;
  }

  compare(other: Time): bigint {
    const span = this.#nanoseconds - other.#nanoseconds;
    return span < 0n ? -1n : span > 0n ? 1n : 0n;
  }

  get #nanoseconds(): bigint {
    return this.seconds * SECOND + BigInt(this.nanosecond);
  }

  /** Rounds down to a multiple of a unit, counted from the zero time. */
  truncate(unit: bigint): Time {
    return unit <= 0n ? this : this.add(-this.#rest(unit));
  }

  round(unit: bigint): Time {
    if (unit <= 0n) return this;
    const rest = this.#rest(unit);
    return this.add(rest + rest < unit ? -rest : unit - rest);
  }

  #rest(unit: bigint): bigint {
    const span = this.#nanoseconds - ZERO_TIME.#nanoseconds;
    return ((span % unit) + unit) % unit;
  }

  get zone(): ZoneAt {
    return this.location.at(this.seconds);
  }

  get civil(): Civil {
    return civilOf(this.seconds + BigInt(this.zone.offset));
  }

  format(layout: string): string {
    return formatTime(layout, { civil: this.civil, nanosecond: this.nanosecond, zone: this.zone });
  }

  override equals(other: Struct): boolean {
    return other instanceof Time && this.compare(other) === 0n && this.location === other.location;
  }

  override text(): string {
    return this.format('2006-01-02 15:04:05.999999999 -0700 MST');
  }

  override method(name: string): GoFunction | undefined {
    return methodOf(TIME_METHODS, name, this);
  }
}

/** Go's zero time, the start of the year 1. */
export const ZERO_TIME = new Time(BigInt(daysOf(1, 1, 1)) * SECONDS_OF_DAY, 0, UTC);

function number(get: (time: Time) => number): (time: Time) => GoFunction {
  return getter(INT, (time) => BigInt(get(time)));
}

const TIME_METHODS: Methods<Time> = {
  String: getter(STRING, (time) => time.text()),
  Format: (time) => define([STRING], STRING, ([layout]) => time.format(layout)),
  Year: number((time) => time.civil.year),
  Month: getter(MONTH, ({ civil }) => new Named(MONTH, civil.month, MONTHS[civil.month - 1] ?? '')),
  Day: number((time) => time.civil.day),
  YearDay: number((time) => time.civil.yearDay),
  Weekday: getter(WEEKDAY, ({ civil }) => new Named(WEEKDAY, civil.weekday, WEEKDAYS[civil.weekday] ?? '')),
  Hour: number((time) => time.civil.hour),
  Minute: number((time) => time.civil.minute),
  Second: number((time) => time.civil.second),
  Nanosecond: number((time) => time.nanosecond),
  Unix: getter(INT64, (time) => int64(time.seconds)),
  UnixMilli: getter(INT64, (time) => int64(time.seconds * 1000n + BigInt(time.nanosecond) / 1_000_000n)),
  UnixMicro: getter(INT64, (time) => int64(time.seconds * 1_000_000n + BigInt(time.nanosecond) / 1000n)),
  UnixNano: getter(INT64, (time) => int64(time.seconds * SECOND + BigInt(time.nanosecond))),
  UTC: getter(TIME, (time) => time.in(UTC)),
  Local: (time) => define([], TIME, (_, run) => time.in(loadZone(run.localZone) ?? UTC)),
  Location: getter(LOCATION, (time) => time.location),
  In: (time) => define([LOCATION], TIME, ([location]) => time.in(location)),
  IsZero: getter(BOOL, (time) => time.compare(ZERO_TIME) === 0n),
  IsDST: getter(BOOL, (time) => time.zone.summer),
  Add: (time) => define([DURATION], TIME, ([span]) => time.add(span.value)),
  AddDate: (time) =>
    define([INT, INT, INT], TIME, ([years, months, days]) => {
      const { civil, nanosecond, location } = time;
      const year = civil.year + Number(years);
      const month = civil.month + Number(months);
      const day = civil.day + Number(days);
      return Time.ofDate({ ...civil, year, month, day, nanosecond }, location);
    }),
  Sub: (time) => define([TIME], DURATION, ([other]) => new Duration(time.since(other))),
  After: (time) => define([TIME], BOOL, ([other]) => time.compare(other) > 0n),
  Before: (time) => define([TIME], BOOL, ([other]) => time.compare(other) < 0n),
  Equal: (time) => define([TIME], BOOL, ([other]) => time.compare(other) === 0n),
  Compare: (time) => define([TIME], INT, ([other]) => time.compare(other)),
  Truncate: (time) => define([DURATION], TIME, ([unit]) => time.truncate(unit.value)),
  Round: (time) => define([DURATION], TIME, ([unit]) => time.round(unit.value)),
};
