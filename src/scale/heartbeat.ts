/**
 * @module scale/heartbeat
 *
 * Signs of life of a claim, by a thread of their own, so that work which never breathes starves none. A beat adds a byte to the claim's file:
 * the file system's clock dates it, and its length changes whatever that clock does. The thread also sees whether another took
 * the task over. Where the thread is lost, for want of memory or from outside, this one beats in its place, as often as it breathes.
 */
import type { Worker } from 'node:worker_threads';
import { launch } from '../engine/threads/launch.js';
import { type Beat, beat } from './beat.js';
import { type Claim, claimPath } from './claim.js';

/** One thread for all claims of a process, one at a time. */
export class Heartbeat {
  private readonly thread: Worker;
  private onLost: (() => void) | null = null;
  private current: Beat | null = null;
  private closed = false;
  /** Beats of this thread, where the other is lost. */
  private instead: NodeJS.Timeout | null = null;

  /** Beats every `seconds`. */
  constructor(seconds: number) {
    this.thread = launch(new URL('./heartbeat-thread', import.meta.url), { workerData: { seconds } });
    this.thread.unref();
    this.thread.on('message', (own: string) => {
      if (own === this.current?.own) this.onLost?.();
    });
    // An exit follows.
    this.thread.on('error', () => undefined);
    this.thread.on('exit', () => {
      if (!this.closed) this.instead = setInterval(() => this.beatHere(), 1000 * seconds).unref();
    });
  }

  /** Beats for `claim` until `stop`; `onLost` where another has taken the task over. */
  start({ folder, number }: Claim, onLost: () => void): void {
    this.onLost = onLost;
    this.tell({ own: claimPath(folder, number), next: claimPath(folder, number + 1) });
  }

  /** No sign of life from here on. */
  stop(): void {
    this.onLost = null;
    this.tell(null);
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.instead !== null) clearInterval(this.instead);
    await this.thread.terminate();
  }

  private tell(current: Beat | null): void {
    this.current = current;
    this.thread.postMessage(current);
  }

  private beatHere(): void {
    if (this.current !== null && beat(this.current)) this.onLost?.();
  }
}
