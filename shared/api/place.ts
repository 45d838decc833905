/** Where a value came from: the file or API object, and the path inside it. */
export interface Place {
  /** A file name, `<stdin>`, a URL, or `SealedSecret NAMESPACE/NAME`. */
  readonly source: string;
  /** Position among the documents of the source, from 1; absent where there is only one. */
  readonly document?: number;
  readonly path?: readonly (string | number)[];
}

/** The place one step further in. */
export function inside(place: Place, step: string | number): Place {
  return { ...place, path: [...(place.path ?? []), step] };
}

/** `secret.yaml: document 2: data["tls.key"]` */
export function showPlace(place: Place): string {
  const parts = [place.source];
  if (place.document !== undefined) parts.push(`document ${place.document}`);
  if (place.path !== undefined && place.path.length > 0) parts.push(showPath(place.path));
  return parts.join(': ');
}

/** A key of another form may be more than a key: `{password:hunter2}` has one key and no value. */
const KEY = /^[A-Za-z0-9._/-]{1,317}$/;

function showPath(path: readonly (string | number)[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += KEY.test(step) ? `["${step}"]` : '[…]';
  }
  return text;
}
