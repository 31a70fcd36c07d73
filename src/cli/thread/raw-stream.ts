/**
 * @module cli/thread/raw-stream
 *
 * Standard output or standard error written at once, by the system's own call: in a thread, Node's streams travel through the main one and
 * lose what they hold where the thread is ended.
 */
import { writeSync } from 'node:fs';

/** Milliseconds until another try, where whoever reads has no room. */
const PAUSE = 5;

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of `text` to the open file `fd`. Throws what the system says. */
export function writeFully(fd: number, text: string | Uint8Array): void {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // Another program may have set the pipe so that a full one is refused.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, PAUSE);
    }
  }
}
