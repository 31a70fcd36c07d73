/**
 * @module fisher/memory
 *
 * Plans how many columns and examples go through at once. The largest arrays of a backward half have columns × examples × width numbers,
 * width being the widest value of the network or, where scores are formed in full, all of them that live together. A pass that takes the
 * scores of shared weights in pieces (scores/shared) holds one piece at a time; where its columns are cut too, what crosses from chunk to
 * chunk is counted, entry by entry. The class axis is cut before the batch is, but where sums run over pairs of columns, which all take part
 * at once.
 *
 * A bound in bytes becomes numbers of the largest array by what lives beside it: the scores at every site, five arrays of the widest
 * place, in each of the two halves of a pass whose memory the runtime keeps. Sums over the examples, which nothing cuts, come off first.
 */
import { FimError } from '../core/errors.js';
import { bytesText } from '../core/settings/bytes.js';
import { setting } from '../core/settings/reference.js';
import { bytesOf, sizeOf } from '../core/tensor.js';
import type { Engine } from '../engine/types.js';
import { type Dim, nodesOf, type Value } from '../graph/index.js';
import { findConvolutions } from '../graph/onnx/export/convolutions.js';
import { type Network, parameterCount } from '../model/network.js';
import { type Site, sitesOf } from '../model/sites.js';
import { laidOutNumbers, movesFit, pieceNumbers } from '../scores/index.js';

/** Bytes that a pass may hold where nothing is said: 512 MiB. */
export const DEFAULT_MEMORY = 2 ** 29;
/** Numbers that the largest array of a pass may hold where the network is not asked: 128 MiB of float32. */
export const DEFAULT_BUDGET = 2 ** 25;
/**
 * Bytes of sums and errors for a parameter, as measured on networks of ten million: mean and spread in float64, the results and outputs of a
 * pass; where errors come from a pass of their own, its spread, label variances and outputs too.
 */
const SUMS = { one: 64, two: 112 };
/** Arrays of the widest place that live together. */
const LIVE = 5;
/** Halves of a pass, each of which keeps what it took. */
const HALVES = 2;
/** What an advised bound is a multiple of. */
const MB = 1e6;
/** How a pass is cut so that it fits. */
export interface MemoryPlan {
  /** Columns of a chunk, at most those asked for. */
  readonly chunk: number;
  /** Examples of a batch, at most those asked for. */
  readonly batch: number;
}

const own = (d: Dim): number => (typeof d === 'number' ? d : d.batch);

/** Numbers of one example. */
const numbers = ({ shape }: Value): number => sizeOf(shape.map(own));

const allSites = (network: Network): Site[] => sitesOf([network.h], [...network.parameters.values()]);

/**
 * What a pass holds of scores: the entries of all but dense weights; of embeddings no more than the rows that an example picks
 * (`neurons`); of shared weights no more than a piece besides (`pieces`), by an engine that never lays the windows of an image out (`images`).
 */
export type Holding = 'entries' | 'neurons' | 'pieces' | 'images';

const inPieces = (holding: Holding): boolean => holding === 'pieces' || holding === 'images';

/** Pieces of shared weights, as an engine takes them. */
export const piecesBy = ({ convolves }: Pick<Engine, 'convolves'>): Holding =>
  convolves ? 'images' : 'pieces';

/** Numbers that one column of one example takes at the widest place: a value of the network, or all scores that are formed together. */
export function widestSite(network: Network, holding: Holding = 'entries'): number {
  const sites = allSites(network);
  const together = formedNumbers(sites, holding);
  const pieces = inPieces(holding)
    ? sites.filter((s) => s.form === 'shared').map((s) => pieceNumbers(s, 1))
    : [];
  return Math.max(widestValue(network, holding === 'images'), together, ...pieces);
}

/** `images`: without windows that are never laid out. */
function widestValue(network: Network, images = false): number {
  let widest = 1;
  const nodes = nodesOf([network.h]);
  const never = images ? findConvolutions(nodes, new Set([network.h])).dropped : null;
  for (const node of nodes) {
    const { output } = node;
    if (never?.has(node)) continue;
    if (output.shape.some((d) => typeof d !== 'number')) widest = Math.max(widest, numbers(output));
  }
  return widest;
}

/** Examples of a forward pass at once, at most `wanted`, so that its widest value keeps to the usual budget; at least two. */
export const examplesAtOnce = (network: Network, wanted: number): number =>
  Math.min(wanted, Math.max(2, Math.floor(DEFAULT_BUDGET / widestValue(network))));

