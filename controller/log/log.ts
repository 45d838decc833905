import { pino } from 'pino';
import type { Failure } from '../../shared/errors.ts';
import type { Clock } from '../../shared/clock.ts';
import { MAX_LOGGED, shortened } from '../../shared/text.ts';
import { jsonLine, textLine } from './line.ts';

/** The fields of a log line: names, numbers, fingerprints. They must never hold a secret value, a key or a token. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes log lines at three levels. */
export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** The logging flags. */
export interface LogOptions {
  readonly logLevel: 'INFO' | 'ERROR';
  readonly logFormat: 'text' | 'json';
  /** Whether INFO lines go to stdout instead of stderr. */
  readonly logInfoStdout: boolean;
}

/** The outputs of a log. A write must be synchronous, so that lines logged before an exit are not lost. */
export interface Streams {
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
}

/** Writes synchronously, even to a full pipe, unlike `process.stdout`. */
export const processStreams: Streams = { stdout: writerTo(1), stderr: writerTo(2) };

function writerTo(dest: number): (line: string) => void {
  const destination = pino.destination({ dest, sync: true });
  return (line) => void destination.write(line);
}

/**
 * Creates a log in the text or JSON format of Go's `log/slog`, which the reference implementation uses. The fields of a
 * line together hold at most `MAX_LOGGED` UTF-16 code units.
 */
export function createLog(options: LogOptions, clock: Clock, streams: Streams): Log {
  const formatLine = options.logFormat === 'json' ? jsonLine : textLine;
  const logTo = (stream: (line: string) => void): Log => {
    const logger = pino(
      {
        level: options.logLevel.toLowerCase(),
        // Leaves out the process ID and host name, which the pod identifies.
        base: null,
        timestamp: () => `,"time":"${clock.now().toISOString()}"`,
        formatters: { level: (label) => ({ level: label.toUpperCase() }) },
      },
      { write: (line) => stream(formatLine(line)) },
    );
    return {
      info: (msg, fields) => logger.info(bounded({ msg, ...fields })),
      warn: (msg, fields) => logger.warn(bounded({ msg, ...fields })),
      error: (msg, fields) => logger.error(bounded({ msg, ...fields })),
    };
  };
  const stderr = logTo(streams.stderr);
  const stdout = options.logInfoStdout ? logTo(streams.stdout) : stderr;
  return { ...stderr, info: (message, fields) => stdout.info(message, fields) };
}

/** Returns the fields with at most `MAX_LOGGED` UTF-16 code units of text in total. The last fields are cut first. */
function bounded(fields: Fields): Fields {
  let remaining = MAX_LOGGED;
  const entries = Object.entries(fields).map(([name, value]): [string, Fields[string]] => {
    if (typeof value !== 'string') return [name, value];
    const text = shortened(value, remaining);
    remaining -= text.length;
    return [name, text];
  });
  return Object.fromEntries(entries);
}

/** Returns a failure as log fields. */
export function failureFields(failure: Failure): Fields {
  return { code: failure.code, failure: failure.describe() };
}
