/** A function of an operator at a random point. */
import type { Sequence } from '../../src/core/random.js';
import type { Tensor } from '../../src/core/tensor.js';
import { input, type Shape, showShape, type Value } from '../../src/graph/index.js';
import type { Fn } from './check.js';
import { any, type Draw, fill } from './draws.js';

const EXAMPLES = 2;

export interface Case extends Fn {
  /** Sums over the examples, so that no per-example cotangent exists. */
  readonly sums: boolean;
}

export interface Operand {
  readonly shape: Shape;
  readonly draw?: Draw;
  readonly dtype?: 'float64' | 'float32' | 'bool' | 'int64';
}

export function make(
  name: string,
  operands: readonly Operand[],
  f: (...xs: Value[]) => Value,
  rng: Sequence,
  sums = false,
): Case {
  const values = operands.map((o, i) => input('abcd'[i], o.dtype ?? 'float64', o.shape));
  const bind = new Map<Value, Tensor>(
    operands.map((o, i) => [values[i], fill(o.shape, o.dtype ?? 'float64', o.draw ?? any, rng, EXAMPLES)]),
  );
  const wrt = values.filter((v) => v.dtype !== 'bool' && v.dtype !== 'int64');
  return {
    label: `${name} ${operands.map((o) => showShape(o.shape)).join(' ')}`,
    outputs: [f(...values)],
    wrt,
    bind,
    n: EXAMPLES,
    sums,
  };
}
