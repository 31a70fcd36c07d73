/**
 * @module graph/onnx/import/arithmetic
 *
 * Elementwise arithmetic: on known numbers it is folded, on anything else it becomes core operators.
 */
import { isFloat } from '../../../core/tensor.js';
import * as b from '../../build.js';
import type { Value } from '../../value.js';
import { withoutBakedRows } from './baked-rows.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';
import { foldElementwise, isFoldable } from './fold.js';
import { isFolded } from './items.js';

/** A normaliser of at least `arity` operands that folds known numbers and otherwise applies `f` to the operands' values. */
export function elementwise(op: string, arity: number, f: (c: OpContext, xs: Value[]) => Value): Normaliser {
  return (c) => {
    c.item(arity - 1);
    const items = c.counting();
    if (isFoldable(op) && items.every(isFolded)) return foldElementwise(c, op, items);
    const values = withoutBakedRows(c, items, c.values());
    const [{ dtype }] = values;
    if (!COUNTS.has(op) || isFloat(dtype) || dtype === 'bool') return f(c, values);
    if (values.some((v) => v.dtype !== dtype))
      throw c.refuse('operands must have one element type', 'graph/shape');
    return b.cast(
      f(
        c,
        values.map((v) => b.cast(v, 'float64')),
      ),
      dtype,
    );
  };
}

/** Whole numbers among the data (positions, lengths, masks) are computed with in float64, which holds them up to 2⁵³. */
const COUNTS = new Set(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Sum', 'Neg', 'Abs', 'Sign', 'Fmod']);

const binary = (op: string, f: (x: Value, y: Value) => Value): Normaliser =>
  elementwise(op, 2, (_c, [x, y]) => f(x, y));

const unary = (op: string, f: (x: Value) => Value): Normaliser => elementwise(op, 1, (_c, [x]) => f(x));

const variadic = (op: string, f: (x: Value, y: Value) => Value): Normaliser =>
  elementwise(op, 1, (_c, xs) => xs.reduce(f));

/** x^p for the exponents that have a better form than a power: exact for negative x, and cheap to derive. */
export function power(x: Value, p: number): Value {
  switch (p) {
    case 1:
      return x;
    case 2:
      return b.square(x);
    case 3:
      return b.mul(b.square(x), x);
    case 0.5:
      return b.sqrt(x);
    case -0.5:
      return b.reciprocal(b.sqrt(x));
    case -1:
      return b.reciprocal(x);
    default:
      return b.pow(x, b.scalar(p, x.dtype));
  }
}

/** Exponents with a form of their own. */
const USUAL_EXPONENTS = [1, 2, 3, 0.5, -0.5, -1];

/** The exponent is an attribute in all but name: one known number is folded, whatever its type and rank, unless it may be learned. */
const pow: Normaliser = (c) => {
  const [x, p] = [c.item(0), c.item(1)];
  if (isFolded(x) && isFolded(p)) return foldElementwise(c, 'Pow', [x, p]);
  const exponent = c.rank(1) <= c.rank(0) && !c.learnable(1, USUAL_EXPONENTS) ? c.number(1) : null;
  const base = c.real(0);
  return exponent === null ? b.pow(base, b.cast(c.value(1), base.dtype)) : power(base, exponent);
};

const mean: Normaliser = (c) =>
  b.scale(
    c
      .items()
      .map((_, i) => c.real(i))
      .reduce(b.add, b.scalar(0, c.dtype)),
    1 / c.count,
  );

export const ARITHMETIC: NormaliserTable = {
  Add: binary('Add', b.add),
  Sub: binary('Sub', b.sub),
  Mul: binary('Mul', b.mul),
  Div: binary('Div', b.div),
  Pow: pow,
  Sum: variadic('Sum', b.add),
  Max: variadic('Max', b.maximum),
  Min: variadic('Min', b.minimum),
  Mean: mean,
  Neg: unary('Neg', b.neg),
  Abs: unary('Abs', b.abs),
  Sqrt: unary('Sqrt', b.sqrt),
  Exp: unary('Exp', b.exp),
  Log: unary('Log', b.log),
  Sign: unary('Sign', b.sign),
  Reciprocal: unary('Reciprocal', b.reciprocal),
  Erf: unary('Erf', b.erf),
};
