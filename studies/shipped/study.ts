/**
 * @module studies/shipped/study
 *
 * The networks that npm packages ship, one after the other: whether each is read, how far its output is from ONNX Runtime's, and the
 * trace of its Fisher. A file is a piece.
 */
import { FimError } from 'fim/core';
import type { Piece, Results } from '../face/piece.js';
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

/** Of one file, about. */
const SECONDS = 8;

/** A piece for each distinct file, which is fetched where it is not there. */
export function shippedPieces(
  list: readonly Shipped[],
  { cache, now }: ShippedAround,
): Map<string, Piece<Row>> {
  const distinct = new Map(list.map((file) => [file.sha256, file]));
  return new Map(
    [...distinct].map(([sha256, file]) => [
      sha256,
      {
        key: `${file.family}, ${sha256.slice(0, 16)}`,
        seconds: SECONDS,
        run: async ({ signal }) => (signal?.aborted ? null : rowOf(fetched(cache, file), file, now)),
      },
    ]),
  );
}

/** The rows of a list: one file may be shipped by several packages. */
export const rowsOf = (
  list: readonly Shipped[],
  pieces: ReadonlyMap<string, Piece<Row>>,
  results: Results,
): Row[] => list.map((file) => ({ ...results.of([pieces.get(file.sha256) as Piece<Row>])[0], file }));

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
