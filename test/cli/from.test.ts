/** --from VALUE: the network begins behind what is not covered, which ONNX Runtime runs. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readArrays } from '../../src/disk/index.js';
import { toFloat64, type Tensor, tensor } from '../../src/core/tensor.js';
import { encodeModelWithData } from '../../src/graph/onnx/proto/index.js';
import { expectAllClose } from '../fisher/close.js';
import { bytesOf, f32, i64, info, int, ints, modelOf, type ModelParts, node } from '../onnx/builder.js';
import { runOrt } from '../onnx/runtime.js';
import {
  type EstimateJson,
  expectComplaint,
  fim,
  fimJson,
  model,
  scratch,
  wave,
  writeModel,
  writeNpz,
} from './fim.js';

const { path } = scratch();

const CATEGORICAL = ['--likelihood', 'categorical', '--estimator', 'exact', '--dtype', 'float64'];

/** x → quantised and back, which no form of is covered → Tanh(·W0) = v. */
const FRONT = [
  node('QuantizeLinear', ['x', 'scale', 'zero'], 'q'),
  node('DequantizeLinear', ['q', 'scale', 'zero'], 'd'),
  node('MatMul', ['d', 'W0'], 'a'),
  node('Tanh', ['a'], 'v'),
];

const HEAD = [
  node('Gemm', ['v', 'W1', 'b1'], 'z'),
  node('Sigmoid', ['z'], 's'),
  node('MatMul', ['s', 'W2'], 'h'),
];

const HEAD_WEIGHTS = { W1: wave(5, 4), b1: wave(4), W2: wave(4, 3) };

const QUANTISED: ModelParts = {
  inputs: [info('x', 'float32', ['n', 6])],
  outputs: [info('h', 'float32', ['n', 3])],
  nodes: [...FRONT, ...HEAD],
  weights: {
    scale: f32([], [0.02]),
    zero: { dtype: 'uint8', shape: [], data: Uint8Array.of(128) },
    W0: wave(6, 5),
    ...HEAD_WEIGHTS,
  },
};

/** Every `fisher/NAME` of an estimate, in float64. */
async function fisher(
  words: readonly string[],
  out: string,
): Promise<{ json: EstimateJson; arrays: Map<string, Float64Array> }> {
  const file = path(out);
  const json = await fimJson(['estimate', ...words, '--out', file]);
  const held = readArrays(file);
  const names = held.names.filter((name) => name.startsWith('fisher/'));
  return { json, arrays: new Map(names.map((name) => [name, toFloat64(held.get(name))])) };
}

