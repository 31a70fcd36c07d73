import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { worstError } from '../../../test/onnx/evaluate.js';
import { runOrt } from '../../../test/onnx/runtime.js';
import { castTensor, type FloatType, type Tensor, tensor, toFloat64 } from '../../core/tensor.js';
import { openNpz } from '../../data/npz.js';
import { evaluate } from '../../engine/oracle/evaluate.js';
import { vjp } from '../derive.js';
import { N } from '../dims.js';
import { graph } from '../graph.js';
import { input, type Value } from '../value.js';
import { chooseOutput } from '../../model/output/choose.js';
import { exportModel, importModel } from './index.js';

const FOLDER = new URL('../../../test/fixtures/models/', import.meta.url);
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FOLDER)));
const EXAMPLES = 16;
/** ONNX Runtime has no double kernel for Erf, so the networks with a GELU run in float32. */
const SINGLE = new Set<string>(['diabetes-regression', 'digits-transformer']);

const NETWORKS = [
  ['digits-mlp-relu', 'categorical'],
  ['digits-mlp-double', 'categorical'],
  ['diabetes-regression', 'gaussian'],
  ['wine-multilabel', 'bernoulli'],
  ['digits-transformer', 'categorical'],
] as const;

function load(name: string, likelihood: (typeof NETWORKS)[number][1], dtype: FloatType) {
  const model = importModel(read(`${name}/model.onnx`), { dtype });
  const { h, candidates } = chooseOutput(model, { likelihood });
  const all = openNpz(read(`${name}/data.npz`), name).get('x');
  const row = all.data.length / all.shape[0];
  const x = tensor(
    dtype,
    [EXAMPLES, ...all.shape.slice(1)],
    castTensor(all, dtype).data.slice(0, EXAMPLES * row),
  );
  const values = new Map<Value, Tensor>([[model.inputs[0].value, x]]);
  for (const c of candidates) values.set(c.value, c.tensor);
  const inputs = Object.fromEntries([
    ['x', model.inputs[0].value],
    ...candidates.map((c) => [c.name, c.value] as const),
  ]);
  const parameters = new Map(candidates.map((c) => [c.name, c.tensor]));
  return { model, h, x, values, inputs, parameters, candidates };
}

describe('written and read again', () => {
  for (const [name, likelihood] of NETWORKS) {
    it(`${name} is the same function, with the same parameters`, () => {
      const a = load(name, likelihood, 'float64');
      const [want] = evaluate([a.h], a.values, EXAMPLES);
      for (const opset of [13, 17, 22]) {
        const bytes = exportModel(graph(a.inputs, { h: a.h }), {
          parameters: a.parameters,
          opset,
          metadata: { likelihood },
        });
        const model = importModel(bytes, { dtype: 'float64' });
        const { h, candidates } = chooseOutput(model, { likelihood });
        expect([model.opset, model.metadata.likelihood]).toEqual([opset, likelihood]);
        expect(candidates.map((c) => [c.name, c.tensor.shape])).toEqual(
          a.candidates.map((c) => [c.name, c.tensor.shape]),
        );
        const values = new Map<Value, Tensor>([[model.inputs[0].value, a.x]]);
        for (const c of candidates) values.set(c.value, c.tensor);
        expect(worstError(evaluate([h], values, EXAMPLES)[0].data, want.data)).toBeLessThanOrEqual(1e-15);
      }
    });

    it(`${name} and its gradients run in ONNX Runtime`, async () => {
      const dtype = SINGLE.has(name) ? 'float32' : 'float64';
      const a = load(name, likelihood, dtype);
      // Two cotangents at once for each example: leading axes are part of what the engine runs.
      const lead = [2];
      const T = a.h.shape[1] as number;
      const ct = input('ct', dtype, [N, 2, T]);
      const wrt = a.candidates.map((c) => c.value);
      const summed = vjp([a.h], [ct], wrt, { lead });
      const apart = vjp([a.h], [ct], wrt.slice(-1), { lead, perExample: true });
      const outputs: Record<string, Value> = { h: a.h, apart: apart[0]! };
      summed.forEach((g, i) => (outputs[`grad ${a.candidates[i].name}`] = g!));
      const g = graph({ ...a.inputs, ct }, outputs);
      const bytes = exportModel(g, { parameters: a.parameters, lowerDouble: true });
      const seed = tensor(
        dtype,
        [EXAMPLES, 2, T],
        Array.from({ length: EXAMPLES * 2 * T }, (_, i) => Math.fround(Math.sin(i + 1))),
      );
      const got = await runOrt(bytes, { x: a.x, ct: seed });
      const values = new Map([...a.values, [ct, seed] as const]);
      const want = evaluate(Object.values(outputs), values, EXAMPLES);
      Object.keys(outputs).forEach((key, i) => {
        expect(got[key].shape).toEqual(want[i].shape);
        expect(worstError(toFloat64(got[key]), want[i].data), key).toBeLessThanOrEqual(
          dtype === 'float64' ? 1e-13 : 1e-5,
        );
      });
    });
  }
});
