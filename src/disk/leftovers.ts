/**
 * @module disk/leftovers
 *
 * Leftovers: files that stand for a while and must not outlive the work, such as temporary files, locks and claims. Whoever may end this
 * thread from outside is told of each, and of its end, and sees to those that are left.
 */
import { rmSync, writeFileSync } from 'node:fs';

/** What is to be done about a file or a folder where the work is ended: it is removed, or another says that it counts no more. */
export type Leftover = { readonly remove: string } | { readonly write: string; readonly text: string };

/** Hears of a leftover by its number, and null once it is seen to. */
export type Listener = (key: number, what: Leftover | null) => void;

let listener: Listener | null = null;
let count = 0;

/** Whoever hears of this thread's leftovers from here on; null: nobody. */
export function hearLeftovers(by: Listener | null): void {
  listener = by;
}

/** Says that a file stands for a while; returns how to say that it is seen to. */
export function leftover(what: Leftover): () => void {
  const hears = listener;
  if (hears === null) return () => undefined;
  const key = count++;
  hears(key, what);
  return () => hears(key, null);
}

/** Sees to a leftover whose thread has ended; what cannot be done is left, for it is recognised by whoever comes next. */
export function clearAway(what: Leftover): void {
  try {
    if ('remove' in what) rmSync(what.remove, { recursive: true, force: true });
    else writeFileSync(what.write, what.text, { flag: 'wx' });
  } catch {
    return;
  }
}