/** What ONNX Runtime makes of a value of a file. */
async function valueOf(
  parts: ModelParts,
  name: string,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Tensor> {
  const outputs = [info(name, null, null)];
  return (await runOrt(bytesOf({ ...parts, outputs }), feeds))[name];
}

/** The head alone, as a file of its own that is fed with v. */
async function headAlone(v: Tensor, name: string): Promise<Map<string, Float64Array>> {
  const file = writeModel(path(`${name}.onnx`), {
    inputs: [info('v', 'float32', ['n', 5])],
    outputs: [info('h', 'float32', ['n', 3])],
    nodes: HEAD,
    weights: HEAD_WEIGHTS,
  });
  const data = writeNpz(path(`${name}-v.npz`), { v });
  return (await fisher([file, data, ...CATEGORICAL], `${name}-alone.npz`)).arrays;
}

describe('--from VALUE', () => {
  it('takes the Fisher of the head for what ONNX Runtime makes of the data', async () => {
    const file = writeModel(path('quantised.onnx'), QUANTISED);
    const x = wave(70, 6);
    const data = writeNpz(path('x.npz'), { x });
    const { json, arrays } = await fisher([file, data, ...CATEGORICAL, '--from', 'v'], 'cut.npz');
    expectAllClose(arrays, await headAlone(await valueOf(QUANTISED, 'v', { x }), 'head'), 1e-12, 'fisher');
    expect(json.parameters).toBe(5 * 4 + 4 + 4 * 3);
    expect(json.notes[0]).toMatch(/^frozen: 2 tensors, 31 numbers before "v", which onnxruntime \d/);
    const manifest = JSON.parse(
      Buffer.from(readArrays(path('cut.npz')).get('__manifest__').data as Uint8Array).toString(),
    ) as { command: { options: Record<string, unknown> }; dataHash: string };
    expect(manifest.command.options['from']).toBe('v');
    expect(manifest.dataHash).toMatch(/^[0-9a-f]{64} \(behind "v" of [0-9a-f]{64}\)$/);
  });

  it('equals the parameters of the tail where the front is covered too', async () => {
    const subject = [model('digits-mlp-tanh'), model('digits-mlp-tanh', 'data.npz'), ...CATEGORICAL];
    const whole = await fisher([...subject, '--parameters', 'fc3.*'], 'chosen.npz');
    const cut = await fisher([...subject, '--from', '/Tanh_1_output_0'], 'behind.npz');
    expectAllClose(cut.arrays, whole.arrays, 1e-6, 'fisher');
  });

  it('runs files that fix their batch in groups, and takes data beside the file', async () => {
    const x = wave(7, 6);
    const data = writeNpz(path('seven.npz'), { x });
    const right = await headAlone(await valueOf(QUANTISED, 'v', { x }), 'seven');
    for (const n of [1, 4]) {
      const parts = {
        ...QUANTISED,
        inputs: [info('x', 'float32', [n, 6])],
        outputs: [info('h', 'float32', [n, 3])],
      };
      const split = encodeModelWithData(modelOf(parts), {
        externalThreshold: 64,
        location: `fixed${n}.data`,
      });
      writeFileSync(path(`fixed${n}.onnx`), split.model);
      writeFileSync(path(`fixed${n}.data`), split.data);
      const cut = await fisher(
        [path(`fixed${n}.onnx`), data, ...CATEGORICAL, '--from', 'v'],
        `fixed${n}.npz`,
      );
      expectAllClose(cut.arrays, right, 1e-12, `batch of ${n}`);
    }
  });

  it('finds the examples along another axis, and keeps inputs that the tail reads too', async () => {
    // [T, N, 6] → [T, N, 5]; the mask [N, 5] reaches the head beside the front.
    const parts: ModelParts = {
      ...QUANTISED,
      inputs: [info('x', 'float32', [2, 'n', 6]), info('m', 'float32', ['n', 5])],
      nodes: [
        ...FRONT,
        node('ReduceSum', ['v', 'axes'], 'r', { keepdims: int(0) }),
        node('Mul', ['r', 'm'], 'w'),
        ...HEAD.map((one) => ({ ...one, inputs: one.inputs.map((i) => (i === 'v' ? 'w' : i)) })),
      ],
      weights: { ...QUANTISED.weights, axes: i64(0) },
    };
    const file = writeModel(path('sequence.onnx'), parts);
    const [x, m] = [wave(2, 9, 6), wave(9, 5)];
    const first = await valueOf(parts, 'w', { x, m });
    const examplesFirst = tensor(
      'float32',
      [9, 2, 6],
      Float32Array.from(
        { length: 108 },
        (_, i) => x.data[((Math.floor(i / 6) % 2) * 9 + Math.floor(i / 12)) * 6 + (i % 6)],
      ),
    );
    const data = writeNpz(path('sequence.npz'), { x: examplesFirst, m });
    const cut = await fisher([file, data, ...CATEGORICAL, '--from', 'v'], 'sequence-cut.npz');
    expectAllClose(cut.arrays, await headAlone(first, 'sequence'), 1e-6, 'fisher');
  });

  it('feeds token numbers to a look-up in the front', async () => {
    const parts: ModelParts = {
      inputs: [info('ids', 'int64', ['n', 2])],
      outputs: [info('h', 'float32', ['n', 3])],
      nodes: [
        node('Gather', ['table', 'ids'], 'e'),
        node('QuantizeLinear', ['e', 'scale', 'zero'], 'q'),
        node('DequantizeLinear', ['q', 'scale', 'zero'], 'd'),
        node('ReduceSum', ['d', 'axes'], 'v', { keepdims: int(0) }),
        ...HEAD,
      ],
      weights: { ...QUANTISED.weights, table: wave(8, 5), axes: i64(1) },
    };
    const ids = tensor(
      'int64',
      [6, 2],
      BigInt64Array.from({ length: 12 }, (_, i) => BigInt((5 * i) % 8)),
    );
    const data = writeNpz(path('ids.npz'), { ids });
    const cut = await fisher(
      [writeModel(path('ids.onnx'), parts), data, ...CATEGORICAL, '--from', 'v'],
      'ids-cut.npz',
    );
    expectAllClose(cut.arrays, await headAlone(await valueOf(parts, 'v', { ids }), 'ids'), 1e-12, 'fisher');
  });

  it('leaves what a list of names has before the value, and cuts for plan too', async () => {
    const subject = [
      model('digits-mlp-tanh'),
      model('digits-mlp-tanh', 'data.npz'),
      '--likelihood',
      'categorical',
    ];
    const names = path('names.txt');
    writeFileSync(names, ['fc1', 'fc2', 'fc3'].flatMap((l) => [`${l}.weight`, `${l}.bias`]).join('\n'));
    const from = ['--from', '/Tanh_1_output_0'];
    expect((await fimJson(['estimate', ...subject, ...from, '--names', names])).parameters).toBe(170);
    const plan = await fim(['plan', ...subject, ...from, '--target-error', '50%', '--json', '--quiet']);
    expect(plan.code, plan.err).toBe(0);
  });

  it('warns of weights for what is before the value, which keeps its own', async () => {
    const file = writeModel(path('weights.onnx'), QUANTISED);
    const weights = writeNpz(path('weights.npz'), { W0: wave(6, 5), ...HEAD_WEIGHTS });
    const data = writeNpz(path('weights-x.npz'), { x: wave(9, 6) });
    const words = ['estimate', file, data, ...CATEGORICAL, '--from', 'v', '--weights', weights];
    const { code, err } = await fim(words);
    expect(code, err).toBe(0);
    expect(err).toMatch(
      /warning: .*weights\.npz: "W0" is read before "v", where the model’s own numbers stay/,
    );
  });
});

describe('fim inspect of a file with obstacles', () => {
  it('proposes the value that keeps most parameters, and says what it keeps', async () => {
    const file = writeModel(path('proposal.onnx'), QUANTISED);
    const { code, out } = await fim(['inspect', file, '--json']);
    expect(code).toBe(1);
    // Behind d all of W0 and the head is covered.
    expect((JSON.parse(out) as { worksNow: unknown }).worksNow).toEqual({
      from: 'd',
      parameters: 30 + 36,
      of: 30 + 36 + 1,
    });
    expect((await fim(['inspect', file])).out).toMatch(
      /^What works now: --from d keeps 66 of 67 parameters/m,
    );
    const { arrays } = await fisher(
      [file, writeNpz(path('p.npz'), { x: wave(9, 6) }), ...CATEGORICAL, '--from', 'd'],
      'proposal.npz',
    );
    expect([...arrays.keys()].sort()).toEqual(['fisher/W0', 'fisher/W1', 'fisher/W2', 'fisher/b1']);
  });

  it('looks further where the first cut is refused, and proposes none where none works', async () => {
    const twice = {
      ...QUANTISED,
      nodes: [
        ...FRONT,
        // A pair of examples in one row: nothing from here to r may be the start.
        node('Reshape', ['v', 'pairs'], 'p'),
        node('Reshape', ['p', 'rows'], 'r'),
        ...HEAD.map((one) => ({ ...one, inputs: one.inputs.map((i) => (i === 'v' ? 'r' : i)) })),
      ],
      inputs: [info('x', 'float32', [2, 6])],
      outputs: [info('h', 'float32', [2, 3])],
      weights: { ...QUANTISED.weights, pairs: i64(1, 10), rows: i64(2, 5) },
    };
    const { out } = await fim(['inspect', writeModel(path('twice.onnx'), twice), '--json']);
    expect((JSON.parse(out) as { worksNow?: { from: string } }).worksNow?.from).toMatch(/^[dr]$/);
    const last = {
      ...QUANTISED,
      nodes: [
        ...FRONT,
        ...HEAD.slice(0, 2),
        node('MatMul', ['s', 'W2'], 'g'),
        node('QuantizeLinear', ['g', 'scale', 'zero'], 'k'),
        node('DequantizeLinear', ['k', 'scale', 'zero'], 'h'),
      ],
    };
    const none = await fim(['inspect', writeModel(path('last.onnx'), last), '--json']);
    expect(JSON.parse(none.out)).not.toHaveProperty('worksNow');
  });
});

describe('what --from cannot take', () => {
  const run = (file: string, from: string, data: Readonly<Record<string, Tensor>> = { x: wave(5, 6) }) =>
    fim(['estimate', file, writeNpz(path('e.npz'), data), ...CATEGORICAL, '--from', from]);

  it('names near values where there is no such one, and the output is none', async () => {
    const file = writeModel(path('near.onnx'), {
      ...QUANTISED,
      nodes: [...QUANTISED.nodes, node('Neg', ['v'], 'value_1')],
    });
    expectComplaint(await run(file, 'valu_1'), { code: 2, says: ['near: "value_1"', '--from value_1'] });
    expectComplaint(await run(file, 'h'), { code: 2, says: ['is a value before the output'] });
    expectComplaint(await run(file, 'value_1'), { code: 2, says: ['is a value before the output'] });
  });

  it('refuses a value that is the same for all examples, or joins several', async () => {
    const parts = {
      ...QUANTISED,
      nodes: [
        node('Transpose', ['W0'], 't', { perm: ints(1, 0) }),
        node('Transpose', ['t'], 'u', { perm: ints(1, 0) }),
        ...FRONT.slice(0, 2),
        node('MatMul', ['d', 'u'], 'a'),
        node('Tanh', ['a'], 'v'),
        ...HEAD,
      ],
    };
    expectComplaint(await run(writeModel(path('same.onnx'), parts), 't'), {
      code: 3,
      says: ['has one axis that holds the examples', '[5, 6] of 2 examples and [5, 6] of 3'],
    });
  });

  it('refuses a front in which an example hangs on its batch', async () => {
    const parts = {
      ...QUANTISED,
      nodes: [
        node('ReduceMean', ['x'], 'mean', { axes: ints(0) }),
        node('Sub', ['x', 'mean'], 'c'),
        ...FRONT.map((one) => ({ ...one, inputs: one.inputs.map((i) => (i === 'x' ? 'c' : i)) })),
        ...HEAD,
      ],
    };
    expectComplaint(await run(writeModel(path('coupled.onnx'), parts), 'v'), {
      code: 3,
      says: [
        'does not depend on the other examples',
        /"v" of example 0 is .* in a batch and .* alone/,
        'model.eval()',
      ],
    });
  });

  it('says what ONNX Runtime says of a front that it does not load', async () => {
    const parts = {
      ...QUANTISED,
      nodes: [
        node('NoSuchOperator', ['x'], 'y'),
        ...FRONT.map((one) => ({ ...one, inputs: one.inputs.map((i) => (i === 'x' ? 'y' : i)) })),
        ...HEAD,
      ],
    };
    const file = writeModel(path('refused.onnx'), parts);
    expectComplaint(await run(file, 'v'), { code: 3, says: ['the part before "v"', 'NoSuchOperator'] });
  });
});
