/**
 * @module graph/positive
 *
 * Values whose sign the graph itself tells: sums of squares, exponentials, a norm held above ε. An operator with a pole at 0 needs no
 * care there. Each value is looked at once. What it does not see (a difference that happens to be positive) is called unknown.
 */
import { batchAxis } from './dims.js';
import type { Node, Value } from './value.js';

type Sign = 'positive' | 'not negative' | 'unknown';

const known = new WeakMap<Value, Sign>();

/** Says of an input that it stands for a value of this sign. */
export const assumeSignOf = (placeholder: Value, of: Value): void => void known.set(placeholder, signOf(of));

/** Above 0 for every finite input; weights that do not depend on the examples count as such where only `examples` matter. */
export const isPositive = (v: Value): boolean => signOf(v) === 'positive';

/** Whether a pole at 0 can be met for some example and not for others. */
export const mayVanish = (v: Value): boolean => batchAxis(v.shape) >= 0 && !isPositive(v);

function signOf(v: Value): Sign {
  const before = known.get(v);
  if (before) return before;
  const sign = v.constant ? ofNumbers(v.constant.data) : v.node ? ofNode(v.node) : 'unknown';
  known.set(v, sign);
  return sign;
}

function ofNumbers(data: ArrayLike<number | bigint>): Sign {
  let least = Infinity;
  for (let i = 0; i < data.length; i++) if (!(Number(data[i]) >= least)) least = Number(data[i]);
  return least > 0 ? 'positive' : least >= 0 ? 'not negative' : 'unknown';
}

const MOVERS = new Set([
  'Reshape',
  'Transpose',
  'Expand',
  'Slice',
  'Cast',
  'ReduceSum',
  'ReduceMax',
  'Concat',
]);

function ofNode({ op, inputs }: Node): Sign {
  const signs = (): Sign[] => inputs.map(signOf);
  const all = (s: readonly Sign[]): Sign =>
    s.includes('unknown') ? 'unknown' : s.includes('not negative') ? 'not negative' : 'positive';
  if (MOVERS.has(op)) return all(signs());
  switch (op) {
    case 'Exp':
    case 'Sigmoid':
    case 'Softplus':
    case 'Softmax':
      return 'positive';
    case 'Abs':
    case 'Relu':
      return signOf(inputs[0]) === 'positive' ? 'positive' : 'not negative';
    case 'Sqrt':
    case 'Reciprocal':
      return signOf(inputs[0]) === 'positive' ? 'positive' : op === 'Sqrt' ? 'not negative' : 'unknown';
    case 'Add': {
      const s = signs();
      return !s.includes('unknown') && s.includes('positive') ? 'positive' : all(s);
    }
    case 'Mul':
      if (inputs[0] === inputs[1]) return signOf(inputs[0]) === 'positive' ? 'positive' : 'not negative';
      return all(signs());
    case 'Div':
    case 'Min':
      return all(signs());
    case 'Max': {
      const s = signs();
      return s.includes('positive') ? 'positive' : s.includes('not negative') ? 'not negative' : 'unknown';
    }
    case 'Where':
      return all([signOf(inputs[1]), signOf(inputs[2])]);
    case 'Pow': {
      if (signOf(inputs[0]) !== 'unknown') return signOf(inputs[0]);
      const e = inputs[1].constant;
      return e?.data.length === 1 && Number(e.data[0]) % 2 === 0 ? 'not negative' : 'unknown';
    }
    default:
      return 'unknown';
  }
}
