/** Returns the text for XML. */
export function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Returns the start of a text that is too long. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Returns a number in one of Grafana's units, with few digits. */
export function inUnit(value: number, unit: string): string {
  switch (unit) {
    case 's':
      return seconds(value);
    case 'bytes':
      return scaled(value, 1024, [' B', ' KiB', ' MiB', ' GiB']);
    case 'percentunit':
      return `${digits(value * 100)} %`;
    case 'ops':
      return `${digits(value)} ops/s`;
    case 'reqps':
      return `${digits(value)} req/s`;
    case 'dateTimeAsIso':
      return new Date(value).toISOString().slice(0, 16).replace('T', ' ');
    default:
      return scaled(value, 1000, ['', 'K', 'M']);
  }
}

function seconds(value: number): string {
  const size = Math.abs(value);
  if (size < 1 && size > 0) return `${digits(value * 1000)} ms`;
  if (size < 120) return `${digits(value)} s`;
  if (size < 2 * 3600) return `${digits(value / 60)} min`;
  if (size < 2 * 86_400) return `${digits(value / 3600)} h`;
  return size < 2 * 365 * 86_400 ? `${digits(value / 86_400)} d` : `${digits(value / (365 * 86_400))} y`;
}

function scaled(value: number, base: number, names: readonly string[]): string {
  const power = Math.min(
    names.length - 1,
    Math.max(0, Math.floor(Math.log(Math.abs(value) || 1) / Math.log(base))),
  );
  return `${digits(value / base ** power)}${names[power] ?? ''}`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
