/**
 * @module studies/shipped/study
 *
 * The networks that npm packages ship, one after the other: whether each is read, how far its output is from ONNX Runtime's, and the
 * trace of its Fisher. A finished file is a point and is not done again.
 */
import { FimError } from 'fim/core';
import type { Hooks } from 'fim/jobs';
import type { Points } from 'fim/store';
import { type Estimated, estimateShipped } from './estimated.js';
import { compareForward, type Compared } from './forward.js';
import type { Shipped } from './list.js';
import { fetched } from './packages.js';
import { settingsOf } from './settings.js';

/** Largest difference from ONNX Runtime over its largest number that float32 explains. */
export const AGREES = 1e-4;

/** What became of a file. */
export interface Row {
  readonly file: Shipped;
  /** Null where the file was refused. */
  readonly forward: Compared | null;
  /** Null where it was refused, and where no law of the output is known. */
  readonly estimated: Estimated | null;
  /** The refusal of either, in a line. */
  readonly refused: string | null;
}

/** A float file counts as accepted where it is read and agrees. */
export const accepted = ({ forward }: Row): boolean => forward !== null && forward.difference <= AGREES;

/** Where packages are kept, and the clock in seconds. */
export interface ShippedAround {
  readonly cache: string;
  readonly now: () => number;
}

/** The rows; null where it was interrupted. Throws what `fetched` throws. */
export async function runShipped(
  list: readonly Shipped[],
  points: Points,
  { cache, now }: ShippedAround,
  hooks: Hooks,
): Promise<Row[] | null> {
  const rows: Row[] = [];
  for (const [i, file] of list.entries()) {
    if (hooks.signal?.aborted) return null;
    hooks.onProgress?.(i / list.length, file.family);
    const row = await points.get(file.sha256.slice(0, 16), () => rowOf(fetched(cache, file), file, now));
    if (row === null) return null;
    // One file may be shipped by several packages.
    rows.push({ ...row, file });
  }
  return rows;
}

async function rowOf(path: string, file: Shipped, now: () => number): Promise<Row> {
  const settings = settingsOf(file);
  const forward = await orRefusal(() => compareForward(path, settings));
  if (typeof forward === 'string') return { file, forward: null, estimated: null, refused: forward };
  const { likelihood } = settings;
  if (likelihood === undefined) return { file, forward, estimated: null, refused: null };
  const estimated = await orRefusal(() => estimateShipped(path, { ...settings, likelihood }, now));
  if (typeof estimated === 'string') return { file, forward, estimated: null, refused: estimated };
  return { file, forward, estimated, refused: null };
}

/** A refusal as `code: got`; anything else that is thrown is a fault of ours and goes on. */
async function orRefusal<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FimError) || error.kind === 'internal') throw error;
    const { code, got, rule } = error.complaint;
    return `${code}: ${got ?? rule}`;
  }
}
