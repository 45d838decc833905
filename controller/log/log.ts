import { pino } from 'pino';
import { describe, type Failure } from '../../shared/errors.ts';
import type { Clock } from '../../shared/clock.ts';
import { MAX_LOGGED, shortened } from '../../shared/text.ts';
import { jsonLine, textLine } from './line.ts';

/** Fields of a log line: names, numbers, fingerprints. Never a value, a key or a token. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export interface LogOptions {
  readonly logLevel: 'INFO' | 'ERROR';
  readonly logFormat: 'text' | 'json';
  /** Whether what is no warning and no error goes to stdout. */
  readonly logInfoStdout: boolean;
}

/** Where lines go. Writing must be done when it returns: what is logged before an exit is not lost. */
export interface Streams {
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
}

/** Writes before it returns, even to a pipe that is full, which `process.stdout` does not. */
export const processStreams: Streams = { stdout: writerTo(1), stderr: writerTo(2) };

function writerTo(dest: number): (line: string) => void {
  const destination = pino.destination({ dest, sync: true });
  return (line) => void destination.write(line);
}

/** Logs as Go's `log/slog` does, whose text and JSON the reference writes. No line holds more text than `MAX_LOGGED`. */
export function createLog(options: LogOptions, clock: Clock, streams: Streams): Log {
  const lineOf = options.logFormat === 'json' ? jsonLine : textLine;
  const writingTo = (stream: (line: string) => void): Log => {
    const logger = pino(
      {
        level: options.logLevel.toLowerCase(),
        // No process id and no host name, which are the pod's to tell.
        base: null,
        timestamp: () => `,"time":"${clock.now().toISOString()}"`,
        formatters: { level: (label) => ({ level: label.toUpperCase() }) },
      },
      { write: (line) => stream(lineOf(line)) },
    );
    return {
      info: (msg, fields) => logger.info(bounded({ msg, ...fields })),
      warn: (msg, fields) => logger.warn(bounded({ msg, ...fields })),
      error: (msg, fields) => logger.error(bounded({ msg, ...fields })),
    };
  };
  const stderr = writingTo(streams.stderr);
  const stdout = options.logInfoStdout ? writingTo(streams.stdout) : stderr;
  return { ...stderr, info: (message, fields) => stdout.info(message, fields) };
}

/** The fields with at most `MAX_LOGGED` units of text in all: what comes first stays whole. */
function bounded(fields: Fields): Fields {
  let left = MAX_LOGGED;
  const entries = Object.entries(fields).map(([name, value]): [string, Fields[string]] => {
    if (typeof value !== 'string') return [name, value];
    const text = shortened(value, left);
    left -= text.length;
    return [name, text];
  });
  return Object.fromEntries(entries);
}

/** A failure as log fields. */
export function failureFields(failure: Failure): Fields {
  return { code: failure.code, failure: describe(failure) };
}
