/**
 * @module fisher/forms/diagonal/margins
 *
 * Sums of a dense weight's diagonal along its rows and columns, over all inputs of an output and over all outputs of an input, each with
 * the error of the sum. With score a ⊗ g, of one example
 *
 *   output o    Σ_i f_oi = f_o ‖a‖²     𝒱 = v_o ‖a‖⁴               f, v the statistics at the neurons
 *   input i     Σ_o f_oi = F r_i         𝒱 = 𝒱(F) r_i²              F the tensor's total, r_i = a_i²/‖a‖²
 *
 * so that outputs take what the pass sums anyway, and inputs the law of the total: exact for every law and any number of columns.
 */
import type { FloatArray } from '../../../core/tensor.js';
import { ops as b, type Value } from '../../../graph/index.js';
import type { Network } from '../../../model/network.js';
import { sitesOf } from '../../../model/sites.js';
import type { Score } from '../../../scores/index.js';
import type { TotalSums } from './totals.js';

/** The sum over one row or column: of the entries of one output, or of one input. */
export interface MarginGroup {
  readonly kind: 'output' | 'input';
  /** Of the parameter and the place, as a key. */
  readonly name: string;
  readonly parameters: readonly [string];
  readonly place: number;
}

/** A group for every output and input of every dense weight. */
export function marginGroups({ h, parameters }: Network): MarginGroup[] {
  const names = new Map([...parameters].map(([name, v]) => [v, name]));
  return sitesOf([h], [...parameters.values()]).flatMap(({ form, parameter, transposed }) => {
    const shape = parameter.shape as readonly number[];
    if (form !== 'dense' || shape.length !== 2) return [];
    const name = names.get(parameter) as string;
    const [outputs, inputs] = transposed ? shape : [shape[1], shape[0]];
    const of = (kind: MarginGroup['kind'], count: number) =>
      Array.from({ length: count }, (_, place): MarginGroup => {
        return { kind, name: `${name}/${place}`, parameters: [name], place };
      });
    return [...of('output', outputs), ...of('input', inputs)];
  });
}

/** Puts f ‖a‖² [N, out], v ‖a‖⁴ [N, out] and a² [N, in] of a dense score among the outputs of a graph. */
export function putMargins(outputs: Record<string, Value>, score: Score, f: Value, v: Value | null): void {
  const { input } = score;
  if (!input) return;
  outputs.rf = b.mul(f, score.reach(2) as Value);
  if (v) outputs.rv = b.mul(v, score.reach(4) as Value);
  outputs.ra = b.square(input);
}

/** What a pass gives of a dense weight, for each example of a batch. */
export interface MarginTerms {
  /** Σ_i f_oi [n, out]. */
  readonly outputs: FloatArray;
  /** Its variance over one draw [n, out]; null: none. */
  readonly variances: FloatArray | null;
  /** a² [n, in]. */
  readonly inputs: FloatArray;
}

/** Total of a tensor with the second and third moments of one draw, for each example [n]. */
export interface TensorTerms {
  readonly f: Float64Array;
  readonly variance: Float64Array;
  readonly third: Float64Array;
}

/** Both of one parameter, and ‖a‖² [n]. */
export interface Margins {
  readonly terms: MarginTerms;
  readonly total: TensorTerms;
  readonly reach: Float64Array;
}

/** Of a tensor whose totals have been made, whose arrays it copies. */
export function marginsOf(terms: MarginTerms, { f, variance, third }: TensorTerms): Margins {
  const n = f.length;
  const width = terms.inputs.length / n;
  const reach = new Float64Array(n);
  for (let j = 0; j < terms.inputs.length; j++) reach[Math.floor(j / width)] += terms.inputs[j];
  return { terms, total: { f: f.slice(), variance: variance.slice(), third: third.slice() }, reach };
}

/** Adds the examples of a batch to the sums of one row or column. `scale`: of a variance over draws. */
export function addMargin(
  { kind, place }: MarginGroup,
  sums: TotalSums,
  { terms, total, reach }: Margins,
  weights: ArrayLike<number> | null,
  scale: number,
): void {
  const { outputs, variances, inputs } = terms;
  const n = reach.length;
  const width = (kind === 'output' ? outputs : inputs).length / n;
  for (let e = 0; e < n; e++) {
    const weight = weights ? weights[e] : 1;
    const at = e * width + place;
    if (kind === 'output') {
      sums.add(outputs[at], variances ? scale * variances[at] : 0, NaN, weight);
      continue;
    }
    const r = reach[e] > 0 ? inputs[at] / reach[e] : 0;
    sums.add(r * total.f[e], r * r * total.variance[e], r ** 3 * total.third[e], weight);
  }
}
