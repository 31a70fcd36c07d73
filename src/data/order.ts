/**
 * @module data/order
 *
 * Visits to the examples: a list of indices, in an order. The default order is permuted by the seed, so that every prefix is a
 * random sample without replacement and an estimate that stops early is valid; with replacement, repeats of an example
 * are counted (its `occurrence`), so that they do not share their random labels.
 * Source: theory (14.1), (14.2).
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { permutation, Sequence } from '../core/random.js';
import { sha256 } from '../core/sha256.js';

/** Orders that examples may be visited in: permuted by the seed, or as the file has them. */
export const ORDERS = ['seed', 'file'] as const;

/** A name of the list of visits: the first 16 hexadecimal digits of its SHA-256. */
export function visitsHash({ indices }: Visits): string {
  return sha256(new TextEncoder().encode(indices.join(','))).slice(0, 16);
}

/** Order, seed and number of examples to visit. */
export interface OrderOptions {
  /** `seed` (default): permuted by the seed. `file`: as the file has them. */
  order?: (typeof ORDERS)[number] | undefined;
  /** Seed of the permutation or of the draws; default 0. */
  seed?: number | undefined;
  /** How many to visit: at most N without replacement, any number with it. Default N. */
  examples?: number | undefined;
  /** Only these examples, by index, are visited, and N is their number [M], M of them. Default: all. */
  among?: Uint32Array | null | undefined;
  /** Draw with replacement: each visit is uniform over all N. */
  replacement?: boolean | undefined;
}

/** Visit i is example `indices[i]`, for the `occurrence[i]`-th time before it. */
export interface Visits {
  /** Number of the example in the file, one for each visit [visits]. */
  readonly indices: Uint32Array;
  /** How often it was visited before, one for each visit [visits]. */
  readonly occurrence: Uint32Array;
}

/**
 * The visits to N examples. Throws `order/examples` (usage) for a count that is not an integer from 1 (to N without
 * replacement), and `order/replacement` (usage) for `file` order with replacement.
 * @throws FimError with `random/seed`, `random/sequence`
 */
export function visits(all: number, options: OrderOptions = {}): Visits {
  const { n, take } = visitList(all, options);
  return take(0, n);
}

/** Visits that are listed as far as they are asked for. */
export interface VisitList {
  /** Number of visits. */
  readonly n: number;
  /** Those from…to, by their places. */
  take(from: number, to: number): Visits;
}

/** Visits that are listed already. */
export const listOf = ({ indices, occurrence }: Visits): VisitList => ({
  n: indices.length,
  take: (from, to) => ({ indices: indices.subarray(from, to), occurrence: occurrence.subarray(from, to) }),
});

/** The visits of `visits`; those in the order of the file take no memory until they are taken. Throws like `visits`. */
export function visitList(all: number, options: OrderOptions = {}): VisitList {
  const { among } = options;
  if (!among) return visitAll(all, options);
  const { n, take } = visitAll(among.length, options);
  const { indices, occurrence } = take(0, n);
  return listOf({ indices: indices.map((i) => among[i]), occurrence });
}

function visitAll(N: number, options: OrderOptions): VisitList {
  const { order = 'seed', seed = 0, replacement = false } = options;
  const n = options.examples ?? N;
  if (!Number.isInteger(n) || n < 1 || (n > N && !replacement)) {
    throw new FimError({
      code: 'order/examples',
      kind: 'usage',
      where: '`examples`',
      rule: replacement
        ? 'a whole number of examples, at least 1'
        : `a whole number of examples from 1 to ${N}`,
      got: String(n),
      ...(n > N ? { cause: `the data set holds ${N} examples` } : {}),
      next: setting('examples', n > N ? N : 1000),
    });
  }
  if (!replacement) {
    if (order === 'file') return { n, take: stretch };
    const indices = permutation(N, seed, 'order');
    return listOf({ indices: n < N ? indices.slice(0, n) : indices, occurrence: new Uint32Array(n) });
  }
  if (order === 'file') {
    throw new FimError({
      code: 'order/replacement',
      kind: 'usage',
      where: "`order: 'file'`",
      rule: 'examples drawn with replacement have no order of the file',
      next: "`order: 'seed'`",
    });
  }
  const draws = new Sequence(seed, 'resample');
  const indices = Uint32Array.from({ length: n }, () => draws.integer(N));
  const seen = new Uint32Array(N);
  return listOf({ indices, occurrence: indices.map((example) => seen[example]++) });
}

/** Examples from…to as they come. */
function stretch(from: number, to: number): Visits {
  const indices = new Uint32Array(to - from);
  for (let i = 0; i < indices.length; i++) indices[i] = from + i;
  return { indices, occurrence: new Uint32Array(indices.length) };
}
