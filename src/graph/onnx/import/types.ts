/**
 * @module graph/onnx/import/types
 *
 * Element types and truth values. All floating-point types of a file become the working type, so a Cast between them vanishes.
 */
import { type DType, isFloat, toFloat64 } from '../../../core/tensor.js';
import * as b from '../../build.js';
import { isBatch } from '../../dims.js';
import type { Value } from '../../value.js';
import { formatOfCode } from '../proto/index.js';
import { elementwise } from './arithmetic.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';
import { folded, isFolded, isSequence, isWeights, type Item } from './items.js';

const HELD: ReadonlySet<string> = new Set<DType>([
  'float32',
  'float64',
  'int64',
  'int32',
  'uint8',
  'int8',
  'bool',
]);

/** The type that values of an ONNX element type have here. Throws `onnx/element-type`. */
export function typeOf(c: OpContext, code: number): DType {
  const name = formatOfCode(code)?.name ?? `number ${code}`;
  if (name === 'float16' || name === 'bfloat16') {
    c.reader.note(`${c.label} casts to ${name}; here it stays ${c.dtype}`);
    return c.dtype;
  }
  if (!HELD.has(name)) throw c.refuse(`elements of type ${name} are not covered`, 'onnx/element-type');
  return c.working(name as DType);
}

function castTo(c: OpContext, item: Item, to: DType): Item {
  if (isWeights(item)) {
    if (isFloat(to)) return item;
    return folded(
      to,
      item.tensor.shape,
      Array.from(toFloat64(item.tensor), (x) => convert(x, to)),
    );
  }
  if (!isFolded(item)) {
    const known = isFloat(to) || item.dtype === to ? null : c.reader.knownNumbers(item);
    if (!known) return b.cast(item, to);
    const numbers = Array.from(toFloat64(known), (x) => convert(x, to));
    return folded(to, known.shape, numbers);
  }
  const held = isFloat(item.dtype) && !isFloat(to) ? c.reader.held : (x: number): number => x;
  return folded(
    to,
    item.shape,
    item.items.map((d) => (isBatch(d) ? d : convert(held(d), to))),
  );
}

function convert(x: number, to: DType): number {
  if (to === 'bool') return +(x !== 0);
  return isFloat(to) ? x : Math.trunc(x);
}

/**
 * PyTorch keeps one of the tensors that are equal and gives the others their names by an Identity: they are tensors of their own. In
 * any other file an Identity passes its operand on.
 */
const identity: Normaliser = (c) => {
  const item = c.operand(0);
  const [name] = c.node.outputs;
  if (
    isSequence(item) ||
    !isWeights(item) ||
    item.source !== 'initializer' ||
    !c.reader.names.namesMerged(name)
  )
    return item;
  return { ...item, name, mergedInto: item.mergedInto ?? item.name };
};

const cast: Normaliser = (c) => castTo(c, c.item(0), typeOf(c, c.int('to', 0)));

const castLike: Normaliser = (c) => {
  const like = c.item(1);
  return castTo(c, c.item(0), c.working(isWeights(like) ? like.tensor.dtype : like.dtype));
};

const compare = (op: string, f: (x: Value, y: Value) => Value): Normaliser =>
  elementwise(op, 2, (_c, [x, y]) => f(x, y));

/** Truth values as 0 and 1 in the working type, combined by arithmetic. */
const logical = (op: string, f: (x: Value, y: Value) => Value): Normaliser =>
  elementwise(op, 2, (c, [x, y]) =>
    b.greater(f(b.cast(x, c.dtype), b.cast(y, c.dtype)), b.scalar(0.5, c.dtype)),
  );

export const TYPES: NormaliserTable = {
  Identity: identity,
  Cast: cast,
  CastLike: castLike,
  Equal: compare('Equal', b.equal),
  Greater: compare('Greater', b.greater),
  GreaterOrEqual: compare('GreaterOrEqual', b.greaterOrEqual),
  Less: compare('Less', b.less),
  LessOrEqual: compare('LessOrEqual', b.lessOrEqual),
  Not: elementwise('Not', 1, (_c, [x]) => b.not(x)),
  And: logical('And', b.mul),
  Or: logical('Or', b.add),
  Xor: logical('Xor', (x, y) => b.abs(b.sub(x, y))),
  Where: elementwise('Where', 3, (_c, [k, x, y]) => b.where(k, x, y)),
};
