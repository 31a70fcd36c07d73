/**
 * @module engine/small/arena
 *
 * Assigns offsets to buffers that live for a while: best fit over the holes that dead buffers leave, in the order of execution, so
 * that what was just freed, and is still in the cache, is written next. Offsets are relative; the arena is one block.
 */
import { roundUp } from './heap.js';

interface Hole {
  from: number;
  to: number;
}

export class Arena {
  /** Bytes that all buffers together need. */
  bytes = 0;
  private readonly holes: Hole[] = [];

  /** An offset for `size` bytes. */
  take(size: number): number {
    const bytes = roundUp(Math.max(size, 1), 64);
    let best = -1;
    this.holes.forEach((h, i) => {
      if (h.to - h.from < bytes) return;
      if (best < 0 || h.to - h.from < this.holes[best].to - this.holes[best].from) best = i;
    });
    if (best < 0) {
      const last = this.holes[this.holes.length - 1];
      if (!last || last.to !== this.bytes) {
        this.bytes += bytes;
        return this.bytes - bytes;
      }
      this.bytes = last.from + bytes;
      this.holes.pop();
      return last.from;
    }
    const hole = this.holes[best];
    const from = hole.from;
    hole.from += bytes;
    if (hole.from === hole.to) this.holes.splice(best, 1);
    return from;
  }

  /** Gives an offset back. */
  give(from: number, size: number): void {
    const to = from + roundUp(Math.max(size, 1), 64);
    let i = this.holes.findIndex((h) => h.from >= to);
    if (i < 0) i = this.holes.length;
    this.holes.splice(i, 0, { from, to });
    if (i + 1 < this.holes.length && this.holes[i + 1].from === to) {
      this.holes[i].to = this.holes[i + 1].to;
      this.holes.splice(i + 1, 1);
    }
    if (i > 0 && this.holes[i - 1].to === from) {
      this.holes[i - 1].to = this.holes[i].to;
      this.holes.splice(i, 1);
    }
  }
}
