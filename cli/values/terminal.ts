import { constants, openSync, readSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { systemClock } from '../../shared/clock.ts';
import { systemCode } from '../../shared/file-errors.ts';

/** What to do with what is typed. */
export interface TerminalListener {
  read(chunk: Buffer): void;
  /** Called when nothing more can be read. */
  end(): void;
}

/** The terminal of this process. */
export interface Terminal {
  /** In raw mode, the terminal shows nothing that is typed, and hands over each key, also Ctrl-C. */
  setRawMode(on: boolean): void;
  /** Reads until `close`. */
  listen(listener: TerminalListener): void;
  close(): void;
}

/** Opens the terminal that is stdin, or the terminal of the session. Undefined if there is none. */
export function openTerminal(): Terminal | undefined {
  return process.stdin.isTTY ? stdinTerminal(process.stdin) : sessionTerminal();
}

function stdinTerminal(stdin: ReadStream): Terminal {
  let stop = (): void => undefined;
  return {
    setRawMode: (on) => void stdin.setRawMode(on),
    listen: (listener) => {
      const onData = (chunk: Buffer): void => {
        listener.read(chunk);
      };
      const onEnd = (): void => {
        listener.end();
      };
      stdin.on('data', onData).on('end', onEnd).on('error', onEnd);
      stop = () => {
        stdin.off('data', onData).off('end', onEnd).off('error', onEnd);
        stdin.pause();
        stdin.unref();
      };
    },
    close: () => stop(),
  };
}

/** How often to look for keys, in ms. */
const INTERVAL = 20;
const CHUNK_BYTES = 4096;
const never = new AbortController().signal;

/**
 * Opens `/dev/tty`. Looks for keys again and again: a pending read of such a stream would keep Bun from ending, and a read
 * that waits would keep signals from being handled.
 */
function sessionTerminal(): Terminal | undefined {
  let descriptor: number;
  let stream: ReadStream;
  try {
    descriptor = openSync('/dev/tty', constants.O_RDWR | constants.O_NONBLOCK);
    stream = new ReadStream(descriptor);
  } catch {
    return undefined;
  }
  let isOpen = true;
  return {
    setRawMode: (on) => void stream.setRawMode(on),
    listen: (listener) => void poll(descriptor, listener, () => isOpen),
    close: () => {
      isOpen = false;
      stream.destroy();
    },
  };
}

async function poll(descriptor: number, listener: TerminalListener, isOpen: () => boolean): Promise<void> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  while (isOpen()) {
    const length = readNow(descriptor, buffer);
    if (length === 0) {
      listener.end();
      return;
    }
    if (length === undefined) await systemClock.sleep(INTERVAL, never);
    else listener.read(buffer.subarray(0, length));
  }
}

/** Returns how many bytes were read; 0 at the end or on an error, undefined if there are none yet. */
function readNow(descriptor: number, buffer: Buffer): number | undefined {
  try {
    return readSync(descriptor, buffer);
  } catch (error) {
    return systemCode(error) === 'EAGAIN' ? undefined : 0;
  }
}
