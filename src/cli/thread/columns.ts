/**
 * @module cli/thread/columns
 *
 * The width of the terminal behind each stream, for the thread that draws there: only the main one hears that it changes.
 */
import process from 'node:process';
import { isatty } from 'node:tty';
import { PLACE, type Shared } from './desk.js';

/** Columns of a terminal that does not say. */
const USUAL = 80;

/** Keeps the columns of both streams in the shared numbers; 0 stays where there is no terminal. Node's streams are opened on terminals only: a pipe would change its manner of writing. */
export function watchColumns(shared: Shared): void {
  for (const [fd, name] of [
    [1, 'stdout'],
    [2, 'stderr'],
  ] as const) {
    if (!isatty(fd)) continue;
    const stream = process[name];
    stream.on('error', () => undefined);
    const look = (): void => void Atomics.store(shared, PLACE[name], Math.max(1, stream.columns || USUAL));
    look();
    stream.on('resize', look);
  }
}
