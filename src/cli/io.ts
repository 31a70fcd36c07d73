/**
 * @module cli/io
 *
 * Streams of a command: data on `stdout`, words on `stderr`. What a stream can show (a live line, colour, how many
 * columns) is decided once, here, so that everything above is a function of an `Io` and can be tested without a terminal.
 */

/** One of the two streams. */
export interface Writer {
  write(text: string): void;
  /** A person watches it, so a line may be redrawn. */
  readonly isTTY: boolean;
  readonly columns: number;
  /** Sentences are broken to `columns`: on a terminal, and where COLUMNS says how wide the reader's is. */
  readonly fitted: boolean;
  /** Colour is allowed (https://no-color.org). Meaning never rests on it. */
  readonly colour: boolean;
}

/** Streams and clock of a command. */
export interface Io {
  /** Data. */
  readonly stdout: Writer;
  /** Words to a person. */
  readonly stderr: Writer;
  /** Seconds from any fixed moment, never going back. */
  now(): number;
  /** FIM_DEBUG=1: complaints carry a stack. */
  readonly debug: boolean;
  /** Who is told what to say should the work be ended from outside. */
  readonly desk?: Desk;
}

/** Keeps what is to be said where work is ended that does not stop by itself. */
export interface Desk {
  /** What is known so far, in a line. */
  known(line: string): void;
  /** The command line that goes on where this one was. */
  goesOn(line: string): void;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The part of a Node stream that is used. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

function writerOf(stream: Stream, env: Environment): Writer {
  const isTTY = stream.isTTY === true && env['TERM'] !== 'dumb';
  const told = Number(env['COLUMNS']);
  const said = Number.isInteger(told) && told > 0 ? told : undefined;
  return {
    write: (text) => void stream.write(text),
    isTTY,
    get columns() {
      return stream.columns !== undefined && stream.columns > 0 ? stream.columns : (said ?? 80);
    },
    fitted: isTTY || said !== undefined,
    colour: isTTY && (env['NO_COLOR'] ?? '') === '',
  };
}

/** The process's own streams. */
export function processIo(process: { stdout: Stream; stderr: Stream; env: Environment }): Io {
  return {
    stdout: writerOf(process.stdout, process.env),
    stderr: writerOf(process.stderr, process.env),
    now: () => performance.now() / 1000,
    debug: (process.env['FIM_DEBUG'] ?? '') !== '' && process.env['FIM_DEBUG'] !== '0',
  };
}

/** An `Io` that keeps what is written, for tests and for showing a session in the documentation. */
export function memoryIo(
  options: Partial<Pick<Writer, 'isTTY' | 'columns' | 'colour' | 'fitted'>> & { debug?: boolean } = {},
): Io & {
  readonly out: () => string;
  readonly err: () => string;
  /** Moves the clock. */
  advance(seconds: number): void;
} {
  const { isTTY = false, columns = 80, colour = false, fitted = isTTY, debug = false } = options;
  const kept = { out: '', err: '' };
  let clock = 0;
  const writer = (name: 'out' | 'err'): Writer => ({
    write: (text) => {
      kept[name] += text;
    },
    isTTY,
    columns,
    fitted,
    colour,
  });
  return {
    stdout: writer('out'),
    stderr: writer('err'),
    now: () => clock,
    debug,
    out: () => kept.out,
    err: () => kept.err,
    advance: (seconds) => {
      clock += seconds;
    },
  };
}
