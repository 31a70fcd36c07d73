/**
 * @module bench/kernels
 *
 * Kernels of the small engine against ONNX Runtime, one thread, interleaved in one run; medians of short rounds.
 *
 *     node scripts/build-kernels.mjs && npx vite-node bench/kernels.ts [rounds]
 *
 * Node 20 has relaxed SIMD behind a flag: node --experimental-wasm-relaxed-simd node_modules/vite-node/vite-node.mjs …
 */
import * as ort from 'onnxruntime-node';
import { loadKernels } from '../src/engine/small/kernels/index.js';
import type { MapName } from '../src/engine/small/kernels/index.js';

const rounds = Number(process.argv.find((a) => /^\d+$/.test(a)) ?? 200);
const memory = new WebAssembly.Memory({ initial: 1024 });
const kernels = loadKernels(memory);
const f = kernels.float32;
const floats = new Float32Array(memory.buffer);
const MIB = 1 << 20;
const [A, B, C] = [MIB, 9 * MIB, 17 * MIB];
for (let i = MIB / 4; i < floats.length; i++) floats[i] = ((i * 2654435761) % 1000) / 500 - 1;

type Task = () => void | Promise<unknown>;

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

async function once(task: Task, calls: number): Promise<number> {
  const start = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) {
    const promise = task();
    if (promise) await promise;
  }
  return Number(process.hrtime.bigint() - start);
}

/** Median nanoseconds of a call. Tasks take turns; a turn is about 0.3 ms, or one call. */
async function time(tasks: Task[]): Promise<number[]> {
  const calls: number[] = [];
  for (const task of tasks) {
    // Until the optimising compiler has run.
    let n = 1;
    while ((await once(task, n)) < 2e7) n *= 2;
    let spent = Infinity;
    for (let i = 0; i < 5; i++) spent = Math.min(spent, await once(task, n));
    calls.push(Math.max(1, Math.round((3e5 * n) / spent)));
  }
  const seen: number[][] = tasks.map(() => []);
  for (let r = 0; r < rounds; r++) {
    for (const [i, task] of tasks.entries()) seen[i].push((await once(task, calls[i])) / calls[i]);
  }
  return seen.map(median);
}

/** The smallest ONNX file of a chain y = tanh(… tanh(x·W₁ + b₁) …)·W + b, or of one MatMul of two inputs. */
function model(m: number, dims: number[], product = false): Uint8Array {
  const varint = (v: number): number[] => (v < 128 ? [v] : [(v & 127) | 128, ...varint(Math.floor(v / 128))]);
  const int = (field: number, v: number): number[] => [...varint(field * 8), ...varint(v)];
  const bytes = (field: number, b: number[]): number[] => [
    ...varint(field * 8 + 2),
    ...varint(b.length),
    ...b,
  ];
  const text = (field: number, s: string): number[] => bytes(field, [...Buffer.from(s)]);
  const value = (field: number, name: string, shape: number[]): number[] => {
    const sizes = shape.flatMap((d) => bytes(1, int(1, d)));
    return bytes(field, [...text(1, name), ...bytes(2, bytes(1, [...int(1, 1), ...bytes(2, sizes)]))]);
  };
  const node = (op: string, inputs: string[], output: string): number[] =>
    bytes(1, [...inputs.flatMap((i) => text(1, i)), ...text(2, output), ...text(4, op)]);
  const graph: number[] = [...text(2, 'g'), ...value(11, 'x0', [m, dims[0]])];
  const layers = dims.length - 1;
  for (let l = 1; l <= layers; l++) {
    graph.push(...value(11, `w${l}`, [dims[l - 1], dims[l]]));
    const end = l === layers ? 'y' : `x${l}`;
    if (product) {
      graph.push(...node('MatMul', ['x0', 'w1'], 'y'));
    } else {
      graph.push(...value(11, `b${l}`, [dims[l]]));
      graph.push(...node('Gemm', [`x${l - 1}`, `w${l}`, `b${l}`], l === layers ? 'y' : `z${l}`));
      if (l < layers) graph.push(...node('Tanh', [`z${l}`], end));
    }
  }
  graph.push(...value(12, 'y', [m, dims[layers]]));
  return Uint8Array.from([...int(1, 8), ...bytes(7, graph), ...bytes(8, int(2, 17))]);
}

