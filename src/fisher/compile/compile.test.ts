import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deviation, expectClose } from '../../../test/fisher/close.js';
import { sourceOf } from '../../../test/fisher/examples.js';
import { arrayOf, fixture, type FixtureName } from '../../../test/fisher/fixtures.js';
import { runOrt } from '../../../test/onnx/runtime.js';
import { Sequence } from '../../core/random.js';
import { castTensor, type FloatType, type Tensor, tensor, toFloat64 } from '../../core/tensor.js';
import { createSmallEngine } from '../../engine/small/index.js';
import { importModel } from '../../graph/index.js';
import { getLikelihood, type Labels, type Likelihood } from '../../likelihood/index.js';
import { denseNetwork } from '../../model/dense.js';
import { loadNetwork } from '../../model/load.js';
import { atPrecision, type Network, withWeights } from '../../model/network.js';
import { estimateDiagonal } from '../index.js';
import { compileFisher, type CompileOptions } from './compile.js';
import { readCompiled } from './metadata.js';

const EXAMPLES = 64;

interface Case {
  readonly network: Network;
  readonly likelihood: Likelihood;
  readonly x: Tensor;
  readonly targets: Labels | null;
}

const rows = (t: Tensor, from: number, to: number): Tensor => {
  const size = t.data.length / t.shape[0];
  return tensor(
    t.dtype,
    [to - from, ...t.shape.slice(1)],
    t.data.slice(from * size, to * size) as Float64Array,
  );
};

function drawn(dtype: FloatType, shape: readonly number[]): Tensor {
  const draw = new Sequence(4, 'compile');
  const size = shape.reduce((p, d) => p * d, 1);
  return tensor(
    dtype,
    shape,
    Array.from({ length: size }, () => draw.normal()),
  );
}

const stored =
  (name: FixtureName, variance = 1) =>
  (dtype: FloatType): Case => {
    const { network, likelihood, x, targets } = fixture(name, dtype, variance);
    const { width, count, data } = targets;
    const own = { width, count, data: data.slice(0, EXAMPLES * width) };
    return { network, likelihood, x: rows(x, 0, EXAMPLES), targets: own };
  };

/** Self-attention of two heads over five tokens, as PyTorch writes it. */
function attention(dtype: FloatType): Case {
  const file = new URL('../../../test/fixtures/fisher-cases/mha-h2-bf1-fold0/model.onnx', import.meta.url);
  const { network, likelihood } = loadNetwork(new Uint8Array(readFileSync(file)), {
    dtype,
    likelihood: 'categorical',
  });
  return { network, likelihood, x: drawn(dtype, [EXAMPLES, 5, 4]), targets: null };
}

const dense =
  (likelihood: Likelihood, outputs: number) =>
  (dtype: FloatType): Case => ({
    network: denseNetwork({ widths: [6, 9, outputs], dtype }),
    likelihood,
    x: drawn(dtype, [EXAMPLES, 6]),
    targets: null,
  });

const CASES: Readonly<Record<string, (dtype: FloatType) => Case>> = {
  'a dense network': stored('digits-mlp-tanh'),
  'several Bernoulli outputs': stored('digits-multilabel'),
  'Gaussians of three variances': dense(getLikelihood('gaussian', { variance: [1, 4, 0.25] }), 3),
  convolutions: stored('digits-lenet'),
  attention,
  'means and scales': dense(getLikelihood('gaussian-mv', {}, 'softplus'), 4),
  counts: dense(getLikelihood('poisson'), 3),
};

/** Sums over the examples of the estimator, by parameter, with the data errors. */
async function estimated({ network, likelihood, x, targets }: Case, empirical = false) {
  const options = {
    estimator: empirical ? ('empirical' as const) : ('exact' as const),
    populationSize: EXAMPLES,
    batch: 48,
    ...(empirical && targets ? { targets } : {}),
  };
  return estimateDiagonal(createSmallEngine(), network, likelihood, sourceOf(x), options);
}

const run = ({ network, likelihood, x }: Case, options: CompileOptions, more: Record<string, Tensor> = {}) =>
  runOrt(
    compileFisher(network, likelihood, options),
    { ...Object.fromEntries([...network.inputs.keys()].map((name) => [name, x])), ...more },
    undefined,
    network.h.dtype === 'float64' ? 'basic' : 'all',
  );

const times = (values: ArrayLike<number>, factor: number): Float64Array =>
  Float64Array.from(values, (v) => v * factor);

