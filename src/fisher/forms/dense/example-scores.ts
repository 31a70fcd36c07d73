/**
 * @module fisher/forms/dense/example-scores
 *
 * Scores of one example, as its part of the dense matrix and of the errors of that is made of them: the columns of the value, those of
 * the exact matrix, fewer that give the same squares, and the law of one draw.
 *
 * The square of an element, (Σ_k w_k s_ki s_kj)², is a sum over pairs of columns, so I(h) is taken by its leading eigenpairs, to 1e-12 of
 * its trace: of a confident network's ten classes, two or three.
 */
import { FimError } from '../../../core/errors.js';
import { setting, settings } from '../../../core/settings/reference.js';
import { type Root, rootFor } from '../../../likelihood/roots/index.js';
import type { Likelihood, Outputs } from '../../../likelihood/types.js';
import { parameterCount } from '../../../model/network.js';
import { type Batch, columnsOf, type Job } from '../../loop.js';
import type { BatchDerivatives } from './derivatives.js';
import { elementsOf, type ExampleElements, scoresAlong } from './elements.js';

/** Scores [K, P] of some columns and the weights [K] of these: Σ_k w_k s_k s_kᵀ. */
export interface Scored {
  readonly scores: Float64Array;
  readonly weights: Float64Array;
}

/**
 * How the elements of one draw vary, and by which columns: a label among them, Σ_k w_k (s_ki s_kj − 𝔽_ij)²; independent components,
 * Σ_a c_a s_ai²s_aj² + Σ_{a<b} w_a w_b (s_ai s_bj + s_bi s_aj)², c = 0 of signs; or the draws themselves, Σ_k (s_ki s_kj − mean)²/(K − 1).
 */
export type DrawLaw =
  | { readonly kind: 'enumerated' | 'sampled'; readonly of: Scored }
  | { readonly kind: 'pairwise'; readonly of: Scored; readonly fourth: Float64Array };

/** One example. */
export interface ExampleScores {
  /** Of the example. */
  readonly weight: number;
  /** Of the estimate. */
  readonly value: Scored;
  /** Of what the data error is the spread of: the exact matrix, or the value itself. */
  readonly centre: Scored;
  /** The matrix of `centre`, to 1e-12, by as few columns as there can be. */
  readonly squares: Scored;
  /** null: nothing is drawn, or one draw tells nothing. */
  readonly draw: DrawLaw | null;
}

function onlySampled(): FimError {
  return new FimError({
    code: 'fisher/positions',
    kind: 'usage',
    where: setting('form', 'dense'),
    rule: 'takes the label error of labels at several positions from draws: its closed form is that of one choice',
    got: setting('error', 'closed-form'),
    next: settings({ error: 'sampled', labels: 2 }),
  });
}

/** What the columns that are kept may leave of the trace. */
const LEFT = 1e-12;

/** Every example of a batch in turn, those of weight 0 left out. Without `errors`, all is the value. Throws `fisher/positions`. */
export function* exampleScores(
  job: Job,
  derivatives: BatchDerivatives,
  given: Batch,
  errors: boolean,
): Generator<ExampleScores> {
  // The outputs as they were copied: memory may move between two examples.
  const batch = { ...given, h: derivatives.h };
  const { estimator, likelihood, error, draws } = job;
  const P = parameterCount(job.network);
  const own = ownColumns(job, batch);
  const signs = estimator.oneDraw?.({ ...job, outputs: batch.h.T }).law === 'signs';
  const root = signs ? job.root : null;
  let e = -1;
  for (const elements of elementsOf(derivatives, likelihood, root)) {
    e += 1;
    const weight = batch.weights?.data[e] ?? 1;
    if (weight === 0) continue;
    const value = own?.(e, elements.jacobian) ?? elements;
    if (!errors || (own && error !== 'closed-form')) {
      const drawn = value.scores.subarray(job.exactPairs * P);
      const sampled = errors && error === 'sampled' && draws > 1;
      const draw = sampled
        ? ({ kind: 'sampled', of: { scores: drawn, weights: ones(draws) } } as const)
        : null;
      yield { weight, value, centre: value, squares: value, draw };
      continue;
    }
    const row = { data: batch.h.data.subarray(e * batch.h.T, (e + 1) * batch.h.T), n: 1, T: batch.h.T };
    const squares = fewest(root ? elements : leading(likelihood, row, elements), P);
    if (error === 'closed-form' && likelihood.repeated && !root) throw onlySampled();
    const draw = error === 'closed-form' ? closedLaw(elements, root ? job.exactPairs : 0, P) : null;
    yield { weight, value, centre: elements, squares, draw };
  }
}

