import { decodeBase64 } from '../api/base64.ts';
import { parseEnvelope, type Envelope } from '../crypto/envelope.ts';
import type { ItemProblem } from './item-problem.ts';

/** Returns the envelope in an item's value, or why there is none. */
export function envelopeOf(item: string, value: string | null): Envelope | ItemProblem {
  if (value === null) return { code: 'NotAString', item };
  const decoded = decodeBase64(value);
  if (!decoded.ok) return { code: 'IllegalBase64', item, offset: decoded.offset };
  return parseEnvelope(decoded.bytes) ?? { code: 'NoEnvelope', item };
}
