/**
 * @module studies/intervals/coverage
 *
 * Coverage of the printed intervals of the trace, repeat by repeat through `runEstimate`. Population `data`: n of the file's examples.
 * Population `distribution`: the file is the law, each repeat has a file drawn from it with replacement, and the truth is the law's: of N
 * examples, n of which are visited, or of n, which all are. Repeats of a cell may be spread over pieces.
 */
import { type EstimateRequest, runEstimate } from 'fim/jobs';
import type { Piece } from '../face/piece.js';
import { likelihood, NETWORKS, type StudyNetwork } from './networks.js';
import { ARMS, redrawn, type Subject, turn } from './subjects.js';

/** One cell of the table. */
export interface CoverageCell {
  readonly network: string;
  readonly population: 'data' | 'distribution';
  /** `all`: the file has no more examples than are visited. */
  readonly visits: 'uniform' | 'weighted' | 'all';
  readonly arm: string;
  readonly n: number;
  readonly repeats: number;
  /** Shares of repeats. */
  readonly covered: number;
  readonly below: number;
  /** Mean of what was foretold; null where nothing was. */
  readonly foretold: number | null;
  /** Root mean square error, median width of the interval, relative to the truth; mean SE² over mean squared error. */
  readonly rms: number;
  readonly width: number;
  readonly ratio: number;
  /** Mean error over its own standard error: of an unbiased estimate about normal. */
  readonly bias: number;
}

const KINDS = [
  ['data', 'uniform'],
  ['data', 'weighted'],
  ['distribution', 'uniform'],
  ['distribution', 'weighted'],
  ['distribution', 'all'],
] as const;

/** What one repeat printed of the trace. */
interface Repeat {
  readonly value: number;
  readonly error: number;
  readonly interval: readonly [number, number];
  /** Null where nothing was foretold. */
  readonly foretold: number | null;
}

/** Repeats of a cell, seed by seed. */
interface Repeats {
  readonly truth: number;
  readonly repeats: readonly Repeat[];
}

/** A cell, and the pieces that its repeats are cut into. */
export interface CellPieces {
  readonly cell: Pick<CoverageCell, 'network' | 'population' | 'visits' | 'arm' | 'n'>;
  readonly pieces: readonly Piece<Repeats>[];
}

/** Repeats that a piece has at most. */
const STRETCH = 400;
/** Of a repeat: an estimate's start, and a visit's, about. */
const SECONDS = { start: 0.05, visit: 1e-4 };

/** Every cell: networks, populations, visits, estimators, numbers of visits. A repeat is named by its seed, so that any cut gives the same cell. */
export function coverageCells(
  open: (of: StudyNetwork) => Promise<Subject>,
  visits: readonly number[],
  repeats: number,
  stretch = STRETCH,
): CellPieces[] {
  const starts = Array.from({ length: Math.ceil(repeats / stretch) }, (_, k) => k * stretch);
  return NETWORKS.flatMap((of) =>
    KINDS.flatMap(([population, chosen]) =>
      ARMS.flatMap(([arm, request]) =>
        visits.map((n): CellPieces => {
          const cell = { network: of.name, population, visits: chosen, arm, n };
          const pieces = starts.map((from): Piece<Repeats> => {
            const to = Math.min(repeats, from + stretch);
            return {
              key: `${population} ${chosen} ${arm} ${n} ${of.name}, ${from} to ${to - 1}`,
              seconds: (SECONDS.start + SECONDS.visit * n) * (to - from),
              run: async ({ signal }) => repeatsOf(await open(of), cell, request, { from, to, signal }),
            };
          });
          return { cell, pieces };
        }),
      ),
    ),
  );
}

async function repeatsOf(
  { engine, network, dataset, truth }: Subject,
  { n, population, visits }: CellPieces['cell'],
  request: EstimateRequest,
  {
    from,
    to,
    signal,
  }: { readonly from: number; readonly to: number; readonly signal?: AbortSignal | undefined },
): Promise<Repeats | null> {
  const asked = { ...request, population, ...(visits === 'all' ? {} : { visits, examples: n }) };
  const repeats: Repeat[] = [];
  for (let seed = from; seed < to; seed++) {
    await turn();
    if (signal?.aborted) return null;
    const own = population === 'data' ? dataset : redrawn(dataset, seed, visits === 'all' ? n : dataset.n);
    const { trace } = await runEstimate({ engine, network, likelihood, dataset: own }, { ...asked, seed });
    const { value, standardError, interval, expectedCoverage } = trace;
    repeats.push({
      ...{ value, error: standardError ?? 0, interval: interval ?? [0, Infinity] },
      foretold: expectedCoverage,
    });
  }
  return { truth, repeats };
}

/** A cell from the repeats of all its pieces, in the order of their seeds. */
export function cellOf(cell: CellPieces['cell'], parts: readonly Repeats[]): CoverageCell {
  const [{ truth }] = parts;
  const all = parts.flatMap((part) => part.repeats);
  const repeats = all.length;
  let [covered, below, sum, squares, variances, foretold, known] = [0, 0, 0, 0, 0, 0, 0];
  const widths: number[] = [];
  for (const one of all) {
    const [low, high] = one.interval;
    if (low <= truth && truth <= high) covered++;
    else if (high < truth) below++;
    widths.push((high - low) / truth);
    sum += one.value - truth;
    squares += (one.value - truth) ** 2;
    variances += one.error ** 2;
    if (one.foretold === null) continue;
    foretold += one.foretold;
    known++;
  }
  widths.sort((a, b) => a - b);
  return {
    ...cell,
    repeats,
    covered: covered / repeats,
    below: below / repeats,
    foretold: known === 0 ? null : foretold / known,
    rms: Math.sqrt(squares / repeats) / truth,
    width: widths[Math.floor(repeats / 2)],
    ratio: variances / squares,
    bias: sum / Math.sqrt(squares),
  };
}