describe.each(Object.entries(CASES))('the diagonal of %s', (_, make) => {
  it.each([
    ['float32', 1e-5],
    ['float64', 1e-12],
  ] as const)('has the sums of the estimator, in %s', async (dtype, tolerance) => {
    const made = make(dtype);
    const out = await run(made, {});
    // What is held against is float64 of the same weights and inputs, so that nothing is forgiven twice.
    const truth = {
      ...made,
      network: atPrecision(made.network, 'float64'),
      x: castTensor(made.x, 'float64'),
    };
    const { tensors, trace } = await estimated(truth);
    for (const { name, fisher, dataError } of tensors) {
      const sum = toFloat64(out[`sum/${name}`]);
      expect(out[`sum/${name}`].shape).toEqual(made.network.parameters.get(name)?.shape);
      expectClose(sum, times(fisher, EXAMPLES), tolerance, name);
      // Var of a mean: (Σf² − (Σf)²/n)/(n(n − 1)).
      const squares = toFloat64(out[`sum_squares/${name}`]);
      const n = EXAMPLES;
      const wanted = (dataError as Float64Array).map(
        (e, i) => e * e * n * (n - 1) + (fisher[i] * n) ** 2 / n,
      );
      expectClose(squares, wanted, tolerance, `squares of ${name}`);
    }
    const own = toFloat64(out.trace);
    expect(own.length).toBe(EXAMPLES);
    const total = own.reduce((s, t) => s + t, 0);
    expect(Math.abs(total / EXAMPLES / trace.value - 1)).toBeLessThanOrEqual(tolerance);
    expect([...out.examples.data]).toEqual([EXAMPLES]);
  });
});

describe('a compiled graph', () => {
  it('takes batches of any size, whose sums add up', async () => {
    const made = stored('digits-lenet')('float64');
    const [all, first, second] = await Promise.all(
      [
        [0, EXAMPLES],
        [0, 1],
        [1, EXAMPLES],
      ].map(([from, to]) => run({ ...made, x: rows(made.x, from, to) }, {})),
    );
    for (const name of Object.keys(all).filter((key) => key.startsWith('sum'))) {
      const [a, b] = [first, second].map((part) => toFloat64(part[name]));
      expectClose(
        a.map((v, i) => v + b[i]),
        toFloat64(all[name]),
        1e-12,
        name,
      );
    }
  });

  it.each([
    ['digits-mlp-tanh', 'float64', 1e-12],
    ['digits-multilabel', 'float64', 1e-12],
    ['diabetes-regression', 'float32', 1e-5],
  ] as const)('has the empirical Fisher of %s from labels', async (name, dtype, tolerance) => {
    const made = stored(name, 2)(dtype);
    const truth = stored(name, 2)('float64');
    const { data, width } = made.targets as Labels;
    const classes = made.likelihood.name === 'categorical';
    const targets = classes
      ? tensor('int64', [EXAMPLES], [...data])
      : tensor(dtype, [EXAMPLES, width], [...data]);
    const out = await run(made, { estimator: 'empirical' }, { targets });
    for (const { name: p, fisher } of (await estimated(truth, true)).tensors)
      expectClose(toFloat64(out[`sum/${p}`]), times(fisher, EXAMPLES), tolerance, p);
  });

  it('has random signs whose mean over all of them is the exact Fisher', async () => {
    const made = dense(getLikelihood('categorical'), 3)('float64');
    const exact = await run(made, {});
    // Every combination of three signs, once each.
    const signs = Array.from({ length: 8 }, (_, i) =>
      [0, 1, 2].map((k) => ((i >> k) & 1 ? 0.9 : 0.1)),
    ).flat();
    const uniforms = tensor(
      'float64',
      [EXAMPLES, 8, 3],
      Array.from({ length: EXAMPLES }, () => signs).flat(),
    );
    const out = await run(made, { estimator: 'rademacher', labels: 8 }, { uniforms });
    for (const p of made.network.parameters.keys())
      expectClose(toFloat64(out[`sum/${p}`]), toFloat64(exact[`sum/${p}`]), 1e-12, p);
  });

  it.each(['digits-mlp-tanh', 'digits-lenet'] as const)('has the scores of %s', async (name) => {
    const made = stored(name)('float64');
    const few = { ...made, x: rows(made.x, 0, 5) };
    const [scores, diagonal] = await Promise.all([run(few, { statistic: 'scores' }), run(few, {})]);
    for (const [p, { shape }] of made.network.parameters) {
      const s = scores[`scores/${p}`];
      expect(s.shape).toEqual([5, 10, ...shape]);
      const sum = new Float64Array((s.data.length / 50) | 0);
      toFloat64(s).forEach((v, i) => (sum[i % sum.length] += v * v));
      expectClose(sum, toFloat64(diagonal[`sum/${p}`]), 1e-12, p);
    }
  });

  it('has one score for each label', async () => {
    const made = stored('digits-multilabel')('float64');
    const targets = tensor('float64', [EXAMPLES, 5], [...(made.targets as Labels).data]);
    const options = { estimator: 'empirical' } as const;
    const scores = await run(made, { ...options, statistic: 'scores' }, { targets });
    const diagonal = await run(made, options, { targets });
    for (const [p, { shape }] of made.network.parameters) {
      expect(scores[`scores/${p}`].shape).toEqual([EXAMPLES, ...shape]);
      const s = toFloat64(scores[`scores/${p}`]);
      const sum = new Float64Array(s.length / EXAMPLES);
      s.forEach((v, i) => (sum[i % sum.length] += v * v));
      expectClose(sum, toFloat64(diagonal[`sum/${p}`]), 1e-12, p);
    }
  });

  it.each([
    ['digits-lenet', 'kfac_expand', ['conv1', 'conv2'], 'expand'],
    ['digits-lenet', 'kfac_reduce', ['conv1', 'conv2'], 'reduce'],
    ['digits-multilabel', 'kfac', ['fc1', 'fc2'], 'expand'],
  ] as const)('has the Kronecker factors that PyTorch gives %s, %s', async (name, key, layers, sharing) => {
    const { network, likelihood, x, n } = fixture(name, 'float64');
    const out = await run({ network, likelihood, x, targets: null }, { statistic: 'factors', sharing });
    for (const layer of layers) {
      const A = arrayOf(name, `${key}/${layer}/A_homogeneous`);
      const G = arrayOf(name, `${key}/${layer}/G`);
      expect(deviation(toFloat64(out[`kfac/${layer}.weight/A`]), times(A, n))).toBeLessThan(1e-9);
      expect(deviation(toFloat64(out[`kfac/${layer}.weight/G`]), times(G, n))).toBeLessThan(1e-9);
      expect(out[`sum/${layer}.bias`]).toBeUndefined();
    }
  });

  it('holds weights that can be exchanged, and says what it is', () => {
    const { network, likelihood } = stored('diabetes-regression', 3)('float32');
    const bytes = compileFisher(network, likelihood, { version: '1.2.3', source: 'abc' });
    const model = importModel(bytes);
    expect(model.opset).toBe(17);
    const said = readCompiled(model.metadata);
    expect(said).toMatchObject({
      fim: '1.2.3',
      source: 'abc',
      statistic: 'diagonal',
      estimator: 'exact',
      likelihood: 'gaussian',
      options: { variance: 3 },
      scale: 'sum over examples, sum over outputs',
      batch: { axis: 0, name: 'n' },
      inputs: [{ name: 'x', dtype: 'float32', shape: ['n', 10], role: 'data' }],
    });
    expect(said?.parameters.map(({ name }) => name)).toEqual([...network.parameters.keys()]);
    expect(readCompiled({})).toBeNull();
    expect(readCompiled({ 'fim.fisher': '{' })).toBeNull();
  });
});

