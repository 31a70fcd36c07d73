/**
 * @module graph/onnx/import/activations
 *
 * Activations in core operators. Each exponential is taken only of what cannot overflow, so that the branch that is not chosen
 * never turns a derivative into NaN. Source: onnx/onnx, Operators.md; defaults of attributes as there.
 */
import type { FloatType } from '../../../core/tensor.js';
import * as b from '../../build.js';
import type { Value } from '../../value.js';
import type { Normaliser, NormaliserTable, OpContext } from './context.js';
import { foldElementwise } from './fold.js';
import { isFolded } from './items.js';

const unary =
  (f: (x: Value, c: OpContext) => Value): Normaliser =>
  (c) =>
    f(c.real(0), c);

const isPositive = (x: Value): Value => b.greater(x, b.scalar(0, x.dtype));

/** e^min(x/s, 0) − 1 */
const expm1Below = (x: Value, s = 1): Value =>
  b.shift(b.exp(b.minimum(b.scalar(0, x.dtype), b.scale(x, 1 / s))), -1);

/** x > 0 ? x : α (e^x − 1) */
const elu = (x: Value, alpha: number): Value => b.where(isPositive(x), x, b.scale(expm1Below(x), alpha));

/** max(lo, min(hi, x)); at a bound the derivative is that of x, as PyTorch's clamp has it. */
export function clamp(x: Value, lo: number, hi: number): Value {
  const above = lo === -Infinity ? x : b.maximum(b.scalar(lo, x.dtype), x);
  return hi === Infinity ? above : b.minimum(b.scalar(hi, x.dtype), above);
}

export const hardSigmoid = (x: Value, alpha: number, beta: number): Value =>
  clamp(b.shift(b.scale(x, alpha), beta), 0, 1);

/** ½x(1 + erf(x/√2)), or with tanh(√(2/π)(x + 0.044715x³)) for the error function. */
export function gelu(x: Value, approximate: string): Value {
  const inner =
    approximate === 'tanh'
      ? b.tanh(b.scale(b.add(x, b.scale(b.mul(b.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI)))
      : b.erf(b.scale(x, Math.SQRT1_2));
  return b.mul(b.scale(x, 0.5), b.shift(inner, 1));
}

/** Bounds of ReLU6, hard sigmoid, hard tanh, and of what cannot be taken a logarithm of. */
const USUAL_BOUNDS = [0, 1, -1, 3, -3, 6, 1e-12, 1e-8, 1e-7, 1e-6, 1e-5].flatMap((x) => [x, Math.fround(x)]);

/** Bounds are operands from opset 11; either may be absent, and either may be learned. */
const clip: Normaliser = (c) => {
  const item = c.item(0);
  const bounds = [1, 2].filter((i) => c.has(i));
  if (isFolded(item)) {
    const low = c.has(1) ? c.item(1) : null;
    const high = c.has(2) ? c.item(2) : null;
    let x = item;
    if (low && isFolded(low)) x = foldElementwise(c, 'Max', [x, low]);
    if (high && isFolded(high)) x = foldElementwise(c, 'Min', [x, high]);
    return x;
  }
  const x = c.real(0);
  if (bounds.every((i) => c.number(i) !== null && !c.learnable(i, USUAL_BOUNDS))) {
    return clamp(x, c.has(1) ? c.number(1)! : -Infinity, c.has(2) ? c.number(2)! : Infinity);
  }
  const above = c.has(1) ? b.maximum(c.real(1), x) : x;
  return c.has(2) ? b.minimum(c.real(2), above) : above;
};

/** x > 0 ? x : a·x with a learned slope a, broadcast to x from the right. */
const prelu: Normaliser = (c) => {
  c.mark(1, 'prelu-slope');
  const x = c.real(0);
  return b.where(isPositive(x), x, b.mul(x, c.value(1)));
};

export const ACTIVATIONS: NormaliserTable = {
  Tanh: unary(b.tanh),
  Sigmoid: unary(b.sigmoid),
  Relu: unary(b.relu),
  Softplus: unary(b.softplus),
  LeakyRelu: unary((x, c) => b.where(isPositive(x), x, b.scale(x, c.float('alpha', 0.01)))),
  Elu: unary((x, c) => elu(x, c.float('alpha', 1))),
  Selu: unary((x, c) =>
    b.scale(elu(x, c.float('alpha', 1.67326319217681884765625)), c.float('gamma', 1.05070102214813232421875)),
  ),
  Celu: unary((x, c) => {
    const alpha = c.float('alpha', 1);
    if (!(alpha > 0)) throw c.refuse(`α is positive, not ${alpha}`, 'onnx/attribute');
    return b.where(isPositive(x), x, b.scale(expm1Below(x, alpha), alpha));
  }),
  Softsign: unary((x) => b.div(x, b.shift(b.abs(x), 1))),
  HardSigmoid: unary((x, c) => hardSigmoid(x, c.float('alpha', 0.2), c.float('beta', 0.5))),
  HardSwish: unary((x) => b.mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Gelu: unary((x, c) => gelu(x, c.text('approximate', 'none'))),
  Mish: unary((x) => b.mul(x, b.tanh(b.softplus(x)))),
  ThresholdedRelu: unary((x, c) => {
    const over = b.greater(x, b.scalar(c.float('alpha', 1), x.dtype));
    return b.mul(x, b.indicator(over, x.dtype as FloatType));
  }),
  PRelu: prelu,
  Clip: clip,
  Softmax: unary((x, c) => b.softmax(x, c.axis(c.int('axis', -1), x.shape.length))),
  LogSoftmax: unary((x, c) => b.logSoftmax(x, c.axis(c.int('axis', -1), x.shape.length))),
};
