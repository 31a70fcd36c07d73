/**
 * Every operator that is read, with its derivatives by x and by its weights: reverse and forward against central differences and each
 * other, plain and with leading axes, and the derivatives of those derivatives.
 */
import { describe, expect, it } from 'vitest';
import { checkForward, checkReverse, derivativesOf, type Fn } from '../../../../test/graph/check.js';
import { bytesOf, info } from '../../../../test/onnx/builder.js';
import { OPERATORS } from '../../../../test/onnx/cases/index.js';
import type { Case } from '../../../../test/onnx/cases/case.js';
import { hashString, Sequence } from '../../../core/random.js';
import { isFloat, sizeOf, type Tensor, tensor } from '../../../core/tensor.js';
import type { Value } from '../../value.js';
import { importModel } from '../index.js';

const EXAMPLES = 2;

/** Points in an interval, in any order, apart from each other and from the multiples of ⅛, where kinks lie. */
function points(count: number, [lo, hi]: readonly [number, number], s: Sequence): number[] {
  const space = (hi - lo) / count;
  return s.shuffle(Array.from({ length: count }, (_, i) => lo + (i + 0.5) * space)).map((x) => {
    const near = Math.abs(8 * x - Math.round(8 * x)) < 0.03;
    return near ? x + 0.4 * space : x;
  });
}

/** The case as a function of x and of its weights. */
function functionOf(c: Case): Fn | null {
  const shape = c.shape ?? [4];
  const bytes = bytesOf({
    opset: c.opsets[c.opsets.length - 1],
    inputs: [info('x', 'float32', ['n', ...shape])],
    outputs: ['h'],
    nodes: c.nodes,
    weights: c.weights ?? {},
  });
  const model = importModel(bytes, { dtype: 'float64' });
  const h = model.value('h');
  if (!isFloat(h.dtype)) return null;
  const s = new Sequence(23, c.name);
  const size = [EXAMPLES, ...shape];
  const x = tensor('float64', size, points(sizeOf(size), c.range ?? [-2, 2], s));
  const weights = model.candidates([h]).filter((w) => !c.steps?.includes(w.name));
  const bind = new Map<Value, Tensor>([[model.inputs[0].value, x]]);
  for (const w of weights) bind.set(w.value, w.tensor);
  const wrt = [...bind.keys()];
  for (const w of model.candidates([h])) bind.set(w.value, w.tensor);
  return { label: c.name, outputs: [h], wrt, bind, n: EXAMPLES };
}

describe('operators as they are read have their derivatives', () => {
  for (const c of OPERATORS) {
    it(c.name, () => {
      const f = functionOf(c);
      if (!f) return;
      const rng = new Sequence(hashString(c.name), 'derivatives');
      const extent = { leads: [[2]], subsets: false };
      checkReverse(f, rng, extent.leads);
      checkForward(f, rng, extent);
      for (const d of derivativesOf(f, rng, false)) {
        checkReverse(d, rng, []);
        checkForward(d, rng, { leads: [], subsets: false });
      }
      expect(f.outputs).toHaveLength(1);
    });
  }
});