describe('what is asked for', () => {
  const network = denseNetwork({ widths: [3, 2] });
  const likelihood = getLikelihood('categorical');
  const code = (options: object, net = network, family: Likelihood = likelihood): unknown => {
    try {
      compileFisher(net, family, options);
    } catch (error) {
      return (error as { code?: string }).code;
    }
    return null;
  };

  it('is refused by name where it is not offered', () => {
    expect(code({ statistic: 'hessian' })).toBe('compile/statistic');
    expect(code({ estimator: 'type1' })).toBe('compile/estimator');
    expect(code({ estimator: 'type2' })).toBe('compile/estimator');
    expect(code({ labels: 3 })).toBe('compile/draws');
    expect(code({ estimator: 'rademacher', labels: 0 })).toBe('compile/draws');
    expect(code({ opset: 9 })).toBe('onnx/opset');
    const custom = Object.create(likelihood, { inGraph: { value: undefined } }) as Likelihood;
    expect(code({}, network, custom)).toBe('compile/likelihood');
  });

  it('is refused in doubles that ONNX Runtime cannot compute', () => {
    const { network: gelu, likelihood: family } = stored('diabetes-regression')('float64');
    expect(code({}, gelu, family)).toBe('compile/double');
  });

  it('is refused with weights that are no numbers', () => {
    const [name, t] = [...network.weights][0];
    const broken = tensor(t.dtype, t.shape, [...(t.data as Float32Array)].fill(NaN, 0, 1));
    expect(code({}, withWeights(network, new Map([[name, broken]])))).toBe('compile/not-finite');
  });

  it('keeps the names of weights and inputs that are called as outputs are', async () => {
    const odd = {
      ...network,
      inputs: new Map([...network.inputs].map(([, v]) => ['trace', v])),
      parameters: new Map([...network.parameters].map(([name, v], i) => [i === 0 ? 'h' : name, v])),
      weights: new Map([...network.weights].map(([name, v], i) => [i === 0 ? 'h' : name, v])),
    };
    const out = await runOrt(compileFisher(odd, likelihood), { trace: drawn('float32', [2, 3]) });
    expect(Object.keys(out)).toEqual(expect.arrayContaining(['h_', 'trace_', 'sum/h']));
  });
});
