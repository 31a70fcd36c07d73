import { describe, expect, it } from 'vitest';
import {
  bytesOf,
  f32,
  i64,
  info,
  int,
  ints,
  modelOf,
  type ModelParts,
  node,
} from '../../../test/onnx/builder.js';
import { bindings, worstError } from '../../../test/onnx/evaluate.js';
import { axis, drawn, keras, none, sklearn, torch } from '../../../test/onnx/exporters.js';
import { runOrt } from '../../../test/onnx/runtime.js';
import { complaintOf } from '../../../test/fixtures/data/index.js';
import { sigmoid } from '../../core/numeric.js';
import { evaluate } from '../../engine/oracle/evaluate.js';
import { nodesOf } from '../../graph/derive.js';
import { importDecoded } from '../../graph/onnx/index.js';
import { chooseOutput, looksLikeProbabilities, type OutputOptions } from './choose.js';

const EXAMPLES = 4;
const choose = (parts: ModelParts, options: OutputOptions) =>
  chooseOutput(importDecoded(modelOf(parts), { dtype: 'float64', file: 'net.onnx' }), options);

/** h of the chosen output on drawn examples. */
function natural(parts: ModelParts, options: OutputOptions) {
  const model = importDecoded(modelOf(parts), { dtype: 'float64' });
  const chosen = chooseOutput(model, options);
  const { name, shape } = parts.inputs[0];
  const x = drawn('x', [EXAMPLES, ...(shape!.slice(1) as number[])]);
  const [{ data, shape: got }] = evaluate([chosen.h], bindings(model, [chosen.h], { [name]: x }), EXAMPLES);
  return { ...chosen, data, shape: got, x };
}

const softmaxRows = (h: Float64Array, T: number): Float64Array => {
  const out = new Float64Array(h.length);
  for (let e = 0; e * T < h.length; e++) {
    const row = h.subarray(e * T, (e + 1) * T);
    const sum = row.reduce((s, v) => s + Math.exp(v), 0);
    row.forEach((v, t) => (out[e * T + t] = Math.exp(v) / sum));
  }
  return out;
};

