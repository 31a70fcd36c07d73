import { describe, expect, it } from 'vitest';
import { tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import { input, jvp, N, ops as b, type Value } from '../graph/index.js';
import { activation, type Activation, ACTIVATIONS } from './activations.js';

const X = [-700, -40, -6.5, -3, -2.2, -1, -0.3, -1e-9, 0, 1e-9, 0.4, 1, 2.2, 3, 5.1, 40, 700];

const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
/** Φ by composite Simpson's rule on its density, in 20,000 steps. */
function normalCdf(x: number): number {
  if (Math.abs(x) > 9) return x > 0 ? 1 : 0;
  const steps = 20000;
  const h = x / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 ? 4 : 2;
    sum += weight * Math.exp((-h * i * h * i) / 2);
  }
  return 0.5 + (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}
const geluTanh = (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** f and f′ by textbook. */
const TEXTBOOK: Record<Activation, [f: (x: number) => number, slope: (x: number) => number]> = {
  identity: [(x) => x, () => 1],
  relu: [(x) => Math.max(x, 0), (x) => +(x > 0)],
  tanh: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  sigmoid: [sigmoid, (x) => sigmoid(x) * sigmoid(-x)],
  softplus: [softplus, sigmoid],
  'log-sigmoid': [(x) => -softplus(-x), (x) => sigmoid(-x)],
  'leaky-relu': [(x) => (x > 0 ? x : 0.01 * x), (x) => (x > 0 ? 1 : 0.01)],
  elu: [(x) => (x > 0 ? x : Math.expm1(x)), (x) => (x > 0 ? 1 : Math.exp(x))],
  gelu: [(x) => x * normalCdf(x), (x) => normalCdf(x) + x * density(x)],
  'gelu-tanh': [
    geluTanh,
    (x) => {
      const c = Math.sqrt(2 / Math.PI);
      const t = Math.tanh(c * (x + 0.044715 * x ** 3));
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x);
    },
  ],
  silu: [(x) => x * sigmoid(x), (x) => sigmoid(x) * (1 + x * sigmoid(-x))],
  'hard-swish': [
    (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    (x) => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6),
  ],
};

/** Points where the derivative jumps; at 0, relu and leaky-relu take their left slope, as PyTorch does. */
const KINKS: Partial<Record<Activation, number[]>> = {
  'hard-swish': [-3, 3],
};

function at(name: Activation, outputs: (x: Value, y: Value) => Value, X: readonly number[]): Float64Array {
  const x = input('x', 'float64', [N, 1]);
  const y = activation(name)(x);
  const [{ data }] = evaluate([outputs(x, y)], new Map([[x, tensor('float64', [X.length, 1], X)]]), X.length);
  return data;
}

describe.each(Object.keys(ACTIVATIONS) as Activation[])('%s', (name) => {
  const [f, slope] = TEXTBOOK[name];

  it('is what its name says', () => {
    at(name, (_, y) => y, X).forEach((got, i) => {
      const want = f(X[i]);
      expect(Math.abs(got - want), `at ${X[i]}`).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(want)));
    });
  });

  it('has the slope of its formula', () => {
    const smooth = X.filter((x) => !KINKS[name]?.includes(x));
    const slopes = at(
      name,
      (x, y) => jvp([y], [x], [b.expandLike(b.scalar(1, 'float64'), x)])[0] as Value,
      smooth,
    );
    slopes.forEach((got, i) => {
      const want = slope(smooth[i]);
      expect(Math.abs(got - want), `at ${smooth[i]}`).toBeLessThanOrEqual(1e-13);
    });
  });
});

it('a name that is none gets a suggestion', () => {
  expect(() => activation('Relu6')).toThrow(/model\/activation|must be one of identity, relu/);
  expect(() => activation('geluu')).toThrow('gelu');
  expect(() => activation('toString')).toThrow('must be one of');
});
