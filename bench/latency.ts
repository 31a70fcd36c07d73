/**
 * Latency of small work on both engines, in one process, interleaved: `npx vite-node bench/latency.ts [rounds]`.
 *
 * Reports, for a 4-64-64-2 tanh policy, the median time of a forward pass and of a forward and backward pass by batch; the rate of a
 * large product; and what a node costs beside its arithmetic (a chain of products of single numbers). Bars: forward at batch 8
 * at least 3.6 times as fast as ONNX Runtime; at most 40 ns a node; products at 0.33 of ONNX Runtime's rate (0.42 with FMA).
 */
import { Sequence } from '../src/core/random.js';
import { tensor, type FloatType } from '../src/core/tensor.js';
import {
  createOrtEngine,
  createSmallEngine,
  type Engine,
  flopsOf,
  type Program,
} from '../src/engine/index.js';
import { type Graph, graph, input, N, ops, type Value, vjp } from '../src/graph/index.js';

const rounds = Number(process.argv[2] ?? 100);
const s = new Sequence(1, 'bench/latency');
const draw = (dtype: FloatType, shape: number[]) =>
  tensor(
    dtype,
    shape,
    Array.from({ length: shape.reduce((p, d) => p * d, 1) }, () => 0.3 * s.normal()),
  );

interface Work {
  readonly g: Graph;
  readonly slots: Record<string, number[]>;
}

function policy(sizes: readonly number[], backward: boolean, dtype: FloatType = 'float32'): Work {
  const x = input('x', dtype, [N, sizes[0]]);
  const slots: Record<string, number[]> = {};
  const params: Value[] = [];
  let h: Value = x;
  sizes.slice(1).forEach((to, l) => {
    const from = sizes[l];
    slots[`w${l}`] = [from, to];
    slots[`b${l}`] = [to];
    const [w, b] = [input(`w${l}`, dtype, [from, to]), input(`b${l}`, dtype, [to])];
    params.push(w, b);
    h = ops.add(ops.matmul(h, w), b);
    if (l < sizes.length - 2) h = ops.tanh(h);
  });
  const outputs: Record<string, Value> = { h };
  const ct = input('ct', dtype, h.shape);
  if (backward) vjp([h], [ct], params).forEach((g, i) => (outputs[`d${params[i].name}`] = g!));
  const inputs = [x, ...params, ...(backward ? [ct] : [])];
  return { g: graph(Object.fromEntries(inputs.map((v) => [v.name, v])), outputs), slots };
}

function product(m: number, k: number, n: number, dtype: FloatType): Work {
  const [x, w] = [input('x', dtype, [m, k]), input('w', dtype, [k, n])];
  return { g: graph({ x, w }, { y: ops.matmul(x, w) }), slots: { x: [m, k], w: [k, n] } };
}

async function prepare(engine: Engine, { g, slots }: Work, n: number): Promise<Program> {
  const store = engine.store();
  const dtype = g.outputs[0].value.dtype as FloatType;
  for (const [name, shape] of Object.entries(slots)) store.set(name, draw(dtype, shape));
  const program = await engine.compile(g, { maxBatch: n, store });
  for (const port of program.inputs) {
    const shape = port.shape.map((d) => (typeof d === 'number' ? d : d.batch * n));
    program.setInput(port.name, draw(dtype, shape).data);
  }
  return program;
}

/** Seconds a run, over `repeats` of them. */
async function time(program: Program, n: number, repeats: number): Promise<number> {
  const start = process.hrtime.bigint();
  if (program.sync) for (let i = 0; i < repeats; i++) program.run(n);
  else for (let i = 0; i < repeats; i++) await program.run(n);
  return Number(process.hrtime.bigint() - start) / 1e9 / repeats;
}

const median = (xs: number[]): number => xs.sort((a, b) => a - b)[Math.floor(xs.length / 2)];

async function compare(title: string, work: Work, n: number, each = 1e-3): Promise<number[]> {
  const programs = await Promise.all(engines.map((e) => prepare(e, work, n)));
  const repeats: number[] = [];
  for (const p of programs) {
    await time(p, n, 3);
    await time(p, n, 50);
    repeats.push(Math.max(1, Math.round(each / (await time(p, n, 20)))));
  }
  const times: number[][] = programs.map(() => []);
  for (let r = 0; r < rounds; r++)
    for (const [i, p] of programs.entries()) times[i].push(await time(p, n, repeats[i]));
  const medians = times.map(median);
  const flops = flopsOf(work.g, n);
  const cells = medians.map(
    (t) => `${(t * 1e6).toFixed(2).padStart(9)} µs ${(flops / t / 1e9).toFixed(1).padStart(6)} GFLOP/s`,
  );
  console.log(
    `${title.padEnd(36)} ${cells.join('  ')}   small is ${(medians[1] / medians[0]).toFixed(2)} × as fast`,
  );
  programs.forEach((p) => p.dispose());
  return medians;
}

const engines: readonly Engine[] = [createSmallEngine(), await createOrtEngine()];
console.log(
  `Node ${process.version}; ${engines.map((e) => `${e.name} (${e.build})`).join(' against ')}; medians of ${rounds}`,
);
const sizes = [4, 64, 64, 2];
for (const n of [1, 8, 64]) await compare(`forward 4-64-64-2, batch ${n}`, policy(sizes, false), n);
for (const n of [1, 8, 40, 256])
  await compare(`forward+backward 4-64-64-2, batch ${n}`, policy(sizes, true), n);
await compare('forward 4-64-64-2, batch 8, float64', policy(sizes, false, 'float64'), 8);
await compare('forward 376-256-256-17, batch 256', policy([376, 256, 256, 17], false), 256);
for (const dtype of ['float32', 'float64'] as const)
  for (const [m, k, n] of [
    [256, 784, 128],
    [2560, 128, 128],
  ])
    await compare(`${m}×${k}×${n} ${dtype}`, product(m, k, n, dtype), 1, 4e-3);

/** A node's cost: a chain of products of single numbers, against one of half the length. */
async function perNode(engine: Engine): Promise<number> {
  const chain = async (length: number): Promise<Program> => {
    let h: Value = input('x', 'float32', [N]);
    const x = h;
    const f = [1, 2].map((k) => input(`f${k}`, 'float32', [1]));
    for (let i = 0; i < length; i++) h = ops.mul(h, f[i % 2]);
    const program = await engine.compile(graph({ x, f1: f[0], f2: f[1] }, { h }), { maxBatch: 1 });
    for (const name of ['x', 'f1', 'f2']) program.setInput(name, Float32Array.of(1));
    await time(program, 1, 3000);
    return program;
  };
  const [short, long] = [await chain(100), await chain(300)];
  const differences: number[] = [];
  for (let r = 0; r < rounds; r++) differences.push((await time(long, 1, 20)) - (await time(short, 1, 20)));
  return median(differences) / 200;
}
for (const e of engines) console.log(`a node on ${e.name}: ${(1e9 * (await perNode(e))).toFixed(1)} ns`);