/** Numbers of all scores that live together until the statistics are taken. */
const formedNumbers = (sites: readonly Site[], holding: Holding): number =>
  sites.reduce((sum, s) => {
    if (s.uses.length === 0) return sum;
    if (s.form === 'embedding') return sum + (holding === 'entries' ? numbers(s.parameter) : atUses(s));
    const formed = s.form === 'fallback' || (s.form === 'shared' && !inPieces(holding));
    return formed ? sum + numbers(s.parameter) : sum;
  }, 0);

/** Numbers of the values that a site's uses make. */
const atUses = ({ uses }: Site): number => uses.reduce((n, u) => n + numbers(u.node.output), 0);

/** Numbers of the scores at all sites; those of a shift are its product's, those of a shared weight at its products. */
function scoreNumbers(sites: readonly Site[]): number {
  const factored = sites.filter((s) => s.form === 'dense' || s.form === 'shared' || s.form === 'embedding');
  const products = new Set(factored.flatMap((s) => s.uses.map((u) => u.node.output)));
  return sites.reduce((sum, s) => {
    if (factored.includes(s)) return sum + atUses(s);
    if (s.uses.length === 0 || s.uses[0].node.inputs.some((v) => products.has(v))) return sum;
    return sum + numbers(s.parameter);
  }, 0);
}

/** Arrays as large as the largest that live beside it, in both halves of a pass. */
const besideOf = (network: Network, width: number): number =>
  HALVES * (LIVE + scoreNumbers(allSites(network)) / width);

/** Copies of the inputs of shared weights, laid out position by position: for all uses at once, turned and reordered; as measured. */
const LAID_OUT = 7;

/** Matrices of positions that tell which ids are the same; of the rows of a table, those of two statistics. */
const COMPARED = 4;
const PEAKS = 2;
/** Copies of an embedding's statistics on their way into the table: of three sums, each with an index of eight bytes a number. */
const SCATTERED = 9;

/** What an example takes whatever its columns, in numbers of the largest array: the inputs of shared weights, the ids of embeddings. */
function heldOf(network: Network, width: number, holding: Holding): number {
  if (holding === 'entries') return 0;
  const held = allSites(network).reduce((sum, s) => sum + heldBy(s, holding), 0);
  return held / besideOf(network, width);
}

function heldBy(site: Site, holding: Holding): number {
  const { form, uses, parameter } = site;
  if (form === 'shared' && inPieces(holding))
    return LAID_OUT * uses.reduce((n, use) => n + laidOutNumbers(use, uses.length), 0);
  if (form !== 'embedding') return 0;
  const [rows, columns] = parameter.shape as readonly number[];
  const all = atUses(site);
  return COMPARED * (all / columns) ** 2 + PEAKS * rows + SCATTERED * all;
}

/** Bytes of the sums over the examples of one pass, or of one for the value and one for the errors. */
export const sumsOf = (network: Network, passes: 1 | 2): number =>
  (passes === 1 ? SUMS.one : SUMS.two) * parameterCount(network);

/** Bytes of the sums, and of two columns of one example: less no pass can do with. */
export function leastMemory(
  network: Network,
  sums = sumsOf(network, 1),
  holding: Holding = 'pieces',
): number {
  return MB * Math.ceil(leastBytes(network, sums, holding) / MB);
}

/** The same to the byte. */
export function leastBytes(network: Network, sums: number, holding: Holding = 'pieces'): number {
  const width = widestSite(network, holding);
  return sums + 2 * width * bytesOf(network.h.dtype) * besideOf(network, width);
}

/**
 * Numbers that the largest array may hold so that a pass stays within `memory` bytes, of which `sums` are those over the examples. Throws
 * `memory/too-small` where the sums leave no room for two columns of one example.
 */
export function budgetOf(
  network: Network,
  memory: number | undefined,
  sums = sumsOf(network, 2),
  holding: Holding = 'pieces',
): number {
  const width = widestSite(network, holding);
  const bytes = bytesOf(network.h.dtype);
  // Of one number of the largest array.
  const each = bytes * besideOf(network, width);
  if (memory === undefined) return Math.max(2 * width, Math.floor(DEFAULT_MEMORY / each));
  const budget = Math.floor((memory - sums) / each);
  // Two columns, which sums over pairs take at least.
  if (budget >= 2 * width) return budget;
  const least = leastMemory(network, sums, holding);
  throw new FimError({
    code: 'memory/too-small',
    kind: 'usage',
    where: setting('memory', memory),
    rule: `has to hold the sums of ${parameterCount(network)} parameters and two columns of one example`,
    got: `${bytesText(memory)}, of at least ${bytesText(least)}`,
    next: `${setting('memory', least)}, or fewer parameters by \`parameters\``,
  });
}

