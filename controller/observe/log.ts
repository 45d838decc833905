import { describe, escaped, type Failure } from '../../shared/errors.ts';
import type { Clock } from '../../shared/clock.ts';

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

type Level = 'INFO' | 'WARN' | 'ERROR';

/** Logs as Go's `log/slog` does, whose text and JSON the reference writes. */
export function createLog(options: LogOptions, clock: Clock, streams: Streams): Log {
  const write = (level: Level, message: string, fields: Fields = {}): void => {
    if (options.logLevel === 'ERROR' && level !== 'ERROR') return;
    const all = { time: clock.now().toISOString(), level, msg: message, ...fields };
    const line = options.logFormat === 'json' ? JSON.stringify(all) : textLine(all);
    const stream = level === 'INFO' && options.logInfoStdout ? streams.stdout : streams.stderr;
    stream(`${line}\n`);
  };
  return {
    info: (message, fields) => write('INFO', message, fields),
    warn: (message, fields) => write('WARN', message, fields),
    error: (message, fields) => write('ERROR', message, fields),
  };
}

/** On a pipe, a file or a terminal both are synchronous. */
export const processStreams: Streams = {
  stdout: (line) => void process.stdout.write(line),
  stderr: (line) => void process.stderr.write(line),
};

function textLine(fields: Fields): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quoted(String(value))}`]))
    .join(' ');
}

/** One word stays as it is; everything else stands in quotes, in one line. */
function quoted(text: string): string {
  const plain = escaped(text);
  return /^[^\s"=\\]+$/.test(plain) ? plain : JSON.stringify(plain);
}

/** A failure as log fields. */
export function failureFields(failure: Failure): Fields {
  return { code: failure.code, failure: describe(failure) };
}
