/**
 * @module scale/heartbeat
 *
 * Signs of life of a claim, by a thread of their own, so that work which never breathes starves none. A beat adds a byte to the claim's file:
 * the file system's clock dates it, and its length changes whatever that clock does. The thread also sees whether another took
 * the task over.
 */
import type { Worker } from 'node:worker_threads';
import { launch } from '../engine/threads/launch.js';
import { type Claim, claimPath } from './claim.js';

/** What the thread is told: which file to make longer, and whose appearance ends it. */
export type Beat = { readonly own: string; readonly next: string } | null;

/** One thread for all claims of a process, one at a time. */
export class Heartbeat {
  private readonly thread: Worker;
  private onLost: (() => void) | null = null;

  /** Beats every `seconds`. */
  constructor(seconds: number) {
    this.thread = launch(new URL('./heartbeat-thread', import.meta.url), { workerData: { seconds } });
    this.thread.unref();
    this.thread.on('message', (own: string) => {
      if (own === this.current) this.onLost?.();
    });
  }

  private current: string | null = null;

  /** Beats for `claim` until `stop`; `onLost` where another has taken the task over. */
  start({ folder, number }: Claim, onLost: () => void): void {
    this.onLost = onLost;
    this.current = claimPath(folder, number);
    this.tell({ own: this.current, next: claimPath(folder, number + 1) });
  }

  /** No sign of life from here on. */
  stop(): void {
    this.current = null;
    this.onLost = null;
    this.tell(null);
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.thread.terminate();
  }

  private tell(beat: Beat): void {
    this.thread.postMessage(beat);
  }
}
