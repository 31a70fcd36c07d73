import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../test/fisher/examples.js';
import { expectedFigure } from '../../test/fisher/figures.js';
import { type DrawMoments, figureLaw, jacobianAt } from '../../test/fisher/laws.js';
import { firstRows, model, MODEL_NAMES, modelOf } from '../../test/fisher/networks.js';
import { Sequence } from '../core/random.js';
import { sizeOf } from '../core/tensor.js';
import { createSmallEngine } from '../engine/small/index.js';
import { N, ops as b } from '../graph/index.js';
import { getLikelihood } from '../likelihood/index.js';
import type { Network } from '../model/network.js';
import { estimateByLayer } from './auto.js';
import { type DiagonalEstimate, type DiagonalOptions, estimateDiagonal } from './index.js';
import type { EntryWeights } from './entry-weights.js';
import { widestSite } from './memory.js';

const engine = createSmallEngine();

/** Weights of both signs for every entry but those of `without`. */
function weightsFor(
  network: Network,
  name: string,
  without: string[] = [],
  map = (w: number) => w,
): EntryWeights {
  const rng = new Sequence(5, name);
  return {
    name,
    weights: new Map(
      [...network.parameters]
        .filter(([p]) => !without.includes(p))
        .map(([p, v]) => [
          p,
          Float64Array.from({ length: sizeOf(v.shape as number[]) }, () => map(rng.normal())),
        ]),
    ),
  };
}

/** All weights in the order of the entries, 0 where none are given. */
const flat = (network: Network, { weights }: EntryWeights): number[] =>
  [...network.parameters].flatMap(([p, v]) =>
    Array.from(weights.get(p) ?? new Float64Array(sizeOf(v.shape as number[]))),
  );

const dot = (w: readonly number[], s: ArrayLike<number>): number =>
  w.reduce((sum, v, i) => sum + v * s[i], 0);

function close(got: number | null | undefined, want: number, scale: number, what: string): void {
  expect(Math.abs((got ?? NaN) - want), `${what}: ${String(got)} for ${want}`).toBeLessThan(1e-9 * scale);
}

const K = 2;

