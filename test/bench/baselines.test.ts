import { describe, expect, it } from 'vitest';
import { byHand, type ByHand } from '../../bench/baselines/by-hand.js';
import { hessianVectorTypeTwo } from '../../bench/baselines/hessian-vector.js';
import { perExampleTypeOne } from '../../bench/baselines/per-example.js';
import { preActivationTypeTwo } from '../../bench/baselines/pre-activation.js';
import { type Setting, typeOne, typeTwo, type Way } from '../../bench/tools/closed-forms.js';
import { difference } from '../../bench/tools/measure.js';
import { Sequence, UniformStream } from '../../src/core/random.js';
import { type FloatArray, type FloatType, tensor } from '../../src/core/tensor.js';
import { createOrtEngine, createSmallEngine, type Engine } from '../../src/engine/index.js';
import { estimateDiagonal } from '../../src/fisher/index.js';
import { getLikelihood } from '../../src/likelihood/registry.js';
import { denseNetwork } from '../../src/model/index.js';

/** What a slow way may differ by from a fast one, of the tensor's largest entry. */
const TOLERANCE = { float32: 1e-4, float64: 1e-11 };

const likelihood = getLikelihood('categorical');

function draws(dtype: FloatType, n: number, width: number): FloatArray {
  const s = new Sequence(3, 'bench/baselines');
  return tensor(
    dtype,
    [n, width],
    Array.from({ length: n * width }, () => s.normal()),
  ).data;
}

/** Three hidden layers, so that second derivatives cross more than one layer. */
function small(engine: Engine, dtype: FloatType): Setting {
  const network = denseNetwork({ widths: [6, 7, 5, 4, 3], activation: 'tanh', seed: 2, dtype });
  return { engine, network, likelihood, x: draws(dtype, 8, 6), n: 8 };
}

async function expectSame(slow: Way, fast: Way, tolerance: number): Promise<void> {
  const [got, want] = [await slow.run(), await fast.run()];
  expect([...got.keys()].sort()).toEqual([...want.keys()].sort());
  for (const [name, values] of want)
    expect(difference(got.get(name) as FloatArray, values)).toBeLessThanOrEqual(tolerance);
}

describe.each([
  { engine: createSmallEngine(), dtype: 'float64' },
  { engine: await createOrtEngine(), dtype: 'float64' },
  { engine: await createOrtEngine(), dtype: 'float32' },
] as const)('the slow ways of the benches on $engine.name, $dtype', ({ engine, dtype }) => {
  const setting = small(engine, dtype);
  const tolerance = TOLERANCE[dtype];

  it('type 1: per-example gradients', async () => {
    await expectSame(await perExampleTypeOne(setting), await typeOne(setting), tolerance);
  });

  it('type 2: pre-activation Hessians', async () => {
    await expectSame(await preActivationTypeTwo(setting), await typeTwo(setting), tolerance);
  });

  it('type 2: a Hessian–vector product for every parameter and output', async () => {
    const slow = await hessianVectorTypeTwo(setting);
    const want = await (await typeTwo(setting)).run();
    expect([...slow.curved].sort()).toEqual([...want.keys()].sort());
    for (const [parameter, values] of want) {
      const got = await slow.run(Array.from(values, (_, index) => ({ parameter, index })));
      expect(difference(got, values)).toBeLessThanOrEqual(tolerance);
    }
  });
});

describe('the diagonal written by hand', () => {
  const n = 12;
  const network = denseNetwork({ widths: [784, 128, 128, 10], activation: 'relu', seed: 4 });
  const x = tensor('float32', [n, 784], Array.from(draws('float32', n, 784)));
  const source = () => [
    {
      n,
      indices: Uint32Array.from({ length: n }, (_, i) => i),
      occurrence: new Uint32Array(n),
      inputs: new Map([['x', x]]),
    },
  ];

  it.each([
    ['both', 'exact'],
    ['label', 'type1'],
    ['signs', 'rademacher'],
  ] as const)('%s: the %s estimate', async (kind: ByHand, estimator) => {
    const stream = new UniformStream(5, `${estimator}/estimate`);
    const signs = new Float64Array(n * 10);
    for (let i = 0; i < n; i++) stream.fill(signs, i * 10, 10, i, 0, 0);
    const random =
      kind === 'label'
        ? Float32Array.from({ length: n }, (_, i) => stream.at(i, 0, 0, 0))
        : Float32Array.from(signs, (u) => (u > 0.5 ? 1 : -1));
    const hand = await (await byHand(kind, network, x.data, n, random)).run();
    // The sheet draws its signs by class.
    const options = {
      estimator,
      root: 'class',
      labels: 1,
      seed: 5,
      batch: n,
      populationSize: n,
    } as const;
    const estimate = await estimateDiagonal(createSmallEngine(), network, likelihood, source, options);
    for (const t of estimate.tensors) {
      const sums = hand[`f/${t.name}`].data as Float32Array;
      expect(
        difference(
          t.fisher,
          Float64Array.from(sums, (s) => s / n),
        ),
      ).toBeLessThanOrEqual(1e-5);
    }
  });
});
