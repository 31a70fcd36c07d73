/**
 * @module test/onnx/mutations/numbers
 *
 * Two computations of one output: whether they agree within float32, and which draws of the inputs tell nothing.
 */
import { type DType, isFloat, type Tensor } from '../../../src/core/tensor.js';
import { evaluate } from '../../../src/engine/oracle/evaluate.js';
import { nodesOf } from '../../../src/graph/derive.js';
import type { Numbers } from '../../../src/graph/operator.js';
import type { Value } from '../../../src/graph/value.js';

/** Difference over the largest number that float32 explains. */
const AGREES = 1e-3;
/** Numbers from here on have intermediate ones that float32 has not. */
const OVERFLOWS = 1e30;
const FLOAT32 = 2 ** 128;

/** Null where both agree, else what differs. Elements that `counts` leaves out may be anything. */
export function differenceOf(
  got: Numbers,
  want: Numbers,
  counts: (i: number) => boolean = () => true,
): string | null {
  if (got.shape.join() !== want.shape.join()) return `shape ${got.shape.join()} for ${want.shape.join()}`;
  let [scale, error, at] = [1, 0, 0];
  for (let i = 0; i < want.data.length; i++) {
    const [a, b] = [Math.fround(got.data[i]), want.data[i]];
    if (!counts(i) || Object.is(a, b)) continue;
    if (Math.abs(b) === Infinity && Math.abs(a) > OVERFLOWS) continue;
    if (Math.abs(b) < Infinity) scale = Math.max(scale, Math.abs(b));
    const difference = Math.abs(a - b);
    if (!(difference <= error)) [error, at] = [Number.isNaN(difference) ? Infinity : difference, i];
  }
  return error <= AGREES * scale ? null : `${got.data[at]} for ${want.data[at]} at ${at}`;
}

/** Whether numbers can be told apart: one is finite, or there are none to have. */
export const tells = ({ data }: Numbers): boolean => data.length === 0 || data.some(Number.isFinite);

/** A number on the way to a value that float32 has not or no type says what becomes of, in words; else null. */
export function strayNumber(value: Value, inputs: ReadonlyMap<Value, Tensor>, n: number): string | null {
  const inner = nodesOf([value]).map((v) => v.output);
  const numbers = evaluate(inner, inputs, n);
  const some = (test: (x: number, dtype: DType) => boolean): boolean =>
    numbers.some(({ data }, i) => data.some((x) => test(x, inner[i].dtype)));
  if (some(Number.isNaN)) return 'a number on the way is none';
  if (some((x) => Math.abs(x) > FLOAT32)) return 'a number on the way that float32 has not';
  if (some(beyond)) return 'a whole number beyond its type';
  return null;
}

/** Whether a whole number has no place in its type: what a cast makes of it is nowhere said. */
function beyond(x: number, dtype: DType): boolean {
  if (isFloat(dtype) || dtype === 'bool') return false;
  const [low, high] = RANGES[dtype] ?? [-(2 ** 53), 2 ** 53];
  return x < low || x > high;
}

const RANGES: Partial<Record<DType, readonly [number, number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  int32: [-(2 ** 31), 2 ** 31 - 1],
};
