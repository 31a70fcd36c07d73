/**
 * @module cli/thread/desk
 *
 * The common ground of the two threads of a command: the main one, which hears signals and keeps what is to be said and cleared away where
 * the other must be ended, and the session's, which does the work.
 */
import type { Leftover } from '../../disk/leftovers.js';

/** Places of the shared whole numbers. */
export const PLACE = {
  /** 1 from the first signal on. */
  stop: 0,
  /** 1 once the session knows of it. */
  heard: 1,
  /** Counts results that are written: data to standard output, files begun. */
  written: 2,
  /** What became of a change of folder: 0 asked for, 1 done, 2 failed. */
  folder: 3,
  /** Columns of standard output; 0 where it is no terminal. */
  stdout: 4,
  /** Columns of standard error. */
  stderr: 5,
  /** 1 once the session has loaded native code, which may be at work where no JavaScript is. */
  native: 6,
  /** 1 once the session has ended by itself: its exit code is the command's. */
  ended: 7,
} as const;

/** Numbers that both threads see. */
export type Shared = Int32Array<SharedArrayBuffer>;

export const newShared = (): Shared => new Int32Array(new SharedArrayBuffer(4 * Object.keys(PLACE).length));

/** What the session's thread is given. */
export interface Given {
  /** The command line's words. */
  readonly words: readonly string[];
  /** Version of fim. */
  readonly version: string;
  readonly shared: Shared;
}

/** What the session's thread tells. */
export type Told =
  /** The last line of progress: what is known so far. */
  | { readonly kind: 'known'; readonly line: string }
  /** A command line that goes on where this one is ended. */
  | { readonly kind: 'goes-on'; readonly line: string }
  /** Something that must not outlive the work, by a number; null: it is seen to. */
  | { readonly kind: 'leftover'; readonly key: number; readonly what: Leftover | null }
  /** Asks for another current folder, which only the main thread can change. */
  | { readonly kind: 'folder'; readonly path: string };
