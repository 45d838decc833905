/** The source of a value: the file or API object, and the path inside it. */
export interface Place {
  /** A file name, `<stdin>`, a URL, or `SealedSecret NAMESPACE/NAME`. */
  readonly source: string;
  /** The number of the document in the source, from 1; absent if there is only one. */
  readonly document?: number;
  /** The keys and indices that lead to the value. */
  readonly path?: readonly (string | number)[];
}

/** Returns the place of a field or an entry of a value. */
export function inside(place: Place, step: string | number): Place {
  return { ...place, path: [...(place.path ?? []), step] };
}

/** Formats a place, such as `secret.yaml: document 2: data["tls.key"]`. */
export function showPlace(place: Place): string {
  const parts = [place.source];
  if (place.document !== undefined) parts.push(`document ${place.document}`);
  if (place.path !== undefined && place.path.length > 0) parts.push(showPath(place.path));
  return parts.join(': ');
}

/** The keys that are safe to show. Others may hold a value: `{password:hunter2}` has one key and no value. */
const KEY = /^[A-Za-z0-9._/-]{1,317}$/;

/** Formats a path inside of an object, such as `data["tls.key"]`. */
export function showPath(path: readonly (string | number)[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += KEY.test(step) ? `["${step}"]` : '[…]';
  }
  return text;
}
