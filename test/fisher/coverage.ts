/**
 * Do the intervals that an estimate prints hold the truth as often as they say (theory (12.3))? n = 5,000 inputs are drawn with
 * replacement from a data set, each with its labels or signs, 2,000 times over. What one draw gives is known beforehand for every
 * example and outcome; draws are summed in blocks of 500 and a repeat is 10 blocks, chosen afresh for each figure so that figures of
 * one network do not share their luck. Sums, errors and interval are the library's.
 */
import { permutation } from '../../src/core/random.js';
import { assemble } from '../../src/fisher/forms/diagonal/assemble.js';
import type { Group } from '../../src/fisher/forms/diagonal/groups.js';
import { Counts } from '../../src/fisher/counts.js';
import { TotalSums } from '../../src/fisher/forms/diagonal/totals.js';
import { type CoverageCase, seedOf } from '../../src/stats/index.js';
import { type ManyDraws, manyDraws, type OutcomeLaw } from './draws.js';
import { overallSkewness } from './figures.js';
import type { DrawMoments } from './laws.js';

export const EXAMPLES = 5000;
export const REPEATS = 2000;
const BLOCK = 500;
const BLOCKS = EXAMPLES / BLOCK;

export type Drawn = 'exact' | 'type1' | 'rademacher';
export type Source = 'closed-form' | 'sampled';

/** One figure at every example. */
export interface FigureCase {
  readonly name: string;
  /** What the library adds for each example in closed form: f_x, 𝒱(x), μ3(x). */
  readonly sums: readonly TotalSums[];
  /** Square of outcome o at example i, [i·count + o]; null: f_x times a squared standard normal. */
  readonly squares: Float64Array | null;
}

/** The figures of a network under one kind of draw, and the law of the outcomes at every example. */
export interface FigureCases {
  readonly figures: readonly FigureCase[];
  readonly laws: readonly OutcomeLaw[] | 'normal';
}

/** Coverage of the 95 % interval of each figure that varies at all. */
export function coverageOf(
  name: string,
  { figures: all, laws }: FigureCases,
  estimator: Drawn,
  source: Source,
  K: number,
): CoverageCase[] {
  const exact = estimator === 'exact';
  const figures = all.filter((f) => varies(f, exact));
  const N = figures[0].sums.length;
  const drawn = exact ? null : laws;
  const draws = manyDraws(EXAMPLES * REPEATS, N, drawn, K, seedOf(`${name}/draws`));
  const values = exact ? null : drawnBlocks(figures, draws, K);
  const spreads = source === 'sampled' ? null : exactBlocks(figures, draws, !exact);
  return figures.map((figure, g) => {
    const order = permutation(BLOCKS * REPEATS, seedOf(name), figure.name);
    const moments = figure.sums.map((s, i) => momentsOf(s, figure.squares, laws, i));
    const truth = moments.reduce((sum, m) => sum + m.mean, 0) / N;
    let covered = 0;
    for (let r = 0; r < REPEATS; r++) {
      const own = order.subarray(r * BLOCKS, (r + 1) * BLOCKS);
      const value = values && merged(values[g], own);
      const spread = spreads && merged(spreads[g], own);
      const [low, high] = intervalOf((value ?? spread)!, (spread ?? value)!, estimator, source, K);
      if (low <= truth && truth <= high) covered++;
    }
    const skewness = overallSkewness(moments, exact ? 0 : K, EXAMPLES);
    return { name: figure.name, skewness, closedForm: source === 'closed-form', covered, repeats: REPEATS };
  });
}

/** A figure without variance is tested for equality elsewhere. */
function varies({ sums }: FigureCase, exact: boolean): boolean {
  const f = sums.map((s) => s.f.mean);
  const top = Math.max(...f);
  return top - Math.min(...f) > 1e-12 * top || (!exact && sums.some((s) => s.label > 1e-24 * top ** 2));
}

function merged(blocks: readonly TotalSums[], own: Uint32Array): TotalSums {
  const sums = new TotalSums();
  for (const b of own) sums.merge(blocks[b]);
  return sums;
}

/** By figure, the sums of each block of K-means of draws, with the variance within them; of single draws, whose errors are in closed form, the mean alone. */
function drawnBlocks(figures: readonly FigureCase[], draws: ManyDraws, K: number): TotalSums[][] {
  const { example, outcome } = draws as { example: Uint8Array; outcome: Uint16Array | Float32Array };
  const G = figures.length;
  const squares = figures[0].squares ? interleaved(figures.map((f) => f.squares!)) : null;
  const f = exactValues(figures);
  const M = figures[0].squares ? figures[0].squares.length / figures[0].sums.length : 0;
  const centre = centreOf(figures);
  const sum = new Float64Array(G);
  const power = new Float64Array(G);
  return blocksOf(centre, example.length, (from, [first, second, third], others) => {
    if (K === 1) {
      for (let j = from; j < from + BLOCK; j++) {
        const drawn = outcome[j];
        const row = (squares ? example[j] * M + drawn : example[j]) * G;
        for (let g = 0; g < G; g++) {
          first[g] += (squares ? squares[row + g] : f[row + g] * drawn) - centre[g];
        }
      }
      return;
    }
    for (let j = from; j < from + BLOCK; j++) {
      sum.fill(0);
      power.fill(0);
      for (let k = 0; k < K; k++) {
        const drawn = outcome[j * K + k];
        const row = (squares ? example[j] * M + drawn : example[j]) * G;
        for (let g = 0; g < G; g++) {
          const s = (squares ? squares[row + g] : f[row + g] * drawn) - centre[g];
          sum[g] += s;
          power[g] += s * s;
        }
      }
      for (let g = 0; g < G; g++) {
        const d = sum[g] / K;
        first[g] += d;
        second[g] += d * d;
        third[g] += d * d * d;
        if (K > 1) others[g].label += Math.max(0, power[g] - sum[g] * d) / (K - 1);
      }
    }
  });
}

