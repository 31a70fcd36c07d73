/**
 * @module fisher/forms/layers/rotation
 *
 * The score of a weight in the eigenbases of its Kronecker factors, U_Gᵀ S_k U_A = Σ_r (U_Gᵀ g_kr) ⊗ (U_Aᵀ ā_r): a score of the same kind whose
 * diagonal is the scale of T. George et al., NeurIPS 2018. Positions of an example are summed before anything is squared, whatever made
 * the factors.
 */
import { castTensor, type FloatType, tensor } from '../../../core/tensor.js';
import { constant, input, N, ops as b, type Value } from '../../../graph/index.js';
import { denseScore } from '../../../scores/dense.js';
import { sharedScore } from '../../../scores/shared.js';
import type { FactorRows, Score, TableScore } from '../../../scores/score.js';
import type { Bases, Basis, LayerItem } from './items.js';
import type { ItemScores } from './rows.js';

/** A matrix [groups, d, d] as a constant that broadcasts over [N, …, G, R, d]. */
function matrixOf(data: Float64Array, groups: number, d: number, like: Value): Value {
  return constant(castTensor(tensor('float64', [groups, d, d], data), like.dtype as FloatType));
}

/** The rotated score of an item, of which the basis is known. */
export function rotated({ weight: name, shape, groups }: LayerItem, of: ItemScores, bases: Bases): Score {
  const { A, G } = bases.get(name) as Basis;
  // The unit vectors of a table are the basis of its inputs.
  if (A === null) {
    const { neurons } = of.weight;
    return (of.weight.table() as TableScore).turned(matrixOf(G, 1, shape[0], neurons));
  }
  const { a, parts, g } = of.weight.factorRows(of.bias !== null, 'expand') as FactorRows;
  const [outputs, inputs] = shape.slice(-2);
  const U = matrixOf(A, groups, inputs, a);
  const x = b.matmul(a, U);
  const h = b.matmul(g, matrixOf(G, groups, outputs, g));
  const parameter = input(`ekfac/${name}`, a.dtype, [groups * outputs, inputs]);
  const site = { parameter, transposed: true, uses: [], reason: '' } as const;
  const [K, R] = [g.shape[1] as number, g.shape[3] as number];
  if (R === 1 && groups === 1)
    return denseScore({ ...site, form: 'dense' }, b.reshape(x, [N, inputs]), b.reshape(h, [N, K, outputs]));
  const matrix = { groups, inputs, outputs };
  let at = 0;
  const rotatedParts = parts.map((part) => {
    const from = at;
    at += part.shape[2] as number;
    return { x: b.matmul(part, U), g: b.slice(h, 3, from, at), turned: false };
  });
  const whole = { x, g: h, turned: false };
  return sharedScore(
    { ...site, form: 'shared', matrix },
    whole,
    0,
    parts.length === 1 ? [whole] : rotatedParts,
  );
}
