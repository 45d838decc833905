/** Cuts the name of a field or an item at its colon: in `{password:hunter2}` it contains a value. */
export function withoutValue(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : `${name.slice(0, colon)}:…`;
}
