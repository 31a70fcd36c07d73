/**
 * @module scores/biases
 *
 * The bias that goes with a weight: where the graph says that their scores are g and g ⊗ a with one and the same g, whatever is added right
 * at the product. Not so the bias [2m] = (means, log σ) that is added to padded means: it stands for itself, with the joint Fisher of both.
 */
import { sizeOf } from '../core/tensor.js';
import { simplify } from '../engine/simplify.js';
import { concrete, N, ops as b, type Value } from '../graph/index.js';
import type { Score } from './score.js';

/** The bias of each weight that has one: the explicit score that is the weight's g. Scores are of one column. */
export function biasesOf(scores: readonly Score[]): Map<Score, Score> {
  const flat = (v: Value): Value => b.reshape(v, [N, sizeOf(concrete(v.shape, 1))]);
  const simple = simplify(scores.map((s) => flat(s.neurons)));
  const found = new Map<Score, Score>();
  scores.forEach((shift, i) => {
    // A table's neurons are rows, of other entries in every example.
    if (shift.input || shift.site.form === 'embedding') return;
    const weight =
      scores.find((s, j) => s.input && simple[j] === simple[i] && !found.has(s)) ??
      scores.find((s) => !found.has(s) && addsToOutputs(shift, s));
    if (weight) found.set(weight, shift);
  });
  return found;
}

/** Whether a shift is added to the outputs of a shared weight, right behind its only product, the same at every position. */
function addsToOutputs({ site: shift }: Score, { site: weight }: Score): boolean {
  if (!weight.matrix || weight.matrix.groups > 1 || weight.uses.length > 1 || shift.uses.length > 1)
    return false;
  const [{ node: product, inputIndex }] = weight.uses;
  const [{ node: sum, inputIndex: side, operand }] = shift.uses;
  const behindReshapes = (v: Value): Value =>
    v.node?.op === 'Reshape' ? behindReshapes(v.node.inputs[0]) : v;
  if (sum.op !== 'Add' || behindReshapes(sum.inputs[1 - side]) !== product.output) return false;
  if (behindReshapes(operand) !== shift.parameter) return false;
  // The outputs' axis has their number, and behind it as many elements as the product has columns of positions.
  const { shape } = sum.output;
  const behind = inputIndex === 0 ? (product.output.shape[product.output.shape.length - 1] as number) : 1;
  const axis = shape.findIndex(
    (d, i) => d === weight.matrix?.outputs && sizeOf(concrete(shape.slice(i + 1), 1)) === behind,
  );
  const along = operand.shape.map((d, i) => ({ d, axis: i + shape.length - operand.shape.length }));
  return (
    axis >= 0 &&
    along.every(({ d, axis: i }) => (i === axis ? d === shape[axis] : d === 1)) &&
    along.some(({ axis: i }) => i === axis)
  );
}