describe('categorical', () => {
  const logits = natural(torch([]), { likelihood: 'categorical' });

  it('logits stay, a final Softmax goes', () => {
    expect(logits.removed).toEqual([]);
    for (const end of [
      [['Softmax', axis(1)]],
      [['Softmax', axis(-1)]],
      [
        ['Softmax', axis(1)],
        ['Identity', none],
      ],
      [
        ['Softmax', axis(1)],
        ['Cast', { to: int(11) }],
      ],
      [
        ['Softmax', axis(1)],
        ['Flatten', none],
      ],
    ] as const) {
      const r = natural(torch(end), { likelihood: 'categorical' });
      expect(r.removed).toEqual(['Softmax "/Softmax"']);
      expect(r.data).toEqual(logits.data);
      expect(r.name).toBe('h');
    }
  });

  it('a final LogSoftmax stays: the same distribution', () => {
    const r = natural(torch([['LogSoftmax', axis(1)]]), { likelihood: 'categorical' });
    expect(r.removed).toEqual([]);
    expect(worstError(r.data.map(Math.exp), softmaxRows(logits.data, 3))).toBeLessThanOrEqual(1e-15);
  });

  it('Log of Softmax is cut to the logits', () => {
    const r = natural(
      torch([
        ['Softmax', axis(1)],
        ['Log', none],
      ]),
      { likelihood: 'categorical' },
    );
    expect(r.removed).toEqual(['Log "/Log"', 'Softmax "/Softmax"']);
    expect(r.data).toEqual(logits.data);
  });

  it('any other end is refused, unless it is said to be natural', () => {
    for (const end of [
      [['Relu', none]],
      [['Sigmoid', none]],
      [['Tanh', none]],
      [['HardSigmoid', none]],
      [['Softplus', none]],
      [['Exp', none]],
      [
        ['Clip', none],
        ['Abs', none],
      ],
      [['Softmax', axis(0)]],
      [
        ['Softmax', axis(1)],
        ['Softmax', axis(1)],
      ],
      [
        ['LogSoftmax', axis(1)],
        ['Softmax', axis(1)],
        ['Sigmoid', none],
      ],
    ] as const) {
      const options = { likelihood: 'categorical' } as const;
      const op = end[end.length - 1][0];
      if (op === 'Softmax' && end.length === 1) {
        expect(complaintOf(() => choose(torch(end), options)).code).toBe('graph/examples-coupled');
        continue;
      }
      const e = complaintOf(() => choose(torch(end), options));
      expect([e.code, e.kind]).toEqual(['onnx/squashed-output', 'bad-input']);
      expect(e.message).toContain(`${op} "/${op}"`);
      const outputIs = op === 'Sigmoid' || op === 'Softmax' ? 'as-it-stands' : 'natural';
      expect(e.message).toContain(`\`outputIs: '${outputIs}'\``);
      expect(choose(torch(end), { ...options, outputIs }).removed).toEqual([]);
    }
  });

  it('bounds at the end are refused too', () => {
    const parts = torch([]);
    const clip = (bounds: Record<string, ReturnType<typeof f32>>): ModelParts => ({
      ...parts,
      outputs: ['c'],
      nodes: [...parts.nodes, node('Clip', ['h', 'lo', 'hi'], 'c')],
      weights: { ...parts.weights, ...bounds },
    });
    const bounds = { lo: f32([], [-1]), hi: f32([], [1]) };
    expect(complaintOf(() => choose(clip(bounds), { likelihood: 'categorical' })).message).toMatch(
      /Clip "\/Clip_c"/,
    );
  });

  it('one number an example is refused, several choices are positions', () => {
    const squeezed = { ...torch([], 1) };
    const flat: ModelParts = {
      ...squeezed,
      outputs: ['f'],
      nodes: [...squeezed.nodes, node('Squeeze', ['h', 'a'], 'f')],
      weights: { ...squeezed.weights, a: i64(1) },
    };
    expect(complaintOf(() => choose(flat, { likelihood: 'categorical' })).message).toMatch(
      /`likelihood: 'bernoulli'`/,
    );
    const tokens = torch([]);
    const rank3: ModelParts = {
      ...tokens,
      outputs: ['f'],
      nodes: [...tokens.nodes, node('Unsqueeze', ['h', 'a'], 'f')],
      weights: { ...tokens.weights, a: i64(1) },
    };
    expect(choose(rank3, { likelihood: 'categorical' }).notes).toEqual([
      'output [N, 1, 3] is one choice for each example: read as [N, 3]',
    ]);
    const two: ModelParts = {
      ...rank3,
      outputs: ['g'],
      nodes: [...rank3.nodes, node('Concat', ['f', 'f'], 'g', { axis: int(1) })],
    };
    const several = choose(two, { likelihood: 'categorical' });
    expect(several.positions).toEqual({ shape: [2], count: 2, channelsFirst: false, classesFirst: false });
    expect(several.notes).toEqual(['output [N, 2, 3] is a choice among 3 classes at each of 2 positions']);
    expect(choose(rank3, { likelihood: 'gaussian' }).notes).toEqual([
      'output [N, 1, 3] is read row by row as [N, 3]',
    ]);
    expect(choose(flat, { likelihood: 'bernoulli' }).h.shape).toEqual([{ batch: 1 }, 1]);
    expect(choose(flat, { likelihood: 'gaussian' }).h.shape).toEqual([{ batch: 1 }, 1]);
  });
});

