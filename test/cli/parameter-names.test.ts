/** `--names`: θ is what the framework says, under its names and in its layout, whatever the exporter made of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import { formatSafetensors } from '../../src/data/index.js';
import { readArrays } from '../../src/disk/index.js';
import { openNetwork } from '../../src/index.js';
import { decodeModel, encodeModel, type OnnxModel, type OnnxNode } from '../../src/graph/onnx/proto/index.js';
import { expectComplaint, fim, fimJson, scratch, writeNpz } from './fim.js';
import { f32, ints, int, node } from '../onnx/builder.js';

const { path } = scratch();
const LINE = "numpy.savez('names.npz', **{k: v.detach().numpy() for k, v in model.named_parameters()})";

const of = (name: string, file: string): string =>
  fileURLToPath(new URL(`../fixtures/fisher-cases/${name}/${file}`, import.meta.url));

const onnx = (name: string): string => of(name, 'model.onnx');

/** `fim estimate` in float64, exactly. */
const words = (model: string, name: string, names: string, ...more: string[]): string[] => [
  ...['estimate', model, of(name, 'data.npz'), '--likelihood', 'categorical', '--estimator', 'exact'],
  ...['--dtype', 'float64', '--names', names, ...more],
];

/** Every array of the right file, to 1e-8 of itself; what is missing is 0 there. */
function expectRight(out: string, name: string): void {
  const right = readArrays(of(name, 'right.npz'));
  const got = readArrays(out);
  for (const key of right.names) {
    const want = right.get(key);
    const values = Array.from(want.data as Float64Array);
    if (!got.names.includes(`fisher/${key}`)) {
      expect(
        values.every((x) => x === 0),
        key,
      ).toBe(true);
      continue;
    }
    const own = got.get(`fisher/${key}`);
    expect([key, own.shape]).toEqual([key, want.shape]);
    values.forEach((x, i) =>
      expect(Math.abs(Number(own.data[i]) - x)).toBeLessThan(1e-8 * Math.abs(x) + 1e-25),
    );
  }
  expect(got.names.filter((n) => n.startsWith('fisher/')).map((n) => n.slice(7))).toEqual(
    right.names.filter((n) => got.names.includes(`fisher/${n}`)),
  );
}

/** What `named_parameters()` would give, in the framework's layout. */
async function parametersOf(name: string): Promise<Map<string, Tensor>> {
  const { network } = await openNetwork(onnx(name), {
    likelihood: 'categorical',
    dtype: 'float64',
    names: of(name, 'parameters.txt'),
  });
  return new Map([...network.parameters.keys()].map((k) => [k, network.weights.get(k) as Tensor]));
}

const changed = (name: string, file: string, change: (model: OnnxModel) => OnnxModel): string => {
  const model = change(decodeModel(readFileSync(onnx(name)), { file: name }));
  writeFileSync(path(file), encodeModel(model));
  return path(file);
};

const withNodes = (
  m: OnnxModel,
  nodes: readonly OnnxNode[],
  initializers = m.graph.initializers,
): OnnxModel => ({
  ...m,
  graph: { ...m.graph, nodes, initializers },
});

/** Without the Identities that name merged tensors, as simplifiers leave it. */
const simplified = (m: OnnxModel): OnnxModel => {
  const same = new Map(
    m.graph.nodes.filter((n) => n.opType === 'Identity').map((n) => [n.outputs[0], n.inputs[0]]),
  );
  const nodes = m.graph.nodes
    .filter((n) => n.opType !== 'Identity')
    .map((n) => ({ ...n, inputs: n.inputs.map((i) => same.get(i) ?? i) }));
  return withNodes(m, nodes);
};

