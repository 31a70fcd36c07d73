/**
 * @module studies/intervals/entry-ratios
 *
 * Law of the entries' variances under weighted visits, exact columns, over those of as many uniform visits: the mean over repeats of the
 * unbiased variance that an estimate of 50 weighted visits prints, over (1 − n/N) s²/n with s² from all N.
 */
import { runEstimate } from 'fim/jobs';
import type { Piece } from '../face/piece.js';
import { likelihood, type StudyNetwork } from './networks.js';
import { perNetwork, type Subject, turn } from './subjects.js';

/** One layer. */
export interface EntryRatioRow {
  readonly network: string;
  readonly layer: string;
  readonly entries: number;
  /** Quantiles of the ratio. */
  readonly low: number;
  readonly median: number;
  readonly high: number;
  readonly worst: number;
  /** Shares of entries whose variance is larger, and more than twice as large. */
  readonly worse: number;
  readonly twice: number;
}

const VISITS = 50;

/** Of one repeat, about. */
const SECONDS = 0.1;

/** A piece for each network. */
export const entryPieces = (
  open: (of: StudyNetwork) => Promise<Subject>,
  repeats: number,
): Piece<EntryRatioRow[]>[] =>
  perNetwork((of) => [
    {
      key: `entries of ${repeats}`,
      seconds: SECONDS * repeats,
      run: async ({ signal }) => rowsOf(await open(of), repeats, signal),
    },
  ]);

async function rowsOf(
  { name, engine, network, dataset, whole }: Subject,
  repeats: number,
  signal: AbortSignal | undefined,
): Promise<EntryRatioRow[] | null> {
  const N = dataset.n;
  const sums = new Map<string, Float64Array>();
  for (let seed = 0; seed < repeats; seed++) {
    await turn();
    if (signal?.aborted) return null;
    const { tensors } = await runEstimate(
      { engine, network, likelihood, dataset },
      { estimator: 'exact', population: 'data', visits: 'weighted', examples: VISITS, seed },
    );
    for (const { name: p, dataError } of tensors) {
      const own = sums.get(p) ?? new Float64Array((dataError as Float64Array).length);
      (dataError as Float64Array).forEach((e, i) => (own[i] += e ** 2 / repeats));
      sums.set(p, own);
    }
  }
  return whole.layers.map(({ name: layer, parameters }) => {
    const ratios = whole.tensors
      .filter((t) => parameters.includes(t.name))
      .flatMap((t) => {
        const own = sums.get(t.name) as Float64Array;
        const uniform = (t.dataError as Float64Array).map((e) => (N * e ** 2 * (1 - VISITS / N)) / VISITS);
        return [...own.map((v, i) => v / uniform[i])].filter((_, i) => uniform[i] > 0);
      })
      .sort((a, b) => a - b);
    const at = (q: number) => ratios[Math.min(ratios.length - 1, Math.floor(q * ratios.length))];
    const above = (limit: number) => ratios.filter((r) => r > limit).length / ratios.length;
    return {
      ...{ network: name, layer, entries: ratios.length, low: at(0.05), median: at(0.5), high: at(0.95) },
      ...{ worst: ratios[ratios.length - 1], worse: above(1), twice: above(2) },
    };
  });
}