describe('bernoulli', () => {
  const logits = natural(torch([]), { likelihood: 'bernoulli' });
  const ends = {
    Sigmoid: [['Sigmoid', none]],
    'Log of Sigmoid': [
      ['Sigmoid', none],
      ['Log', none],
    ],
    '−softplus(−z)': [
      ['Neg', none],
      ['Softplus', none],
      ['Neg', none],
    ],
    '1/(1 + e⁻ᶻ) by Reciprocal': null,
  } as const;

  for (const [name, end] of Object.entries(ends)) {
    it(`${name} is cut to the logits`, () => {
      const base = torch([]);
      const parts: ModelParts = end
        ? torch(end)
        : {
            ...base,
            outputs: ['p'],
            nodes: [
              ...base.nodes,
              node('Neg', ['h'], 'm'),
              node('Exp', ['m'], 'e'),
              node('Add', ['e', 'one'], 's'),
              node('Reciprocal', ['s'], 'p'),
            ],
            weights: { ...base.weights, one: f32([1], [1]) },
          };
      const r = natural(parts, { likelihood: 'bernoulli' });
      expect(r.data).toEqual(logits.data);
      expect(r.removed.length).toBeGreaterThan(0);
      expect(r.candidates.map((c) => c.name)).toEqual(['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias']);
    });
  }

  it('Softmax, a second Sigmoid and a Relu are refused', () => {
    for (const end of [
      [['Softmax', axis(1)]],
      [['LogSoftmax', axis(1)]],
      [
        ['Sigmoid', none],
        ['Sigmoid', none],
      ],
      [['Relu', none]],
    ] as const) {
      expect(complaintOf(() => choose(torch(end), { likelihood: 'bernoulli' })).code).toBe(
        'onnx/squashed-output',
      );
    }
    expect(
      complaintOf(() => choose(torch([['Softmax', axis(1)]]), { likelihood: 'bernoulli' })).message,
    ).toMatch(/`likelihood: 'categorical'`/);
  });
});

describe('gaussian', () => {
  it('the output is the mean; Tanh and Sigmoid are noted, Softmax and Relu refused', () => {
    expect(choose(torch([]), { likelihood: 'gaussian' }).notes).toEqual([]);
    expect(choose(torch([['Tanh', none]]), { likelihood: 'gaussian' }).notes).toEqual([
      'the output ends in Tanh "/Tanh": a mean between −1 and 1',
    ]);
    expect(choose(torch([['Sigmoid', none]]), { likelihood: 'gaussian' }).notes[0]).toMatch(
      /between 0 and 1/,
    );
    for (const op of ['Softmax', 'LogSoftmax', 'Relu', 'Softplus']) {
      expect(complaintOf(() => choose(torch([[op, none]]), { likelihood: 'gaussian' })).code).toBe(
        'onnx/squashed-output',
      );
    }
  });
});

