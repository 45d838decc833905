import type { Place } from '../../shared/api/place.ts';
import { isObject } from '../../shared/api/reader.ts';
import { parseSealedSecret, type SealedSecret } from '../../shared/api/sealed-secret.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { decodeText, parseText } from '../../shared/manifest/read.ts';
import { unparsable } from '../../shared/seal/templates.ts';

/** A SealedSecret that a client sent. */
export interface Posted {
  readonly sealed: SealedSecret;
  /** The same as it came. */
  readonly value: object;
  /** The items whose template does not parse. */
  readonly unparsable: readonly string[];
}

/** Where it came from. */
export const REQUEST: Place = { source: 'request' };

/** Reads a body: exactly one SealedSecret, JSON or YAML. Null: it is none. */
export function parsePosted(body: Uint8Array): Posted | null {
  try {
    const { values } = parseText(decodeText(body, REQUEST.source), REQUEST.source);
    const [value, ...others] = values.filter((each) => each !== null);
    if (!isObject(value) || others.length > 0) return null;
    const sealed = parseSealedSecret(value, REQUEST);
    return { sealed, value, unparsable: unparsable(sealed.template.data) };
  } catch (error) {
    if (error instanceof SealedSecretsError) return null;
    throw error;
  }
}
