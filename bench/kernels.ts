/**
 * Kernels of the small engine against ONNX Runtime's MatMul, interleaved in one run; medians.
 * Usage: npx vite-node bench/kernels.ts [rounds]
 */
import * as ort from 'onnxruntime-node';
import { loadKernels } from '../src/engine/small/kernels/load.js';

const rounds = Number(process.argv.find((a) => /^\d+$/.test(a)) ?? 50);
const memory = new WebAssembly.Memory({ initial: 512 });
const kernels = loadKernels(memory);
const floats = new Float32Array(memory.buffer);
const MIB = 1 << 20;
const [A, B, C] = [MIB, 9 * MIB, 17 * MIB];
for (let i = MIB / 4; i < floats.length; i++) floats[i] = ((i * 2654435761) % 1000) / 500 - 1;

type Task = { name: string; run: () => void | Promise<unknown> };

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Median nanoseconds a call, tasks interleaved round by round; a round lasts about `target` ms a task. */
async function time(tasks: Task[], target = 4): Promise<number[]> {
  const once = async (task: Task, calls: number): Promise<number> => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) {
      const promise = task.run();
      if (promise) await promise;
    }
    return Number(process.hrtime.bigint() - start) / calls;
  };
  const calls: number[] = [];
  for (const task of tasks) {
    let n = 1;
    while ((await once(task, n)) * n < 2e7) n *= 2; // warm up until the optimising compiler has run
    calls.push(Math.max(1, Math.round((target * 1e6) / (await once(task, n)))));
  }
  const seen: number[][] = tasks.map(() => []);
  for (let r = 0; r < rounds; r++)
    for (const [i, t] of tasks.entries()) seen[i].push(await once(t, calls[i]));
  return seen.map(median);
}

const row = (cells: (string | number)[]): void =>
  console.log(cells.map((c, i) => (i ? String(c).padStart(10) : String(c).padEnd(16))).join(''));

/** The smallest ONNX file with one MatMul: c [m, n] = a [m, k] · b [k, n], float32, opset 17. */
function matmulModel(m: number, k: number, n: number): Uint8Array {
  const varint = (v: number): number[] => (v < 128 ? [v] : [(v & 127) | 128, ...varint(Math.floor(v / 128))]);
  const int = (field: number, v: number): number[] => [...varint(field * 8), ...varint(v)];
  const bytes = (field: number, b: number[]): number[] => [
    ...varint(field * 8 + 2),
    ...varint(b.length),
    ...b,
  ];
  const text = (field: number, s: string): number[] => bytes(field, [...Buffer.from(s)]);
  const value = (name: string, shape: number[]): number[] => {
    const dims = shape.flatMap((d) => bytes(1, int(1, d)));
    return [...text(1, name), ...bytes(2, bytes(1, [...int(1, 1), ...bytes(2, dims)]))];
  };
  const node = [...text(1, 'a'), ...text(1, 'b'), ...text(2, 'c'), ...text(4, 'MatMul')];
  const graph = [
    ...bytes(1, node),
    ...text(2, 'g'),
    ...bytes(11, value('a', [m, k])),
    ...bytes(11, value('b', [k, n])),
    ...bytes(12, value('c', [m, n])),
  ];
  return Uint8Array.from([...int(1, 8), ...bytes(7, graph), ...bytes(8, int(2, 17))]);
}

console.log(`build ${kernels.build}, node ${process.version}, ${rounds} rounds, one thread`);
console.log('\nGEMM, GFLOP/s (ratio to ONNX Runtime in brackets)');
row(['m x k x n', 'ORT', 'NN', 'NT', 'TN', 'NN', 'NT', 'TN']);
const shapes = [
  [8, 64, 64],
  [256, 784, 128],
  [2560, 128, 128],
  [2048, 256, 256],
];
for (const [m, k, n] of shapes) {
  const { float32: f } = kernels;
  const session = await ort.InferenceSession.create(matmulModel(m, k, n), { intraOpNumThreads: 1 });
  const feeds = {
    a: new ort.Tensor('float32', floats.slice(A / 4, A / 4 + m * k), [m, k]),
    b: new ort.Tensor('float32', floats.slice(B / 4, B / 4 + k * n), [k, n]),
  };
  const ns = await time([
    { name: 'ort', run: () => session.run(feeds) },
    { name: 'nn', run: () => f.gemmNN(C, A, B, m, n, k, n, k, n, 0, 0) },
    { name: 'nt', run: () => f.gemmNT(C, A, B, m, n, k, n, k, k, 0, 0) },
    { name: 'tn', run: () => f.gemmTN(C, A, B, m, n, k, n, m, n, 0, 0) },
  ]);
  const rate = ns.map((t) => (2 * m * k * n) / t);
  row([
    `${m}x${k}x${n}`,
    ...rate.map((r) => r.toFixed(1)),
    ...rate.slice(1).map((r) => `(${(r / rate[0]).toFixed(2)})`),
  ]);
}