describe('scikit-learn', () => {
  const classifier = { sizes: [4, 5, 3], activation: 'Tanh', last: 'Softmax' } as const;
  const want = natural(sklearn({ ...classifier, last: 'Identity', tail: 'labels and columns' }), {
    likelihood: 'categorical',
  });

  it('a classifier is cut to its logits, whatever its tail', () => {
    for (const [tail, removed] of [
      ['labels and columns', ['Softmax "last"']],
      ['labels and maps', ['ZipMap', 'Softmax']],
      ['labels alone', ['Cast', 'Reshape', 'ArrayFeatureExtractor', 'ArgMax', 'Softmax']],
    ] as const) {
      const r = natural(sklearn({ ...classifier, tail }), { likelihood: 'categorical' });
      expect(r.data).toEqual(want.data);
      expect(r.removed).toHaveLength(removed.length);
      removed.forEach((s, i) => expect(r.removed[i]).toContain(s));
      expect(r.candidates.map((c) => c.name)).toEqual([
        'coefficient',
        'intercepts',
        'coefficient1',
        'intercepts1',
      ]);
    }
  });

  it('the left-out labels are noted, and may be asked for by name', () => {
    const parts = sklearn({ ...classifier, tail: 'labels and columns' });
    expect(choose(parts, { likelihood: 'categorical' }).notes).toEqual([
      'output "output_label" (int64) is not a floating-point tensor and was left aside',
    ]);
    const r = natural(parts, { likelihood: 'categorical', outputName: 'output_label' });
    expect(r.data).toEqual(want.data);
  });

  it("a binary classifier's two columns are cut to z under bernoulli, and refused under categorical", () => {
    const binary = { sizes: [4, 5, 1], activation: 'Relu', last: 'Sigmoid', scaler: true } as const;
    for (const tail of ['labels and maps', 'labels and columns', 'labels alone'] as const) {
      const parts = sklearn({ ...binary, tail });
      const r = natural(parts, { likelihood: 'bernoulli' });
      expect(r.shape).toEqual([EXAMPLES, 1]);
      expect(r.removed.slice(-3)).toEqual(['Concat "Concat"', 'Sub "Sub"', 'Sigmoid "last"']);
      expect(complaintOf(() => choose(parts, { likelihood: 'categorical' })).message).toMatch(
        /`likelihood: 'bernoulli'`/,
      );
    }
  });

  it('z, its scaler and its two columns agree with ONNX Runtime', async () => {
    const parts = sklearn({
      sizes: [4, 5, 1],
      activation: 'Tanh',
      last: 'Sigmoid',
      scaler: true,
      tail: 'labels and columns',
    });
    const r = natural(parts, { likelihood: 'bernoulli' });
    const { probabilities } = await runOrt(bytesOf(parts), { X: r.x }, ['probabilities']);
    const p = Float64Array.from(r.data).map(sigmoid);
    expect(
      worstError(
        Float64Array.from({ length: 2 * p.length }, (_, i) => (i % 2 ? p[i >> 1] : 1 - p[i >> 1])),
        probabilities.data as Float32Array,
      ),
    ).toBeLessThanOrEqual(1e-6);
  });

  it('labels of several outputs, and a regressor', () => {
    const multi = natural(sklearn({ ...classifier, last: 'Sigmoid', tail: 'multilabel' }), {
      likelihood: 'bernoulli',
    });
    expect([multi.shape, multi.removed]).toEqual([[EXAMPLES, 3], ['Sigmoid "last"']]);
    expect(multi.data).toEqual(want.data);
    const one = natural(
      sklearn({ sizes: [4, 5, 1], activation: 'Relu', last: 'Identity', tail: 'regression', scaler: true }),
      { likelihood: 'gaussian' },
    );
    expect([one.shape, one.removed, one.notes]).toEqual([[EXAMPLES, 1], [], []]);
    // The converter writes a Reshape to [-1, 1] for several targets as well; rows are put together again.
    const two = natural(
      sklearn({ sizes: [4, 5, 3], activation: 'Tanh', last: 'Identity', tail: 'regression' }),
      { likelihood: 'gaussian' },
    );
    expect(two.shape).toEqual([EXAMPLES, 3]);
    expect(two.data).toEqual(want.data);
  });

  it('a Normalizer behind a Softmax changes nothing', () => {
    const base = sklearn({ ...classifier, tail: 'labels and columns' });
    const parts: ModelParts = {
      ...base,
      outputs: ['normed'],
      nodes: [
        ...base.nodes,
        node('ml.Normalizer', ['probabilities'], 'normed', { norm: { type: 'string', value: 'L1' } }),
      ],
    };
    expect(natural(parts, { likelihood: 'categorical' }).data).toEqual(want.data);
    const max: ModelParts = {
      ...base,
      outputs: ['normed'],
      nodes: [
        ...base.nodes,
        node('ml.Normalizer', ['probabilities'], 'normed', { norm: { type: 'string', value: 'MAX' } }),
      ],
    };
    expect(complaintOf(() => choose(max, { likelihood: 'categorical' })).message).toMatch(
      /Normalizer of ai.onnx.ml/,
    );
  });
});

describe('Keras', () => {
  it('a Dense layer on positions between reshapes, with a Softmax at the end', async () => {
    const parts = keras(3, 4, 5, 2);
    const r = natural(parts, { likelihood: 'categorical' });
    expect(r.removed).toEqual(['Softmax "StatefulPartitionedCall/model/dense_1/Softmax"']);
    expect(r.candidates.map((c) => c.name)).toEqual([
      'model/dense/kernel',
      'model/dense/bias',
      'model/dense_1/kernel',
      'model/dense_1/bias',
    ]);
    const { dense_1 } = await runOrt(bytesOf(parts), { input_1: r.x });
    expect(worstError(softmaxRows(r.data, 2), dense_1.data as Float32Array)).toBeLessThanOrEqual(1e-6);
  });
});

