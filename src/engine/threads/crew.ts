/**
 * @module engine/threads/crew
 *
 * Threads with an engine each, for batches that go at once. They start with the crew and load while it has nothing to do yet; they keep
 * the process from ending only while something is asked of them.
 */
import type { Worker } from 'node:worker_threads';
import { FimError } from '../../core/errors.js';
import { setting } from '../../core/settings/reference.js';
import { revivedError } from '../../core/sent-error.js';
import type { Crew, SplitProgram, SplitRequest } from '../split.js';
import type { EngineName } from '../types.js';
import { DistantSplit } from './distant.js';
import { launch } from './launch.js';
import type { Answer, Asked, Command, Start } from './protocol.js';

const ENTRY = new URL('./thread', import.meta.url);

/** Somebody who waits for an answer. */
interface Waiting {
  done(): void;
  failed(error: unknown): void;
}

/** One thread, and who waits for it. */
class Hand {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;
  private programs = 0;
  private ended: FimError | null = null;

  constructor(engine: EngineName) {
    const start: Start = { engine };
    this.worker = launch(ENTRY, { workerData: start });
    this.worker.unref();
    this.worker.on('message', (answer: Answer) => this.hear(answer));
    this.worker.on('error', (error: Error) => this.end(error.stack ?? error.message));
    this.worker.on('exit', (code) => this.end(`exit code ${code}`));
  }

  compile(request: SplitRequest): Promise<SplitProgram> {
    return DistantSplit.compile((command) => this.ask(command), this.programs++, request);
  }

  dispose(): void {
    this.end('the crew was disposed of');
    // Nothing waits for it.
    void this.worker.terminate();
  }

  private ask(command: Command): Promise<void> {
    return new Promise((done, failed) => {
      if (this.ended) return failed(this.ended);
      if (this.waiting.size === 0) this.worker.ref();
      const id = this.asked++;
      this.waiting.set(id, { done, failed });
      const asked: Asked = { id, command };
      this.worker.postMessage(asked);
    });
  }

  private hear({ id, error }: Answer): void {
    const one = this.waiting.get(id);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.worker.unref();
    if (error) one?.failed(revivedError(error, threadEnded));
    else one?.done();
  }

  private end(said: string): void {
    this.ended ??= threadEnded(said);
    for (const { failed } of this.waiting.values()) failed(this.ended);
    this.waiting.clear();
  }
}

function threadEnded(said: string): FimError {
  return new FimError({
    code: 'engine/thread',
    kind: 'unsupported',
    where: 'a thread that runs batches',
    rule: 'ended before its work was done',
    got: said,
    cause: 'no memory left for it',
    next: setting('threads', 1),
  });
}

/** Starts `count` threads. */
export function startCrew(engine: EngineName, count: number): Crew {
  const hands = Array.from({ length: count }, () => new Hand(engine));
  return {
    count,
    compile: (place, request) => hands[place].compile(request),
    dispose: () => {
      for (const hand of hands) hand.dispose();
    },
  };
}