describe.each(MODEL_NAMES)('%s: totals with weights of the entries', (name) => {
  const { network, likelihood, x } = firstRows(modelOf(name), 6);
  const n = x.shape[0];
  const [first] = network.parameters.keys();
  const functionals = [
    weightsFor(network, 'both'),
    weightsFor(network, 'some', [first]),
    weightsFor(network, 'positive', [], Math.abs),
  ];
  const quadratics = [weightsFor(network, 'w'), weightsFor(network, 'part', [first])];
  const width = widestSite(network);
  const run = (options: Partial<DiagonalOptions>): Promise<DiagonalEstimate> =>
    estimateDiagonal(engine, network, likelihood, sourceOf(x), {
      estimator: 'exact',
      labels: K,
      populationSize: n,
      batch: 4,
      functionals,
      quadratics,
      ...options,
    });
  const laws = {
    labels: figureLaw(network, likelihood, x, 'labels'),
    signs: figureLaw(network, likelihood, x, 'signs'),
    deflated: figureLaw(network, likelihood, x, 'signs', 1),
  };
  const memory: [string, { budget?: number }][] = [
    ['whole', {}],
    ['two columns of four examples', { budget: width * 8 }],
    ['least memory', { budget: 1 }],
  ];

  /** Every figure asked for with its law. */
  function* withLaws(e: DiagonalEstimate, law: (typeof laws)['labels']) {
    for (const [i, f] of functionals.entries()) {
      const w = flat(network, f);
      yield [e.functionals![i], law.momentsOf(({ squares }) => dot(w, squares)), f.name] as const;
    }
    for (const [i, q] of quadratics.entries()) {
      const w = flat(network, q);
      const moments = law.momentsOf(({ scores }) => scores.reduce((sum, s) => sum + dot(w, s) ** 2, 0));
      yield [e.quadratics![i], moments, q.name] as const;
    }
  }

  const errors = (m: DrawMoments[], draws: number) => {
    const { value, label, data } = expectedFigure(m, draws);
    return { value, label: Math.sqrt(label), data: Math.sqrt(data) };
  };

  it.each(memory)('exact, %s', async (_, limit) => {
    for (const [figure, moments, what] of withLaws(await run(limit), laws.labels)) {
      const { value, data } = errors(moments, 0);
      expect(figure.name).toBe(what);
      close(figure.value, value, Math.abs(value) + data, `${what} value`);
      close(figure.dataError, data, Math.abs(value) + data, `${what} data`);
      close(figure.standardError, data, Math.abs(value) + data, `${what} total`);
      expect(figure.labelError).toBe(0);
    }
  });

  it.each(
    memory.flatMap(([m, limit]) =>
      (
        [
          ['type1', 0, 'labels'],
          ['rademacher', 0, 'signs'],
          ['rademacher', 1, 'deflated'],
        ] as const
      ).map(([estimator, exactPairs, law]) => [estimator, exactPairs, m, law, limit] as const),
    ),
  )('%s in closed form, %d exact pairs, %s', async (estimator, exactPairs, _, law, limit) => {
    const drawn = await run({ estimator, exactPairs, ...limit });
    for (const [figure, moments, what] of withLaws(drawn, laws[law])) {
      const { value, label, data } = errors(moments, K);
      const scale = Math.abs(value) + data + label;
      close(figure.labelError, label, scale, `${what} label`);
      close(figure.dataError, data, scale, `${what} data`);
      close(figure.standardError, Math.hypot(label, data), scale, `${what} total`);
    }
  });

  it('sums of the entries, for every estimator and source of errors', async () => {
    const asked: Partial<DiagonalOptions>[] = [
      { estimator: 'type1' },
      { estimator: 'type1', error: 'sampled' },
      { estimator: 'rademacher', error: 'sampled', exactPairs: 1 },
      { estimator: 'type2', quadratics: [] },
      { estimator: 'mix', quadratics: [] },
      { estimator: 'mix', quadratics: [], error: 'sampled' },
    ];
    for (const options of asked) {
      for (const budget of [undefined, 1]) {
        const e = await run({ ...options, ...(budget ? { budget } : {}) });
        const entries = e.tensors.flatMap((t) => [...t.fisher]);
        for (const [i, f] of functionals.entries())
          close(
            e.functionals![i].value,
            dot(flat(network, f), entries),
            e.trace.value,
            options.estimator as string,
          );
      }
    }
  });

  it.each(['exact', 'type1', 'rademacher', 'type2', 'mix'] as const)(
    '%s: weights 1 of a tensor, a layer and all give their traces, whichever errors',
    async (estimator) => {
      const one = (names: readonly string[], label: string): EntryWeights => ({
        name: label,
        weights: new Map(
          names.map((p) => [
            p,
            new Float64Array(sizeOf(network.parameters.get(p)!.shape as number[])).fill(1),
          ]),
        ),
      });
      for (const error of ['closed-form', 'sampled'] as const) {
        const plain = await run({ estimator, error, functionals: [], quadratics: [] });
        const traces = [
          [plain.trace, [...network.parameters.keys()]] as const,
          ...plain.layers.map((l) => [l.trace, l.parameters] as const),
          ...plain.tensors.map((t) => [t.trace, [t.name]] as const),
        ];
        const e = await run({
          estimator,
          error,
          quadratics: [],
          functionals: traces.map(([, names], i) => one(names, `${i}`)),
        });
        expect(plain.functionals).toBeUndefined();
        for (const [i, [trace]] of traces.entries()) {
          const figure = e.functionals![i];
          const scale = plain.trace.value;
          close(figure.value, trace.value, scale, 'value');
          close(figure.labelError, trace.labelError as number, scale, 'label');
          close(figure.dataError, trace.dataError as number, scale, 'data');
          close(figure.interval![0], trace.interval![0], scale, 'interval');
          close(figure.interval![1], trace.interval![1], scale, 'interval');
        }
      }
    },
  );

  it('by layers: the value of the sum, and a part’s own errors', async () => {
    const layer = (await run({ functionals: [], quadratics: [] })).layers;
    const kinds = ['exact', 'rademacher', 'type1'] as const;
    const choices = layer.map((l, i) => ({ ...l, estimator: kinds[i % 3], reason: '' }));
    const e = await estimateByLayer(engine, network, likelihood, sourceOf(x), choices, {
      populationSize: n,
      functionals: [
        ...functionals,
        { name: 'ones', weights: new Map(e0(network, [...network.parameters.keys()])) },
      ],
    });
    const entries = e.tensors.flatMap((t) => [...t.fisher]);
    for (const [i, f] of functionals.entries())
      close(e.functionals![i].value, dot(flat(network, f), entries), e.trace.value, f.name);
    close(e.functionals![3].standardError, e.trace.standardError as number, e.trace.value, 'total');
  });
});