describe('which output', () => {
  const two: ModelParts = {
    inputs: [info('x', 'float32', ['n', 3])],
    outputs: ['a', 'b', info('c', 'int64', null)],
    nodes: [
      node('MatMul', ['x', 'w'], 'a'),
      node('Tanh', ['a'], 't'),
      node('MatMul', ['t', 'w'], 'b'),
      node('Cast', ['a'], 'c', { to: int(7) }),
    ],
    weights: { w: f32([3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]) },
  };

  it('must be said where several are floating point', () => {
    const e = complaintOf(() => choose(two, { likelihood: 'gaussian' }));
    expect([e.code, e.kind]).toEqual(['onnx/several-outputs', 'usage']);
    expect(e.message).toContain('"a" (float32), "b" (float32), "c" (int64)');
    expect(choose(two, { likelihood: 'gaussian', outputName: 'b' }).name).toBe('b');
  });

  it('may be an inner value, but must exist, be floating point and depend on the examples', () => {
    const inner = choose(two, { likelihood: 'gaussian', outputName: 't', outputIs: 'natural' });
    expect(nodesOf([inner.h]).map((n) => n.op)).toEqual(['MatMul', 'Tanh']);
    expect(complaintOf(() => choose(two, { likelihood: 'gaussian', outputName: 'nothing' })).code).toBe(
      'onnx/no-output',
    );
    expect(complaintOf(() => choose(two, { likelihood: 'gaussian', outputName: 'c' })).code).toBe(
      'onnx/output-shape',
    );
    const fixed: ModelParts = {
      ...two,
      outputs: ['k'],
      nodes: [node('Transpose', ['w'], 'k', { perm: ints(1, 0) })],
    };
    expect(complaintOf(() => choose(fixed, { likelihood: 'gaussian' })).message).toMatch(
      /depend on the examples/,
    );
    const turned: ModelParts = { ...two, outputs: ['k'], nodes: [node('Transpose', ['x'], 'k')] };
    expect(complaintOf(() => choose(turned, { likelihood: 'gaussian' })).message).toMatch(/first axis/);
    const whole: ModelParts = { ...two, outputs: [info('c', 'int64', null)] };
    expect(complaintOf(() => choose(whole, { likelihood: 'gaussian' })).code).toBe('onnx/no-output');
  });

  it('a weight with equal entries that is used twice is warned of', () => {
    const parts: ModelParts = {
      inputs: [info('x', 'float32', ['n', 2])],
      outputs: ['h'],
      nodes: [node('Add', ['x', 'b'], 'a'), node('Tanh', ['a'], 't'), node('Add', ['t', 'b'], 'h')],
      weights: { b: f32([2], [0, 0]) },
    };
    expect(choose(parts, { likelihood: 'gaussian' }).warnings).toEqual([
      '"b" is used more than once and all its entries are 0: the exporter may have merged separate parameters',
    ]);
    const learned = { ...parts, weights: { b: f32([2], [0, 1]) } };
    expect(choose(learned, { likelihood: 'gaussian' }).warnings).toEqual([]);
  });
});

describe('looksLikeProbabilities', () => {
  it('tells probabilities in float32 from logits', () => {
    const p = Float32Array.from(softmaxRows(Float64Array.from([3, -1, 0.5, 2, 9, -4]), 3));
    expect(looksLikeProbabilities(p, 2, 3)).toBe(true);
    expect(looksLikeProbabilities([0.2, 0.3, 0.4], 1, 3)).toBe(false);
    expect(looksLikeProbabilities([-0.1, 0.6, 0.5], 1, 3)).toBe(false);
    expect(looksLikeProbabilities([0.5, 0.5, 0.9, 0.2], 2, 2)).toBe(false);
    expect(looksLikeProbabilities([NaN, 1], 1, 2)).toBe(false);
    expect(looksLikeProbabilities([1], 1, 1)).toBe(false);
    expect(looksLikeProbabilities([], 0, 3)).toBe(false);
  });
});
