/**
 * @module studies/intervals/coverage
 *
 * Coverage of the printed intervals of the trace, repeat by repeat through `runEstimate`. Population `data`: n of the file's examples.
 * Population `distribution`: the file is the law, each repeat has a file drawn from it with replacement, and the truth is the law's: of N
 * examples, n of which are visited, or of n, which all are.
 */
import { type EstimateRequest, runEstimate } from 'fim/jobs';
import { likelihood, type StudyNetwork } from './networks.js';
import { ARMS, perNetwork, redrawn, type Step, type Subject, turn } from './subjects.js';

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

/** Every cell: networks, populations, visits, estimators, numbers of visits. */
export function coverageSteps(
  open: (of: StudyNetwork) => Promise<Subject>,
  visits: readonly number[],
  repeats: number,
): Step<CoverageCell>[] {
  return perNetwork((of) =>
    KINDS.flatMap(([kind, chosen]) =>
      ARMS.flatMap(([arm, request]) =>
        visits.map((n): Step<CoverageCell> => ({
          key: `${kind} ${chosen} ${arm} ${n}`,
          run: async (signal) =>
            cellOf(await open(of), { population: kind, visits: chosen, arm, n }, request, {
              repeats,
              signal,
            }),
        })),
      ),
    ),
  );
}

async function cellOf(
  { name, engine, network, dataset, truth }: Subject,
  cell: Pick<CoverageCell, 'population' | 'visits' | 'arm' | 'n'>,
  request: EstimateRequest,
  { repeats, signal }: { readonly repeats: number; readonly signal: AbortSignal | undefined },
): Promise<CoverageCell | null> {
  const { n, population, visits } = cell;
  const asked = { ...request, population, ...(visits === 'all' ? {} : { visits, examples: n }) };
  let [covered, below, sum, squares, variances, foretold, known] = [0, 0, 0, 0, 0, 0, 0];
  const widths: number[] = [];
  for (let seed = 0; seed < repeats; seed++) {
    await turn();
    if (signal?.aborted) return null;
    const own = population === 'data' ? dataset : redrawn(dataset, seed, visits === 'all' ? n : dataset.n);
    const { trace } = await runEstimate({ engine, network, likelihood, dataset: own }, { ...asked, seed });
    const [low, high] = trace.interval ?? [0, Infinity];
    if (low <= truth && truth <= high) covered++;
    else if (high < truth) below++;
    widths.push((high - low) / truth);
    sum += trace.value - truth;
    squares += (trace.value - truth) ** 2;
    variances += (trace.standardError ?? 0) ** 2;
    if (trace.expectedCoverage === null) continue;
    foretold += trace.expectedCoverage;
    known++;
  }
  widths.sort((a, b) => a - b);
  return {
    network: name,
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
