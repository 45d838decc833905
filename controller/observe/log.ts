import pino from 'pino';
import { describe, type Failure } from '../../shared/errors.ts';

/** Fields of a log line: names, numbers, fingerprints. Never a value, a key or a token. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** JSON lines on stdout, written at once: what is logged before an exit is not lost. */
export function createLog(): Log {
  const logger = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
    pino.destination({ dest: 1, sync: true }),
  );
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}

/** A failure as log fields. */
export function failureFields(failure: Failure): Fields {
  return { code: failure.code, failure: describe(failure) };
}
