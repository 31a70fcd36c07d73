import { describe, expect, it } from 'vitest';
import { bytesOf, f64, info } from '../../../../test/onnx/builder.js';
import { bindings } from '../../../../test/onnx/evaluate.js';
import { ELEMENTWISE } from '../../../../test/onnx/cases/elementwise.js';
import { tensor } from '../../../core/tensor.js';
import { evaluate } from '../../../engine/oracle/evaluate.js';
import { gradient } from '../../derive.js';
import { importModel } from '../index.js';

/** Away from every kink of the cases, which lie at multiples of ⅛ or beyond ±2. */
const POINTS = [-1.93, -0.83, -0.31, 0.17, 0.61, 1.37];
const STEP = 1e-4;

function derivative(bytes: Uint8Array, points: readonly number[]): Float64Array {
  const model = importModel(bytes, { dtype: 'float64' });
  const h = model.value('h');
  const x = model.inputs[0].value;
  const [g] = gradient(h, [x]);
  if (!g) return new Float64Array(points.length);
  const bound = bindings(model, [h], { [x.name]: f64([1, points.length], points) });
  return evaluate([g], bound, 1)[0].data;
}

describe('activations as they are read', () => {
  for (const c of ELEMENTWISE) {
    if (!c.closed || c.weights?.p) continue;
    const closed = c.closed;
    const signed = c.range && c.range[0] > 0 ? POINTS.map((x) => Math.abs(x) + 0.11) : POINTS;
    const [lo, hi] = c.range ?? [-2, 2];
    const inside = signed.every((x) => x > lo && x < hi);
    const points = inside ? signed : POINTS.map((x) => lo + ((hi - lo) * (x + 2)) / 4);
    const bytes = (n: number) =>
      bytesOf({
        opset: c.opsets[c.opsets.length - 1],
        inputs: [info('x', 'float64', ['n', n])],
        outputs: ['h'],
        nodes: c.nodes,
        weights: c.weights ?? {},
      });

    it(`${c.name} has the derivative of its closed form`, () => {
      const got = derivative(bytes(points.length), points);
      points.forEach((x, i) => {
        // Fourth-order central difference: error about f⁽⁵⁾ h⁴/30, rounding about ε/h.
        const at = (k: number) => closed(x + k * STEP);
        const want = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP);
        expect(Math.abs(got[i] - want)).toBeLessThanOrEqual(3e-11 * Math.max(1, Math.abs(want)));
      });
    });

    if (c.range && c.range[0] > 0) continue;
    // An exponential or hyperbolic sine overflows by itself.
    if (!Number.isFinite(closed(800))) continue;
    it(`${c.name} neither overflows nor turns into NaN far out`, () => {
      const far = [-2000, -800, -30.5, 30.5, 800, 2000];
      for (const d of derivative(bytes(far.length), far)) expect(Number.isFinite(d)).toBe(true);
      const model = importModel(bytes(far.length), { dtype: 'float64' });
      const x = tensor('float64', [1, far.length], far);
      const value = model.value('h');
      const [h] = evaluate([value], bindings(model, [value], { x }), 1);
      far.forEach((p, i) =>
        expect(Math.abs(h.data[i] - closed(p))).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(closed(p)))),
      );
    });
  }
});