/** By figure, the sums of each block of exact values, with (where something is drawn) the closed forms of one draw. */
function exactBlocks(figures: readonly FigureCase[], { example }: ManyDraws, drawn: boolean): TotalSums[][] {
  const N = figures[0].sums.length;
  const centre = centreOf(figures);
  const counts = new Uint32Array(N);
  return blocksOf(centre, example.length, (from, powers, others) => {
    counts.fill(0);
    for (let j = from; j < from + BLOCK; j++) counts[example[j]]++;
    figures.forEach(({ sums }, g) => {
      for (let i = 0; i < N; i++) {
        const { f, label, third, cross } = sums[i];
        const c = counts[i];
        const d = f.mean - centre[g];
        powers[0][g] += c * d;
        powers[1][g] += c * d * d;
        powers[2][g] += c * d * d * d;
        if (!drawn) continue;
        others[g].label += c * label;
        others[g].third += c * third;
        others[g].cross += c * cross;
      }
    });
  });
}

const exactValues = (figures: readonly FigureCase[]) =>
  interleaved(figures.map((c) => Float64Array.from(c.sums, (s) => s.f.mean)));

/** The truth: the mean over the examples. */
const centreOf = (figures: readonly FigureCase[]) =>
  Float64Array.from(figures, ({ sums }) => sums.reduce((t, s) => t + s.f.mean, 0) / sums.length);

/**
 * Blocks of the n draws, by figure. `fill` adds the draws from `from` on: Σd, Σd², Σd³ of their deviations from `centre`, and what else
 * the sums of a total hold.
 */
function blocksOf(
  centre: Float64Array,
  n: number,
  fill: (from: number, powers: readonly Float64Array[], others: readonly TotalSums[]) => void,
): TotalSums[][] {
  const powers = Array.from({ length: 3 }, () => new Float64Array(centre.length));
  const [first, second, third] = powers;
  const all = Array.from(centre, (): TotalSums[] => []);
  for (let from = 0; from < n; from += BLOCK) {
    for (const p of powers) p.fill(0);
    const block = Array.from(centre, () => new TotalSums());
    fill(from, powers, block);
    block.forEach((sums, g) => {
      const mean = first[g] / BLOCK;
      sums.f.merge({
        count: BLOCK,
        mean: centre[g] + mean,
        m2: Math.max(0, second[g] - BLOCK * mean ** 2),
        m3: third[g] - 3 * mean * second[g] + 2 * BLOCK * mean ** 3,
      });
      all[g].push(sums);
    });
  }
  return all;
}

/** Columns side by side: [rows, columns]. */
function interleaved(columns: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(columns.length * columns[0].length);
  columns.forEach((c, g) => c.forEach((v, i) => (out[i * columns.length + g] = v)));
  return out;
}

const GROUP: Group = { kind: 'total', name: 'total', parameters: [] };

function intervalOf(
  value: TotalSums,
  spread: TotalSums,
  estimator: Drawn,
  error: Source,
  labels: number,
): readonly [number, number] {
  const none = new Map<string, never>();
  const exact = estimator === 'exact';
  const { trace } = assemble(
    {
      counts: Object.assign(new Counts(0), { examples: EXAMPLES, weight: EXAMPLES, offMode: null }),
      groups: [GROUP],
      value: { tensors: none, totals: [value] },
      spread: { tensors: none, totals: [spread] },
    },
    {
      estimator,
      labels: exact ? 0 : labels,
      root: 'eigen',
      exactPairs: 0,
      error: exact ? 'none' : error,
      seed: 0,
      population: 'distribution',
      populationSize: EXAMPLES,
      level: 0.95,
    },
    {
      likelihood: '',
      eigenRoot: 'eigen',
      outputs: 1,
      parameters: 0,
      dtype: 'float64',
      tensors: [],
      layers: [],
      doubts: [],
    },
    false,
  );
  return trace.interval as readonly [number, number];
}

/** Central moments of one draw at example i, by enumeration; of f χ²₁: 2f², 8f³, 60f⁴. */
function momentsOf(
  { f }: TotalSums,
  squares: Float64Array | null,
  laws: readonly OutcomeLaw[] | 'normal',
  i: number,
): DrawMoments {
  if (!squares || laws === 'normal') {
    return { mean: f.mean, variance: 2 * f.mean ** 2, third: 8 * f.mean ** 3, fourth: 60 * f.mean ** 4 };
  }
  const { count, p } = laws[i];
  const average = (g: (q: number) => number) => {
    let sum = 0;
    for (let o = 0; o < count; o++) sum += (p ? p[o] : 1 / count) * g(squares[i * count + o]);
    return sum;
  };
  const mean = average((q) => q);
  const central = (k: number) => average((q) => (q - mean) ** k);
  return { mean, variance: central(2), third: central(3), fourth: central(4) };
}
