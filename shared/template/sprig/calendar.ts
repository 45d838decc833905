/** The proleptic Gregorian calendar, for any year. */

/** A calendar date and a time of day. */
export interface Civil {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 1 to 366. */
  readonly yearDay: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** The number of seconds per day. */
export const SECONDS_OF_DAY = 86_400n;

/** Whether a year is a leap year. */
export function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Returns the number of days before a month in a common year. Month 13 is the end of the year. */
export function daysBefore(month: number): number {
  return [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365][month - 1] ?? 0;
}

/** Returns the number of days in a month. */
export function daysIn(month: number, year: number): number {
  return month === 2 && isLeap(year) ? 29 : daysBefore(month + 1) - daysBefore(month);
}

/** Returns the days since 1970 of a date, whose month and day may be out of range. */
export function daysOf(year: number, month: number, day: number): number {
  const months = year * 12 + month - 1;
  const y = Math.floor(months / 12);
  const m = months - y * 12 + 1;
  const before = y - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const leapDay = m > 2 && isLeap(y) ? 1 : 0;
  // 719,162 days separate the years 1 and 1970.
  return before * 365 + leapDays + daysBefore(m) + leapDay + (day - 1) - 719_162;
}

/** Converts seconds since 1970, counted in the local time of a zone, to a date and time of day. */
export function civilOf(seconds: bigint): Civil {
  const ofDay = Number(((seconds % SECONDS_OF_DAY) + SECONDS_OF_DAY) % SECONDS_OF_DAY);
  const days = Number((seconds - BigInt(ofDay)) / SECONDS_OF_DAY);
  let year = Math.floor((days + 719_162) / 365.2425) + 1;
  while (daysOf(year, 1, 1) > days) year--;
  while (daysOf(year + 1, 1, 1) <= days) year++;
  const yearDay = days - daysOf(year, 1, 1) + 1;
  let month = 1;
  while (daysOf(year, month + 1, 1) <= days) month++;
  return {
    year,
    month,
    day: days - daysOf(year, month, 1) + 1,
    yearDay,
    weekday: (((days + 4) % 7) + 7) % 7,
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor(ofDay / 60) % 60,
    second: ofDay % 60,
  };
}
