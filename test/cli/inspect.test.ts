/** fim inspect: what counts and why, where it meets data, what is not covered. */
import { describe, expect, it } from 'vitest';
import { toFloat64 } from '../../src/core/tensor.js';
import { f32, info, node } from '../onnx/builder.js';
import { expectComplaint, fim, fimJson, model, scratch, wave, writeModel, writeNpz } from './fim.js';

const { path } = scratch();

interface InspectJson {
  readonly likelihood: string | null;
  readonly covered: boolean;
  readonly missing: readonly string[];
  readonly notes: readonly string[];
  readonly parameterCount: number;
  readonly layers: readonly { readonly name: string; readonly parameters: readonly string[] }[];
  readonly parameters: readonly { readonly name: string; readonly site: string; readonly reason: string }[];
  readonly excluded: readonly { readonly name: string; readonly reason: string }[];
}

describe('fim inspect', () => {
  it('says of an output that ends in Softmax that it is no natural parameter', async () => {
    const file = writeModel(path('softmax.onnx'), {
      inputs: [info('x', 'float32', ['n', 3])],
      outputs: [info('p', 'float32', ['n', 2])],
      nodes: [node('MatMul', ['x', 'W'], 'h'), node('Softmax', ['h'], 'p')],
      weights: { W: f32([3, 2], [1, -1, 0.5, 2, -0.3, 0.7]) },
    });
    const bare = await fim(['inspect', file]);
    expect(bare.out).toMatch(
      /^output: "p" \[N, 2\]\nit ends in Softmax: under categorical that is cut off$/m,
    );
    const cut = await fim(['inspect', file, '--likelihood', 'categorical']);
    expect(cut.out).toMatch(/^natural parameter: "p" \[N, 2\], behind which .*Softmax/m);
  });

  it('adds up parameters by layer, and says what the exact Fisher of an example costs', async () => {
    interface Totals {
      readonly parameterCount: number;
      readonly layers: readonly { readonly name: string; readonly parameterCount: number }[];
      readonly exactFisher?: { readonly backwardPasses: number; readonly operations: number };
    }
    const words = ['inspect', model('digits-transformer')];
    const json = await fimJson<Totals>([...words, '--likelihood', 'categorical']);
    expect(json.layers.reduce((sum, l) => sum + l.parameterCount, 0)).toBe(json.parameterCount);
    expect(json.layers.find((l) => l.name === 'blocks.0.norm1')?.parameterCount).toBe(32);
    expect(json.exactFisher?.backwardPasses).toBe(10);
    // At least two operations a weight forward and for each pass backward.
    expect(json.exactFisher?.operations).toBeGreaterThan(2 * 11 * json.parameterCount);
    const text = await fim([...words, '--likelihood', 'categorical']);
    expect(text.out).toMatch(/^blocks\.0\.norm1 +2 +32$/m);
    expect(text.out).toMatch(/^exact Fisher of an example: 10 backward passes, \S+ MFLOP$/m);
  });

  it('lists layers, parameters and sites', async () => {
    const json = await fimJson<InspectJson>(['inspect', model('digits-mlp-tanh')]);
    expect(json).toMatchObject({ covered: true, missing: [], parameterCount: 2130 });
    expect(json.layers.map((l) => l.name)).toEqual(['fc1', 'fc2', 'fc3']);
    expect(json.parameters.map((p) => p.site)).toEqual([
      'dense',
      'shift',
      'dense',
      'shift',
      'dense',
      'shift',
    ]);
    const { out } = await fim(['inspect', model('digits-mlp-tanh')]);
    expect(out).toMatch(/^fc1\.weight {2}\[24, 64\] {2}weight {9}dense {2}\/fc1\/Gemm$/m);
    expect(out).not.toContain('…');
  });

  it('lists what is frozen beside the reason', async () => {
    const json = await fimJson<InspectJson>(['inspect', model('digits-mlp-tanh'), '--freeze', '*.bias']);
    expect(json.parameterCount).toBe(24 * 64 + 16 * 24 + 10 * 16);
    expect(json.excluded.map((e) => e.name)).toEqual(['fc1.bias', 'fc2.bias', 'fc3.bias']);
    for (const { reason } of json.excluded) expect(reason).toContain('--freeze');
  });

  it('holds --weights against the network', async () => {
    const shapes = { 'fc1.weight': [6, 8], 'fc1.bias': [6], 'fc2.weight': [5, 6], 'fc2.bias': [5] };
    const all = { ...shapes, 'fc3.weight': [4, 5], 'fc3.bias': [4], step: [1] };
    const tensors = Object.fromEntries(Object.entries(all).map(([name, shape]) => [name, wave(...shape)]));
    const words = ['inspect', model('digits-mlp-sigmoid-small'), '--weights'];
    const fits = await fimJson<InspectJson>([...words, writeNpz(path('all.npz'), tensors)]);
    expect(fits.notes.join('\n')).toMatch(/all\.npz: fits, 6 tensors\n.*all\.npz: not used: step/);
    const { 'fc2.bias': dropped, ...rest } = tensors;
    expect(toFloat64(dropped)).toHaveLength(5);
    expectComplaint(await fim([...words, writeNpz(path('some.npz'), rest)]), {
      code: 3,
      says: ['1 of 6 are missing: fc2.bias [5]'],
    });
  });

  it('names every obstacle at once, those of bodies too, and counts the operators', async () => {
    const body = (op: string) =>
      ({
        type: 'graph',
        value: {
          name: op,
          nodes: [node(op, ['x'], 'inner')],
          inputs: [],
          outputs: [info('inner', 'float32', null)],
          initializers: [],
          valueInfo: [],
        },
      }) as const;
    const file = writeModel(path('obstacles.onnx'), {
      opset: 29,
      inputs: [info('x', 'float32', ['n', 4]), info('c', 'bool', [])],
      outputs: ['h'],
      nodes: [
        node('If', ['c'], 'a', { then_branch: body('MelWeightMatrix'), else_branch: body('Relu') }, '/if'),
        node('StringConcat', ['a', 'a'], 'h', {}, '/join'),
      ],
    });
    const { code, out } = await fim(['inspect', file, '--json']);
    expect(code).toBe(1);
    const json = JSON.parse(out) as {
      covered: boolean;
      obstacles: { kind: string; text: string; nodes: string[] }[];
      operators: Record<string, number>;
    };
    expect(json.covered).toBe(false);
    expect(json.operators).toEqual({ If: 1, MelWeightMatrix: 1, Relu: 1, StringConcat: 1 });
    expect(json.obstacles.map(({ kind }) => kind).sort()).toEqual(
      expect.arrayContaining(['operators', 'opset']),
    );
    expect(json.obstacles.flatMap(({ nodes }) => nodes)).toContain('/join');
    expect(json.obstacles.some(({ text }) => text.includes('MelWeightMatrix'))).toBe(true);
    const text = await fim(['inspect', file]);
    expect(text.code).toBe(1);
    expect(text.out).toContain('It cannot be estimated as it is:');
  });
});