const e0 = (network: Network, names: readonly string[]) =>
  names.map(
    (p) => [p, new Float64Array(sizeOf(network.parameters.get(p)!.shape as number[])).fill(1)] as const,
  );

describe('more columns than Gram matrices are formed of', () => {
  const T = 27;
  const wide = model(
    'wide',
    getLikelihood('gaussian', { variance: 0.5 }),
    [N, 3],
    { W: [4, 3], V: [4, T], c: [T] },
    (x, p) => b.add(b.matmul(b.tanh(b.matmul(x, b.transpose(p.W, [1, 0]))), p.V), p.c),
  );
  const { network, likelihood, x } = firstRows(wide, 4);
  const functionals = [weightsFor(network, 'f')];
  const quadratics = [weightsFor(network, 'q')];
  const [w, q] = [flat(network, functionals[0]), flat(network, quadratics[0])];

  /** Variances over the draws of Σ_i w_i s_i² and (s·q)², from M = J diag(w) Jᵀ and J q qᵀ Jᵀ, δ of variance 1/0.5. */
  const variances = (diagonal: number) => {
    let [linear, square] = [0, 0];
    for (let e = 0; e < 4; e++) {
      const { J } = jacobianAt(network, x, e);
      const r = J.map((row) => dot(q, row));
      for (let j = 0; j < T; j++)
        for (let k = 0; k < T; k++) {
          const factor = j === k ? diagonal : 2;
          linear += factor * (J[j].reduce((s, v, i) => s + w[i] * v * J[k][i], 0) * 2) ** 2;
          square += factor * (r[j] * r[k] * 2) ** 2;
        }
    }
    return { linear: Math.sqrt(linear / 2) / 4, square: Math.sqrt(square / 2) / 4 };
  };

  it.each([
    ['type1', 2],
    ['rademacher', 0],
  ] as const)('%s, all columns at once and few', async (estimator, diagonal) => {
    const want = variances(diagonal);
    for (const budget of [undefined, 4 * T * 5, 1]) {
      const e = await estimateDiagonal(engine, network, likelihood, sourceOf(x), {
        ...{ estimator, labels: 2, populationSize: 4, functionals, quadratics },
        ...(budget ? { budget } : {}),
      });
      close(e.functionals![0].labelError, want.linear, want.linear, 'functional');
      close(e.quadratics![0].labelError, want.square, want.square, 'quadratic');
    }
  });
});

it('weighted examples: one entry has its own value and errors', async () => {
  const { network, likelihood, x } = firstRows(modelOf('dense categorical'), 5);
  const [first] = network.parameters.keys();
  const one = {
    name: 'one',
    weights: new Map([[first, Float64Array.from({ length: 12 }, (_, i) => +(i === 4))]]),
  };
  const weights = Float64Array.of(1, 3, 0.5, 2, 1);
  for (const estimator of ['exact', 'type1', 'rademacher', 'type2', 'mix'] as const) {
    const e = await estimateDiagonal(engine, network, likelihood, sourceOf(x), {
      ...{ estimator, labels: 2, populationSize: 5, functionals: [one], weights },
      ...(estimator.startsWith('type2') || estimator === 'mix' ? {} : { quadratics: [one] }),
    });
    const t = e.tensors[0];
    for (const figure of [e.functionals![0], ...(e.quadratics ?? [])]) {
      close(figure.value, t.fisher[4], t.fisher[4], 'value');
      close(figure.labelError, t.labelError![4], t.fisher[4], 'label');
      close(figure.dataError, t.dataError![4], t.fisher[4], 'data');
    }
  }
});

