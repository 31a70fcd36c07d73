/**
 * @module cli/thread/keeper
 *
 * The main thread of a command: starts the thread that works, stays free to hear signals, and takes over its exit code. The first signal
 * asks the work to stop with what is known so far; work that has not ended `STOP_SECONDS` later is ended from here, unless it is writing
 * what it knows. Signals are the system's again from the first on, so the second ends the process at once.
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import type { Worker } from 'node:worker_threads';
import { clearAway, type Leftover } from '../../disk/leftovers.js';
import { endWithParent } from '../redis/orphan.js';
import { launch } from '../../engine/threads/launch.js';
import { watchColumns } from './columns.js';
import { type Given, newShared, PLACE, type Shared, type Told } from './desk.js';
import { brokenThread, endedWords, lostThread } from './words.js';

/** Where the session's thread lies: a text that the bundling of the command line puts in, or nothing. */
declare const FIM_SESSION: string | undefined;
const SESSION = typeof FIM_SESSION === 'string' ? FIM_SESSION : './session';

/** Seconds after the first signal at which work that writes no result is ended. */
const STOP_SECONDS = 1.3;
/** Seconds that a result which is being written may take. */
const WRITE_SECONDS = 10;
/** Seconds that a thread has to end where it is told to; one that waits for the system never does. */
const END_SECONDS = 0.2;
const LOOK_SECONDS = 0.05;

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;
type SignalName = keyof typeof SIGNALS;

/** Runs `fim ...words` in a thread. */
export function keep(words: readonly string[], version: string): void {
  endWithParent();
  new Keeper(words, version).start();
}

class Keeper {
  private readonly shared: Shared = newShared();
  private readonly leftovers = new Map<number, Leftover>();
  private readonly thread: Worker;
  private known: string | null = null;
  private goesOn: string | null = null;
  private ending = false;

  constructor(
    private readonly words: readonly string[],
    version: string,
  ) {
    watchColumns(this.shared);
    const workerData: Given = { words, version, shared: this.shared };
    this.thread = launch(new URL(SESSION, import.meta.url), { workerData });
  }

  start(): void {
    this.thread.on('message', (told: Told) => this.hear(told));
    this.thread.on('error', (error) => {
      this.clear();
      const { code, words } = brokenThread(error, this.known, this.words);
      say(words);
      process.exitCode = code;
    });
    this.thread.on('exit', (code) => {
      this.release();
      if (this.ending) return;
      if (Atomics.load(this.shared, PLACE.ended) === 0 && process.exitCode === undefined) {
        this.clear();
        const lost = lostThread(code, this.known, this.goesOn);
        say(lost.words, this.shared);
        process.exitCode = lost.code;
      } else process.exitCode ??= code;
    });
    for (const name of Object.keys(SIGNALS)) process.on(name, this.listener);
  }

  private readonly listener = (name: SignalName): void => {
    this.release();
    say('stopping with what is known so far; Ctrl-C again stops at once\n', this.shared);
    const written = Atomics.load(this.shared, PLACE.written);
    Atomics.store(this.shared, PLACE.stop, 1);
    this.thread.postMessage(null);
    const began = performance.now();
    const look = (): void => {
      const seconds = (performance.now() - began) / 1000;
      const writes = Atomics.load(this.shared, PLACE.written) > written;
      if (seconds > (writes ? WRITE_SECONDS : STOP_SECONDS)) void this.end(name);
      else setTimeout(look, 1000 * LOOK_SECONDS).unref();
    };
    look();
  };

  private release(): void {
    for (const name of Object.keys(SIGNALS)) process.off(name, this.listener);
  }

  private hear(told: Told): void {
    switch (told.kind) {
      case 'known':
        this.known = told.line;
        break;
      case 'goes-on':
        this.goesOn = told.line;
        break;
      case 'leftover':
        if (told.what === null) this.leftovers.delete(told.key);
        else this.leftovers.set(told.key, told.what);
        break;
      case 'folder':
        this.changeFolder(told.path);
        break;
    }
  }

  private changeFolder(path: string): void {
    let answer = 1;
    try {
      process.chdir(path);
    } catch {
      answer = 2;
    }
    Atomics.store(this.shared, PLACE.folder, answer);
    Atomics.notify(this.shared, PLACE.folder);
  }

  /**
   * Ends the work, says what is known of it, and the process by the signal's exit code; by the signal itself where the thread hangs, or has
   * native code, which would abort the process where its thread ends under it.
   */
  private async end(name: SignalName): Promise<void> {
    this.ending = true;
    const native = Atomics.load(this.shared, PLACE.native) === 1;
    const ended = !native && (await this.terminated());
    say(endedWords(STOP_SECONDS, this.known, this.goesOn), this.shared);
    this.clear();
    if (ended) process.exit(128 + SIGNALS[name]);
    process.kill(process.pid, name);
  }

  /** Whether the thread ended in time. */
  private terminated(): Promise<boolean> {
    const late = new Promise<boolean>((done) => setTimeout(() => done(false), 1000 * END_SECONDS));
    return Promise.race([this.thread.terminate().then(() => true), late]);
  }

  private clear(): void {
    for (const what of this.leftovers.values()) clearAway(what);
    this.leftovers.clear();
  }
}

/** Writes to standard error, in place of a live line where one may stand; nobody may be there to read it. */
function say(text: string, shared?: Shared): void {
  const erase = shared && Atomics.load(shared, PLACE.stderr) > 0 ? '\r\u001b[2K' : '';
  try {
    writeFileSync(2, `${erase}${text}`);
  } catch {
    return;
  }
}
