/**
 * @module graph/onnx/import/known
 *
 * Numbers of a value that is computed from nothing but the file's own tensors: a shape that an exporter wrote in floating point, joined
 * and cast back. Few nodes and few numbers, since a shape has no more. Where it becomes whole numbers it has no derivative, so that nothing
 * is lost by knowing it.
 */
import { type DType, isFloat, type Tensor, tensor, toFloat64 } from '../../../core/tensor.js';
import { nodesOf } from '../../derive.js';
import { isBatch } from '../../dims.js';
import type { Numbers } from '../../operator.js';
import { operatorOf } from '../../registry.js';
import type { Value } from '../../value.js';

/** Most nodes, and most numbers of each value where no other number is named. */
const FEW = 64;

/**
 * The numbers of `value`, else null; `content` gives those of a leaf that is a tensor of the file, `held` a number as the file's own
 * floating-point type has it. Each value on the way has at most `most` numbers.
 */
export function knownNumbers(
  value: Value,
  content: (leaf: Value) => Tensor | null,
  held: (x: number) => number,
  most = FEW,
): Tensor | null {
  const small = (v: Value): boolean => v.shape.every((d) => !isBatch(d)) && sizeOfPlain(v) <= most;
  if (!small(value)) return null;
  const nodes = nodesOf([value]);
  if (nodes.length > FEW || !nodes.every((n) => small(n.output) && n.inputs.every(small))) return null;
  const numbers = new Map<Value, Numbers>();
  const of = (v: Value): Numbers | null => {
    const t = v.constant ?? content(v);
    return numbers.get(v) ?? (t && { shape: t.shape, data: toFloat64(t) });
  };
  for (const { op, inputs, attrs, output } of nodes) {
    const operands = inputs.map(of);
    if (operands.some((o) => o === null)) return null;
    const shape = output.shape as number[];
    const data = operatorOf(op).evaluate(operands as Numbers[], attrs, shape);
    numbers.set(output, { shape, data: data.map(rounding(output.dtype, held)) });
  }
  const result = of(value);
  return result && tensor('float64', result.shape, result.data);
}

const sizeOfPlain = (v: Value): number => v.shape.reduce<number>((p, d) => p * (d as number), 1);

/** Booleans are 0 or 1, integers whole, other numbers as they are held. */
function rounding(dtype: DType, held: (x: number) => number): (x: number) => number {
  if (isFloat(dtype)) return held;
  return dtype === 'bool' ? (x) => Number(x !== 0) : Math.trunc;
}