describe('refusals', () => {
  const { network, likelihood, x } = firstRows(modelOf('dense categorical'), 2);
  const [first] = network.parameters.keys();
  const run = (options: Partial<DiagonalOptions>) =>
    estimateDiagonal(engine, network, likelihood, sourceOf(x), {
      estimator: 'exact',
      populationSize: 2,
      ...options,
    });
  const one = (parameter: string, w: number[]) => [{ name: 'f', weights: new Map([[parameter, w]]) }];

  it.each([
    ['no such parameter', { functionals: one('nothing', [1]) }, 'fisher/entry-weights'],
    ['other than one an entry', { functionals: one(first, [1, 2]) }, 'fisher/entry-weights'],
    ['no number', { quadratics: one(first, new Array<number>(12).fill(NaN)) }, 'fisher/entry-weights'],
    [
      'a name twice',
      { functionals: [...one(first, []), ...one(first, [])].map((f) => ({ ...f, weights: new Map() })) },
      'fisher/entry-weights',
    ],
    [
      'wᵀ𝓘w by type 2',
      { estimator: 'type2', quadratics: one(first, new Array<number>(12).fill(1)) },
      'fisher/quadratic',
    ],
  ] as const)('%s', async (_, options, code) => {
    await expect(run(options)).rejects.toMatchObject({ code });
  });
});

describe('second derivatives', () => {
  const { network, likelihood, x } = firstRows(modelOf('dense categorical'), 3);
  const functionals = [weightsFor(network, 'f')];
  const w = flat(network, functionals[0]);
  const mix = new Map([...network.parameters.keys()].map((p, i) => [p, 0.2 + 0.1 * i]));

  /** One draw at one example: its entries, and which label it was. */
  async function oneDraw(e: number, seed: number, estimator: 'type1' | 'type2' | 'mix') {
    const row = {
      ...x,
      shape: [1, 3],
      data: (x.data as Float64Array).slice(3 * e, 3 * e + 3),
    };
    const options = { estimator, mix, labels: 1, populationSize: 3, seed, functionals };
    return estimateDiagonal(engine, network, likelihood, sourceOf(row), options);
  }

  it.each(['type2', 'mix'] as const)('%s: label and data errors from every label', async (estimator) => {
    const values: number[] = [];
    let label = 0;
    for (let e = 0; e < 3; e++) {
      const { h } = jacobianAt(network, x, e);
      const total = h.reduce((s, v) => s + Math.exp(v), 0);
      const p = h.map((v) => Math.exp(v) / total);
      const byLabel = new Map<number, number>();
      for (let seed = 0; seed < 400 && byLabel.size < 3; seed++) {
        // The last bias's squares tell the label: (1 − p_y)² in its place.
        const bias = (await oneDraw(e, seed, 'type1')).tensors[3].fisher;
        const y = p.findIndex((q, a) => Math.abs(bias[a] - (1 - q) ** 2) < 1e-12);
        if (byLabel.has(y)) continue;
        const drawn = await oneDraw(e, seed, estimator);
        byLabel.set(
          y,
          dot(
            w,
            drawn.tensors.flatMap((t) => [...t.fisher]),
          ),
        );
      }
      expect(byLabel.size).toBe(3);
      const mean = p.reduce((s, q, y) => s + q * byLabel.get(y)!, 0);
      values.push(mean);
      label += p.reduce((s, q, y) => s + q * (byLabel.get(y)! - mean) ** 2, 0);
    }
    const e = await estimateDiagonal(engine, network, likelihood, sourceOf(x), {
      estimator,
      mix,
      labels: 2,
      populationSize: 3,
      functionals,
    });
    const figure = e.functionals![0];
    const mean = values.reduce((s, v) => s + v, 0) / 3;
    const data = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / 2 / 3);
    close(figure.labelError, Math.sqrt(label / 2) / 3, e.trace.value, 'label');
    close(figure.dataError, data, e.trace.value, 'data');
  });
});