const ones = (count: number): Float64Array => new Float64Array(count).fill(1);

/** The columns of the estimator where they are not the exact ones, as scores of an example. */
function ownColumns(job: Job, batch: Batch): ((e: number, jacobian: Float64Array) => Scored) | null {
  const { estimator } = job;
  if (!estimator.drawn && !estimator.targets) return null;
  const source = columnsOf(job);
  const { n, T } = batch.h;
  const K = source.columns;
  const columns = new Float64Array(n * K * T);
  const weights = new Float64Array(n * K);
  source.fill(batch, { from: 0, count: K }, columns, weights);
  return (e, jacobian) => ({
    scores: scoresAlong(columns.subarray(e * K * T, (e + 1) * K * T), jacobian, jacobian.length / T),
    weights: weights.subarray(e * K, (e + 1) * K),
  });
}

/** Columns with their scores. */
type Columns = Pick<ExampleElements, 'columns' | 'weights' | 'scores' | 'jacobian' | 'T'>;

/** The eigenpairs, or stick-breaking columns, of an enumerated likelihood; of any other its own columns. */
function leading(likelihood: Likelihood, h: Outputs, elements: ExampleElements): Columns {
  if (likelihood.labelKind !== 'enumerated') return elements;
  const { T, P, jacobian } = elements;
  const root = rootFor(likelihood, T);
  const { columns, weights } = keptOf(root, h);
  return { T, jacobian, columns, weights, scores: scoresAlong(columns, jacobian, P) };
}

/** Columns of a root from the first, until what is left of the trace is small. */
function keptOf(root: Root, h: Outputs): { columns: Float64Array; weights: Float64Array } {
  const { T } = h;
  const count = root.columnCount(T);
  const columns = new Float64Array(count * T);
  const weights = new Float64Array(count);
  root.columns(h, columns, weights, { from: 0, count });
  const kept = keep(columns, weights, T).length;
  return { columns: columns.subarray(0, kept * T), weights: weights.subarray(0, kept) };
}

/** Indices of the columns of largest w‖Δ‖² that leave at most `LEFT` of the sum, in their own order. */
function keep(columns: Float64Array, weights: Float64Array, T: number): number[] {
  const sizes = Array.from(weights, (w, k) => {
    let squares = 0;
    for (let a = k * T; a < (k + 1) * T; a++) squares += columns[a] * columns[a];
    return w * squares;
  });
  const rising = sizes.map((_, k) => k).sort((a, b) => sizes[a] - sizes[b]);
  const limit = LEFT * sizes.reduce((sum, s) => sum + s, 0);
  let left = 0;
  const from = rising.findIndex((k) => (left += sizes[k]) > limit);
  return from < 0 ? [] : rising.slice(from).sort((a, b) => a - b);
}

/** Of given columns, as few as give the same matrix. */
function fewest({ columns, weights, scores, T }: Columns, P: number): Scored {
  const kept = keep(columns, weights, T);
  if (kept.length === weights.length) return { scores, weights };
  const some = new Float64Array(kept.length * P);
  kept.forEach((k, to) => some.set(scores.subarray(k * P, (k + 1) * P), to * P));
  return { scores: some, weights: Float64Array.from(kept, (k) => weights[k]) };
}

/** The law of one draw by the exact columns: all of them, or of a root those that signs are on. */
function closedLaw({ scores, weights, fourth }: ExampleElements, exactPairs: number, P: number): DrawLaw {
  if (!fourth) return { kind: 'enumerated', of: { scores, weights } };
  const of = { scores: scores.subarray(exactPairs * P), weights: weights.subarray(exactPairs) };
  return { kind: 'pairwise', of, fourth: fourth.subarray(exactPairs) };
}