/** What `budgetOf` makes of a bound that was given; undefined: none was, and a pass keeps to its own. Throws `memory/too-small`. */
export const givenBudget = (
  network: Network,
  memory: number | undefined,
  sums?: number,
): number | undefined => (memory === undefined ? undefined : budgetOf(network, memory, sums));

/** Directions of second derivatives at once. */
export const MOST_DIRECTIONS = 256;

/**
 * Batch and directions at once, so that no array of a pass over `columns` columns has more than `budget` numbers. `holding`: `neurons` where the
 * neurons of embeddings may move in place of the entries (scores/embedding), which they do if few pieces of a graph are enough.
 */
export function planSites(
  network: Network,
  columns: number,
  wanted: number,
  budget = DEFAULT_BUDGET,
  holding: 'entries' | 'neurons' = 'entries',
): { batch: number; chunk: number } {
  const width = widestSite(network, holding);
  const together = Math.floor(budget / (columns * width + heldOf(network, width, holding)));
  const sites = holding === 'neurons' ? allSites(network) : [];
  let batch = Math.max(1, Math.min(wanted, together));
  for (;;) {
    const chunk = Math.max(1, Math.min(MOST_DIRECTIONS, Math.floor(budget / (batch * width))));
    if (sites.every((s) => movesAtOnce(s, chunk))) return { batch, chunk };
    // Fewer examples leave room for more directions.
    if (batch === 1) return planSites(network, columns, wanted, budget);
    batch = Math.floor(batch / 2);
  }
}

/** Share of `budget` numbers that so many columns and examples at once take. */
export function shareOf(
  network: Network,
  { chunk, batch }: MemoryPlan,
  budget: number,
  holding: Holding = 'entries',
): number {
  const width = widestSite(network, holding);
  return (batch * (chunk * width + heldOf(network, width, holding))) / budget;
}

/** Whether a site is no embedding, or one whose neurons move in few pieces. */
function movesAtOnce(site: Site, chunk: number): boolean {
  if (site.form !== 'embedding') return true;
  const [, columns] = site.parameter.shape as readonly number[];
  return movesFit(atUses(site) / columns, columns, chunk);
}

/**
 * Arrays [examples, entries] of a weight with explicit scores that cross from chunk to chunk: sums, variances and those of drawn columns on the
 * host, the same once more on their way in and out.
 */
const CARRIED = 6;

/**
 * Fits `columns` × `batch` into the budget; at least `least` columns. With 2, sums run over pairs of columns: whole columns of fewer
 * examples go first, since pairs of chunks take their backward passes again and again. `holding`: what the pass forms of scores.
 */
export function planMemory(
  network: Network,
  columns: number,
  batch: number,
  least: 1 | 2 = 1,
  budget = DEFAULT_BUDGET,
  holding: Holding = 'entries',
): MemoryPlan {
  const width = widestSite(network, holding);
  const held = heldOf(network, width, holding);
  const rows = Math.max(width, least === 2 ? pairRows(columns) : 1);
  const together = Math.floor(budget / (columns * rows + held));
  const most = least === 2 ? Math.max(1, Math.min(batch, together)) : batch;
  const fit = Math.floor(budget / (most * width));
  if (fit >= columns && (held === 0 || together >= most)) return { chunk: columns, batch: most };
  // Whole columns of fewer examples hold no sums by example and entry.
  const carried = inPieces(holding) ? (CARRIED * formedNumbers(allSites(network), 'neurons')) / LIVE : 0;
  if (carried > 0 && together >= 1) return { chunk: columns, batch: Math.min(most, together) };
  const chunk = Math.min(columns, Math.max(least, fit));
  return {
    chunk,
    batch: Math.max(1, Math.min(most, Math.floor(budget / (chunk * width + carried + held)))),
  };
}

/** Most numbers of a piece of all columns and examples at once, but for what a site cannot be cut into (scores/shared). */
const PIECE = 2 ** 22;

/** Entries of a score that a pass may form at once, of one example and column. */
export const pieceOf = ({ chunk, batch }: MemoryPlan): number =>
  Math.max(1, Math.floor(PIECE / (chunk * batch)));

/** Rows of a Gram matrix that are held at once: all where it may be read, a block where only sums over it are (scores/pair-squares). */
const pairRows = (columns: number): number => (columns <= 256 ? columns : 128);