async function runtime(m: number, dims: number[], product = false): Promise<Task> {
  const session = await ort.InferenceSession.create(model(m, dims, product), { intraOpNumThreads: 1 });
  const shapes: Record<string, number[]> = { x0: [m, dims[0]] };
  for (let l = 1; l < dims.length; l++) {
    shapes[`w${l}`] = [dims[l - 1], dims[l]];
    if (!product) shapes[`b${l}`] = [dims[l]];
  }
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((p, d) => p * d, 1);
    feeds[name] = new ort.Tensor('float32', floats.slice(A / 4, A / 4 + size), shape);
  }
  return () => session.run(feeds);
}

const row = (cells: (string | number)[]): void =>
  console.log(cells.map((c, i) => (i ? String(c).padStart(9) : String(c).padEnd(20))).join(''));

console.log(`build ${kernels.build}, node ${process.version}, ${rounds} rounds, one thread`);

console.log('\nMatrix products, GFLOP/s, and ratio to ONNX Runtime');
row(['m × k × n', 'ORT', 'NN', 'NT', 'TN', 'NN', 'NT', 'TN', 'NN f64', 'NT f64']);
for (const [m, k, n] of [
  [8, 64, 64],
  [256, 784, 128],
  [2560, 128, 128],
  [2048, 256, 256],
]) {
  const d = kernels.float64;
  const ns = await time([
    await runtime(m, [k, n], true),
    () => f.gemmNN(C, A, B, m, n, k, n, k, n, 0, 0),
    () => f.gemmNT(C, A, B, m, n, k, n, k, k, 0, 0),
    () => f.gemmTN(C, A, B, m, n, k, n, m, n, 0, 0),
    () => d.gemmNN(C, A, B, m, n, k, n, k, n, 0, 0),
    () => d.gemmNT(C, A, B, m, n, k, n, k, k, 0, 0),
  ]);
  const rate = ns.map((t) => (2 * m * k * n) / t);
  const ratios = rate.slice(1, 4).map((r) => (r / rate[0]).toFixed(2));
  const shown = rate.map((r) => r.toFixed(1));
  row([`${m} × ${k} × ${n}`, ...shown.slice(0, 4), ...ratios, ...shown.slice(4)]);
}

console.log('\nForward pass, tanh, µs, and how many times faster');
row(['network', 'batch', 'ORT', 'kernels', 'ratio']);
for (const [dims, m] of [
  [[4, 64, 64, 2], 1],
  [[4, 64, 64, 2], 8],
  [[4, 64, 64, 2], 64],
  [[17, 64, 64, 6], 2048],
  [[376, 256, 256, 17], 8],
] as [number[], number][]) {
  const layers = dims.length - 1;
  const x = dims.map((_, l) => A + l * 4 * MIB);
  const forward = (): void => {
    for (let l = 0; l < layers; l++) {
      const [k, n] = [dims[l], dims[l + 1]];
      f.gemmNN(x[l + 1], x[l], B * 3, m, n, k, n, k, n, B * 3, 0);
      if (l < layers - 1) f.map.tanh(x[l + 1], x[l + 1], m * n);
    }
  };
  const [them, us] = await time([await runtime(m, dims), forward]);
  row([dims.join('-'), m, (them / 1e3).toFixed(2), (us / 1e3).toFixed(2), (them / us).toFixed(2)]);
}

console.log('\nMaps over 512 elements, ns an element');
row(['map', 'float32', 'float64', 'Math']);
const plain: Partial<Record<MapName, (x: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sqrt: Math.sqrt,
  abs: Math.abs,
};
const out = new Float32Array(512);
const source = floats.slice(A / 4, A / 4 + 512);
for (const name of Object.keys(f.map) as MapName[]) {
  const g = plain[name];
  const tasks: Task[] = [
    () => f.map[name](C, A, 512),
    () => kernels.float64.map[name](C, A, 512),
    ...(g
      ? [
          (): void => {
            for (let i = 0; i < 512; i++) out[i] = g(source[i]);
          },
        ]
      : []),
  ];
  row([name, ...(await time(tasks)).map((t) => (t / 512).toFixed(2))]);
}
