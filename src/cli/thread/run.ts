/**
 * @module cli/thread/run
 *
 * A run of `fim` in a thread of its own: its streams and its signal around `runCli`, and its exit code, which the main thread takes over.
 */
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../core/errors.js';
import { hearLeftovers } from '../../disk/leftovers.js';
import { runCli } from '../cli.js';
import { streamEnd } from '../guard-streams.js';
import { processIo, type Stream } from '../io.js';
import { type Given, PLACE, type Shared, type Told } from './desk.js';
import { writeFully } from './raw-stream.js';
import { sharedSignal } from './signal.js';

/** Ends the thread; taken before a module of the user's can be the one that calls it. */
const exit = process.exit.bind(process);

/** Runs the words that this thread was given. Never throws. */
export async function run(): Promise<void> {
  invariant(parentPort !== null, 'cli/thread/run', 'runs as a worker thread');
  const port = parentPort;
  const { words, version, shared } = workerData as Given;
  const tell = (told: Told): void => port.postMessage(told);
  const signal = sharedSignal(shared);
  port.on('message', () => signal.aborted);
  port.unref();
  hearLeftovers((key, what) => {
    if (what !== null) Atomics.add(shared, PLACE.written, 1);
    tell({ kind: 'leftover', key, what });
  });
  const { dlopen } = process;
  process.dlopen = (...of) => {
    Atomics.store(shared, PLACE.native, 1);
    dlopen.apply(process, of);
  };
  process.chdir = (path) => changeFolder(shared, tell, path);
  const io = processIo({
    stdout: outputOf(shared),
    stderr: wordsOf(shared),
    env: process.env,
  });
  const desk = {
    known: (line: string) => tell({ kind: 'known', line }),
    goesOn: (line: string) => tell({ kind: 'goes-on', line }),
  };
  process.exitCode = await runCli(words, { io: { ...io, desk }, version, signal });
  Atomics.store(shared, PLACE.ended, 1);
}

/** Standard output. Where it takes no more, the run ends. */
function outputOf(shared: Shared): Stream {
  return streamOf(1, process.stdout, shared, (text) => {
    Atomics.add(shared, PLACE.written, 1);
    try {
      writeFully(1, text);
    } catch (error) {
      const { code, words } = streamEnd(error as NodeJS.ErrnoException);
      quietly(words);
      Atomics.store(shared, PLACE.ended, 1);
      exit(code);
    }
  });
}

/** Standard error, which a run can do without. */
const wordsOf = (shared: Shared): Stream => streamOf(2, process.stderr, shared, quietly);

function quietly(text: string | Uint8Array): void {
  try {
    writeFully(2, text);
  } catch {
    return;
  }
}

type Write = (text: string | Uint8Array) => void;

/** A stream by `write`, which what modules of the user's print goes through as well. Windows' consoles want Node's own streams. */
function streamOf(fd: 1 | 2, node: NodeJS.WriteStream, shared: Shared, write: Write): Stream {
  const place = fd === 1 ? PLACE.stdout : PLACE.stderr;
  const look = {
    get isTTY() {
      return Atomics.load(shared, place) > 0;
    },
    get columns() {
      return Atomics.load(shared, place);
    },
  };
  const raw = process.platform !== 'win32';
  if (raw) {
    node.write = (text: string | Uint8Array, ...rest: unknown[]): boolean => {
      write(text);
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
  }
  return Object.assign(look, { write: raw ? write : (text: string) => void node.write(text) });
}

/** Threads share one current folder, which only the main one changes. */
function changeFolder(shared: Shared, tell: (told: Told) => void, path: string): void {
  Atomics.store(shared, PLACE.folder, 0);
  tell({ kind: 'folder', path });
  Atomics.wait(shared, PLACE.folder, 0);
  invariant(Atomics.load(shared, PLACE.folder) === 1, 'cli/thread/run', 'no such folder');
}
