/**
 * @module scale/beat
 *
 * One sign of life of a claim (scale/heartbeat).
 */
import { appendFileSync, existsSync } from 'node:fs';

/** Which file is made longer, and whose appearance says that another took the task over. */
export interface Beat {
  readonly own: string;
  readonly next: string;
}

/** Adds a byte; whether another took the task over. */
export function beat({ own, next }: Beat): boolean {
  try {
    appendFileSync(own, '.');
  } catch {
    // The file system is away for a moment: the next beat tries again, and whoever takes over is seen below.
  }
  return existsSync(next);
}
