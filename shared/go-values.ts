/** Parses a boolean as Go's strconv.ParseBool does. Returns undefined for anything else. */
export function parseGoBoolean(text: string): boolean | undefined {
  if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(0|f|F|false|FALSE|False)$/.test(text) ? false : undefined;
}

/** Go's units of time, in ms. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const DURATION = /^[-+]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** Parses a duration as Go's time.ParseDuration does (`720h`, `1h30m`, `-1.5s`, `0`). Returns ms, or undefined. */
export function parseGoDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/([0-9.]+)([a-zµμ]+)/g)) {
    ms += Number(number) * (UNITS[unit] ?? 0);
  }
  return text.startsWith('-') ? -ms : ms;
}
