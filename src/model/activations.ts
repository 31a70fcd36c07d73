/**
 * @module model/activations
 *
 * Activation functions by the names that papers use, written in core operators.
 */
import { didYouMean } from '../core/suggest.js';
import { FimError } from '../core/errors.js';
import { ops as b, type Value } from '../graph/index.js';

const logSigmoid = (x: Value): Value => b.neg(b.softplus(b.neg(x)));

/** Elementwise functions φ by name, as graphs. */
export const ACTIVATIONS = {
  /** x. */
  identity: (x: Value) => x,
  /** max(0, x). */
  relu: b.relu,
  /** tanh x. */
  tanh: b.tanh,
  /** 1/(1 + e⁻ˣ). */
  sigmoid: b.sigmoid,
  /** ln(1 + eˣ). */
  softplus: b.softplus,
  /** ln σ(x) = −softplus(−x) */
  'log-sigmoid': logSigmoid,
  /** max(x, 0) + 0.01 min(0, x); the slope at 0 is 0.01 */
  'leaky-relu': (x: Value) => b.add(b.relu(x), b.scale(b.minimum(b.scalar(0, x.dtype), x), 0.01)),
  /** x for x > 0, else eˣ − 1; the slope at 0 is 1 */
  elu: (x: Value) => {
    const zero = b.scalar(0, x.dtype);
    return b.where(b.greater(x, zero), x, b.shift(b.exp(b.minimum(zero, x)), -1));
  },
  /** x Φ(x) */
  gelu: (x: Value) => b.mul(b.scale(x, 0.5), b.shift(b.erf(b.scale(x, Math.SQRT1_2)), 1)),
  /** ½x(1 + tanh(√(2/π)(x + 0.044715x³))) */
  'gelu-tanh': (x: Value) => {
    const cubic = b.add(x, b.scale(b.mul(b.square(x), x), 0.044715));
    return b.mul(b.scale(x, 0.5), b.shift(b.tanh(b.scale(cubic, Math.sqrt(2 / Math.PI))), 1));
  },
  /** x σ(x) */
  silu: (x: Value) => b.mul(x, b.sigmoid(x)),
  /** x min(max(x + 3, 0), 6)/6 */
  'hard-swish': (x: Value) => {
    const clipped = b.minimum(b.relu(b.shift(x, 3)), b.scalar(6, x.dtype));
    return b.mul(x, b.scale(clipped, 1 / 6));
  },
} as const satisfies Record<string, (x: Value) => Value>;

/** Name of an activation. */
export type Activation = keyof typeof ACTIVATIONS;

/** Names of the activations. */
export const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as readonly Activation[];

/** The activation of that name. Throws `model/activation` with a suggestion. */
export function activation(name: string): (x: Value) => Value {
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name as Activation];
  const names = Object.keys(ACTIVATIONS);
  throw new FimError({
    code: 'model/activation',
    kind: 'usage',
    where: `activation "${name}"`,
    rule: `must be one of ${names.join(', ')}`,
    ...didYouMean(name, names),
  });
}
