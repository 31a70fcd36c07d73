/**
 * @module fisher/compile/statistics
 *
 * Statistics that a derived graph puts out, from the scores s_nk of every parameter and the weights w_nk, f_n = Σ_k w_nk s_nk²:
 *
 *   diagonal   sum/p           Σ_n f_n                in p's shape
 *              sum_squares/p   Σ_n f_n²               in p's shape
 *              trace           Σ over all entries of f_n  [N]
 *   factors    kfac/p/A        Σ_n āāᵀ                [in, in], [in + 1, in + 1] where a bias goes with p; ÷ positions where these share p
 *              kfac/p/G        Σ_n Σ_k w_nk g_nk g_nkᵀ  [out, out]; both with a leading axis of groups where p has them
 *              sum/p           Σ_n f_n of a parameter without factors
 *   scores     scores/p        √w_nk s_nk             [N, K, p's shape], so that Σ_k ssᵀ is an example's Fisher; without K for `empirical`
 *
 * Parameters that do not reach the output have zeros, or no factors.
 */
import { type FloatType, zeros } from '../../core/tensor.js';
import { N, ops as b, type Value } from '../../graph/index.js';
import { constant } from '../../graph/value.js';
import { kroneckerFactors, type Score, scoresOf, type Sharing } from '../../scores/index.js';
import { weightedSquares } from '../../scores/column-statistics.js';
import type { Network } from '../../model/network.js';
import { layersOf } from '../../scores/layers.js';
import { filled, type CompiledColumns } from './columns.js';

/** Statistics that a network can be compiled to. */
export const COMPILED_STATISTICS = ['diagonal', 'factors', 'scores'] as const;

/** One of them. */
export type CompiledStatistic = (typeof COMPILED_STATISTICS)[number];

/** An output of the file. */
export interface CompiledOutput {
  readonly name: string;
  readonly value: Value;
  /** What it is, in words and formulas. */
  readonly is: string;
  /** The parameter that it belongs to. */
  readonly parameter?: string;
  /** The bias that goes with the parameter's factors. */
  readonly bias?: string;
}

/** What a statistic is made of. */
interface Parts {
  readonly network: Network;
  readonly given: CompiledColumns;
  /** Whether columns are one label of each example. */
  readonly single: boolean;
  readonly sharing: Sharing;
}

/** The outputs of a statistic. */
export function statisticOutputs(statistic: CompiledStatistic, parts: Parts): CompiledOutput[] {
  const { network, given } = parts;
  const scores = new Map(
    scoresOf(network.h, [...network.parameters.values()], given.columns).map((s) => [s.site.parameter, s]),
  );
  return BUILDERS[statistic](parts, scores);
}

type Scores = ReadonlyMap<Value, Score>;

const BUILDERS: Readonly<Record<CompiledStatistic, (parts: Parts, scores: Scores) => CompiledOutput[]>> = {
  diagonal,
  factors,
  scores: perExample,
};

function diagonal({ network, given }: Parts, scores: Scores): CompiledOutput[] {
  const { weights } = given;
  const outputs: CompiledOutput[] = [];
  let norms: Value | null = null;
  for (const [parameter, value] of network.parameters) {
    const score = scores.get(value);
    const squares = score && b.square(score.neurons);
    const f = squares && weightedSquares(weights, squares);
    const ones = filled(1, network.h, 1);
    const summed = (t: Value | undefined, degree: 2 | 4): Value =>
      score && t ? b.reshape(score.sum(t, degree, ones), value.shape) : nothing(value);
    outputs.push(
      { name: `sum/${parameter}`, value: summed(f, 2), is: SUM, parameter },
      { name: `sum_squares/${parameter}`, value: summed(f && b.square(f), 4), is: SQUARES, parameter },
    );
    if (!score) continue;
    const own = score.norms(squares);
    norms = norms ? b.add(norms, own) : own;
  }
  const trace = norms ? b.reduceSum(b.mul(norms, weights), [1]) : b.reshape(filled(0, network.h, 1), [N]);
  return [...outputs, { name: 'trace', value: trace, is: 'trace of the Fisher of each example' }];
}

const SUM = 'Σ over examples of the diagonal of the Fisher, sum over outputs';
const SQUARES = 'Σ over examples of the squares of the diagonal';

/** Zeros in a parameter's shape. */
const nothing = ({ dtype, shape }: Value): Value =>
  constant(zeros(dtype as FloatType, shape as readonly number[]));

function factors({ network, given, sharing }: Parts, scores: Scores): CompiledOutput[] {
  const { weights } = given;
  return layersOf(network).flatMap(({ weight: parameter, bias }): CompiledOutput[] => {
    const value = network.parameters.get(parameter) as Value;
    const score = scores.get(value);
    const made = score && kroneckerFactors(score, weights, bias !== null, sharing);
    if (made) {
      const more = { parameter, ...(bias === null ? {} : { bias }) };
      return [
        { name: `kfac/${parameter}/A`, value: made.A, is: A, ...more },
        { name: `kfac/${parameter}/G`, value: made.G, is: G, ...more },
      ];
    }
    const f = score && weightedSquares(weights, b.square(score.neurons));
    const sum = score && f ? b.reshape(score.sum(f, 2), value.shape) : nothing(value);
    return [
      { name: `sum/${parameter}`, value: sum, is: `${SUM}: no Kronecker product stands for it`, parameter },
    ];
  });
}

const A = 'Σ over examples of āāᵀ, ā the inputs, and a 1 behind them where a bias goes with the weight';
const G = 'Σ over examples and columns of w ggᵀ, g the gradient at the outputs of the weight';

function perExample({ network, given, single }: Parts, scores: Scores): CompiledOutput[] {
  const { weights } = given;
  const K = weights.shape[1] as number;
  return [...network.parameters].map(([parameter, value]) => {
    const rest = value.shape as readonly number[];
    const roots = b.reshape(b.sqrt(weights), [N, K, ...rest.map(() => 1)]);
    const score = scores.get(value);
    const s = score
      ? b.mul(score.explicit(), roots)
      : b.mul(constant(zeros(value.dtype as FloatType, [1, K, ...rest])), roots);
    const is = single
      ? 'score of the label of each example'
      : '√w s of each example and column: their squares add up to the diagonal of its Fisher';
    return { name: `scores/${parameter}`, value: single ? b.reshape(s, [N, ...rest]) : s, is, parameter };
  });
}
