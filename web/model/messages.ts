import { failureOf, type Failure } from '../../shared/errors.ts';
import type { Remark } from '../../shared/input/remark.ts';
import type { Field, Message } from './types.ts';

/** Returns an error that is no failure of `shared/`. */
export function errorAt(field: Field, text: string): Message {
  return { severity: 'error', text, field };
}

/** Returns a warning about a field. */
export function warningAt(field: Field, text: string): Message {
  return { severity: 'warning', text, field };
}

/** Returns a note about a field. */
export function noteAt(field: Field, text: string): Message {
  return { severity: 'note', text, field };
}

/** Returns a remark of `shared/` about a field. */
export function remarkAt(field: Field, { severity, text }: Remark): Message {
  return { severity, text, field };
}

/** Returns the message of something thrown. Of an error that is no failure, it shows only the class. */
export function thrownAt(field: Field, error: unknown): Message {
  return failureAt(field, failureOf(error, 'the page'));
}

/** Returns the message of a failure. */
export function failureAt(field: Field, failure: Failure): Message {
  return { severity: 'error', text: failure.describe(), code: failure.code, field };
}

/** Runs a check, and returns the message about what it throws, if it throws. */
export function thrownBy(field: Field, check: () => void): readonly Message[] {
  try {
    check();
    return [];
  } catch (error) {
    return [thrownAt(field, error)];
  }
}

/** Whether there is an error among messages. */
export function hasError(messages: readonly Message[]): boolean {
  return messages.some(({ severity }) => severity === 'error');
}

const ORDER: readonly Message['severity'][] = ['error', 'warning', 'note'];

/** Returns each message once, errors first. */
export function sorted(messages: readonly Message[]): readonly Message[] {
  const unique = new Map(messages.map((message) => [JSON.stringify(message), message]));
  return ORDER.flatMap((severity) => [...unique.values()].filter((message) => message.severity === severity));
}