const CASES = [
  'batchnorm-first',
  'batchnorm-at-init',
  'batchnorm-noaffine',
  'buffers-sinpos',
  'causal-mask-1e9',
  'cloned-layers',
  'first-norm',
  'nan-traps-cosine',
  'other-roles-cls',
  'other-roles-div',
  'other-roles-divvec',
  'other-roles-gate',
  'other-roles-gem',
  'other-roles-h0',
  'other-roles-pact',
  'reparam-dora-ones',
  'reparam-prune',
  'reparam-weightnorm-fold',
  'scalar-params',
];

describe('--names', () => {
  it.each(CASES)('%s: names alone give every derivative', async (name) => {
    const out = path(`${name}.npz`);
    await fimJson(words(onnx(name), name, of(name, 'parameters.txt'), '--out', out));
    expectRight(out, name);
  });

  it.each(CASES)('%s: arrays under names give the same', async (name) => {
    const names = writeNpz(path(`${name}-names.npz`), Object.fromEntries(await parametersOf(name)));
    const out = path(`${name}-arrays.npz`);
    await fimJson(words(onnx(name), name, names, '--out', out));
    expectRight(out, name);
  });

  it('a state dict: statistics and counters are set aside and said', async () => {
    const name = 'batchnorm-first';
    const entries = new Map<string, Tensor>([...(await parametersOf(name))].reverse());
    entries.set('0.running_mean', f32([4], [1, 1, 1, 1]));
    entries.set('0.num_batches_tracked', tensor('int64', [], [3]));
    entries.set('steps', tensor('int64', [1], [3]));
    writeFileSync(path('state.safetensors'), formatSafetensors(entries));
    const out = path('state.npz');
    const { notes } = await fimJson(words(onnx(name), name, path('state.safetensors'), '--out', out));
    expect(notes.join('\n')).toMatch(/set aside .*0\.running_mean.*: a running statistic/);
    expect(notes.join('\n')).toMatch(/set aside .*steps/);
    const right = readArrays(of(name, 'right.npz'));
    expect(new Set(readArrays(out).names.filter((n) => n.startsWith('fisher/')))).toEqual(
      new Set(right.names.map((n) => `fisher/${n}`)),
    );
  });

  it('two keys with equal numbers on one tensor: both readings and the line', async () => {
    const name = 'other-roles-h0';
    const p = await parametersOf(name);
    p.set('decoder.weight', p.get('a.weight') as Tensor);
    const ran = await fim(words(onnx(name), name, writeNpz(path('twice.npz'), Object.fromEntries(p))));
    expectComplaint(ran, {
      code: 3,
      says: ['a.weight, decoder.weight', 'one tied parameter', 'two parameters', LINE],
    });
  });

  it('layers that were merged without a trace are separated by names, and told from tied ones by nobody else', async () => {
    const name = 'cloned-layers';
    const model = changed(name, 'merged.onnx', simplified);
    const out = path('merged.npz');
    const { notes } = await fimJson(words(model, name, of(name, 'parameters.txt'), '--out', out));
    expectRight(out, name);
    expect(notes.join('\n')).toContain('layers.0.weight and layers.2.weight once');
    const names = writeNpz(path('merged-names.npz'), Object.fromEntries(await parametersOf(name)));
    expectComplaint(await fim(words(model, name, names)), { code: 3, says: ['layers.1.weight', LINE] });
  });

  it('a scale that was merged with the running variance beside it is a tensor of its own', async () => {
    const name = 'batchnorm-at-init';
    const model = changed(name, 'init.onnx', simplified);
    const out = path('init.npz');
    await fimJson(words(model, name, of(name, 'parameters.txt'), '--out', out));
    expectRight(out, name);
  });

  it('parameters that are not used have zeros where their shape is known', async () => {
    const name = 'buffers-sinpos';
    const p = await parametersOf(name);
    const names = writeNpz(path('unused.npz'), {
      ...Object.fromEntries(p),
      'r.weight': f32(
        [4, 4],
        Array.from({ length: 16 }, (_, i) => Math.sin(i + 1)),
      ),
      'r.bias': f32([4], [1, 2, 3, 4]),
    });
    const out = path('unused-out.npz');
    const { warnings } = await fimJson(words(onnx(name), name, names, '--out', out));
    expectRight(out, name);
    expect(readArrays(out).names).toContain('fisher/r.weight');
    expect(warnings.join('\n')).toContain('r.weight, r.bias');
  });

  it('a table of sines is a buffer beside counters, and a question without them', async () => {
    const name = 'buffers-sinpos';
    const p = await parametersOf(name);
    const { network } = await openNetwork(onnx(name), { likelihood: 'categorical' });
    p.set('pe', network.weights.get('pe') as Tensor);
    const open = writeNpz(path('pe.npz'), Object.fromEntries(p));
    expectComplaint(await fim(words(onnx(name), name, open)), { code: 3, says: ['pe', 'buffer', LINE] });
    p.set('bn.num_batches_tracked', tensor('int64', [], [3]));
    const out = path('pe-out.npz');
    await fimJson(words(onnx(name), name, writeNpz(path('pe2.npz'), Object.fromEntries(p)), '--out', out));
    expectRight(out, name);
  });

  it('a name that nothing stands for: the names and the tensors without one', async () => {
    const name = 'buffers-sinpos';
    writeFileSync(path('wrong.txt'), 'z.weight # of another network\na.bias\nb.weight\nb.bias\n');
    const ran = await fim(words(onnx(name), name, path('wrong.txt')));
    expectComplaint(ran, { code: 3, says: ['z.weight', 'onnx::MatMul_18 [3, 4]'] });
  });

  it('both selections take either name, and bring in nothing else', async () => {
    const name = 'buffers-sinpos';
    const names = of(name, 'parameters.txt');
    const namesOf = async (...more: string[]) =>
      (await fimJson(words(onnx(name), name, names, ...more))).tensors.map((t) => t.name);
    expect(await namesOf('--parameters', '*')).toEqual(['a.weight', 'a.bias', 'b.weight', 'b.bias']);
    expect(await namesOf('--parameters', 'onnx::MatMul_18')).toEqual(['a.weight']);
    expect(await namesOf('--freeze', 'a.w*', '--freeze', 'b.*')).toEqual(['a.bias']);
    expectComplaint(await fim(words(onnx(name), name, names, '--parameters', 'pe')), {
      code: 2,
      says: ['pe'],
    });
  });

  it('weights come under the same names and in the same layout', async () => {
    const name = 'causal-mask-1e9';
    const p = await parametersOf(name);
    const names = of(name, 'parameters.txt');
    const weights = writeNpz(path('weights.npz'), Object.fromEntries(p));
    const [own, given] = await Promise.all([
      fimJson(words(onnx(name), name, names)),
      fimJson(words(onnx(name), name, names, '--weights', weights)),
    ]);
    expect(given.trace.value).toBe(own.trace.value);
    const other = new Map(p).set('k.weight', p.get('q.weight') as Tensor);
    const changedWeights = writeNpz(path('other.npz'), Object.fromEntries(other));
    const moved = await fimJson(words(onnx(name), name, names, '--weights', changedWeights));
    expect(moved.trace.value).not.toBe(own.trace.value);
  });

  it('a trained weight norm needs numbers, and has the derivatives of the graph that was not folded', async () => {
    const name = 'reparam-weightnorm-fold';
    const p = await parametersOf(name);
    const v = p.get('0.weight_v') as Tensor;
    const g = f32([5, 1], [0.9, 1.3, 0.4, 2, 1.1]);
    const long = f32(
      v.shape,
      Array.from(v.data as Float64Array, (x, i) => Math.fround(x * (1 + 0.3 * (i % 4)))),
    );
    const rows = Array.from({ length: 5 }, (_, r) =>
      Array.from((long.data as Float32Array).subarray(4 * r, 4 * r + 4)),
    );
    const w = rows.flatMap((row, r) => row.map((x) => (x * Number(g.data[r])) / Math.hypot(...row)));
    const folded = changed(name, 'folded.onnx', (m) =>
      withNodes(
        m,
        m.graph.nodes,
        m.graph.initializers.map((t) =>
          t.name === 'onnx::Gemm_14' ? { ...f32([5, 4], w), name: t.name } : t,
        ),
      ),
    );
    const whole = changed(name, 'whole.onnx', (m) =>
      withNodes(
        m,
        [
          node('ReduceL2', ['0.weight_v'], 'n', { axes: ints(1), keepdims: int(1) }, '/0/ReduceL2'),
          node('Div', ['0.weight_v', 'n'], 'd', {}, '/0/Div'),
          node('Mul', ['d', '0.weight_g'], 'onnx::Gemm_14', {}, '/0/Mul'),
          ...m.graph.nodes,
        ],
        [
          ...m.graph.initializers.filter((t) => t.name !== 'onnx::Gemm_14'),
          { ...g, name: '0.weight_g' },
          { ...long, name: '0.weight_v' },
        ],
      ),
    );
    const names = of(name, 'parameters.txt');
    expectComplaint(await fim(words(folded, name, names)), {
      code: 3,
      says: ['0.weight_v', 'onnx::Gemm_14', 'do_constant_folding=False'],
    });
    const arrays = writeNpz(path('norm.npz'), {
      ...Object.fromEntries(p),
      '0.weight_g': g,
      '0.weight_v': long,
    });
    const got = await fimJson(words(folded, name, arrays));
    const want = await fimJson(words(whole, name, names));
    for (const t of want.tensors) {
      const same = got.tensors.find((s) => s.name === t.name);
      expect(Math.abs((same?.trace.value ?? NaN) / t.trace.value - 1)).toBeLessThan(1e-6);
    }
  });

  it('a folded BatchNorm is refused', async () => {
    const name = 'batchnorm-first';
    const p = await parametersOf(name);
    const merged = changed(name, 'bn.onnx', (m) =>
      withNodes(
        m,
        m.graph.nodes
          .filter((n) => n.name !== '/2/BatchNormalization')
          .map((n) => ({
            ...n,
            inputs: n.inputs.map((i) => (i === '/2/BatchNormalization_output_0' ? '/1/Gemm_output_0' : i)),
          })),
        m.graph.initializers
          .filter((t) => !t.name.startsWith('2.'))
          .map((t) =>
            t.name === '1.weight' ? { ...t, data: (t.data as Float32Array).map((x) => 2 * x) } : t,
          ) as typeof m.graph.initializers,
      ),
    );
    const ran = await fim(words(merged, name, writeNpz(path('bn.npz'), Object.fromEntries(p))));
    expectComplaint(ran, { code: 3, says: ['2.weight', 'BatchNorm', '1.weight'] });
  });

  it('a file of names without one, and one that is no text', async () => {
    writeFileSync(path('empty.txt'), '# nothing\n');
    writeFileSync(path('model.pt'), Uint8Array.from([0x50, 0x4b, 3, 4, 0, 255, 254]));
    const name = 'first-norm';
    expectComplaint(await fim(words(onnx(name), name, path('empty.txt'))), {
      code: 3,
      says: ['no name', LINE],
    });
    expectComplaint(await fim(words(onnx(name), name, path('model.pt'))), { code: 3, says: ['text'] });
  });

  it('inspect shows the names, their layout and how each was found', async () => {
    const name = 'buffers-sinpos';
    const { parameters, excluded } = await fimJson<{
      parameters: { name: string; shape: number[]; reason: string }[];
      excluded: { name: string }[];
    }>(['inspect', onnx(name), '--likelihood', 'categorical', '--names', of(name, 'parameters.txt')]);
    expect(parameters.map((q) => [q.name, q.shape])).toEqual([
      ['a.weight', [4, 3]],
      ['a.bias', [4]],
      ['b.weight', [3, 4]],
      ['b.bias', [3]],
    ]);
    expect(excluded.map((q) => q.name)).toContain('pe');
  });
});
