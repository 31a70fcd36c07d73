/**
 * @module bench/tools/rate
 *
 * What this machine's processor gives at best, to which every other time is compared: ONNX Runtime's matrix products, one thread.
 */
import { type Engine } from '../../src/engine/index.js';
import { graph, input, ops } from '../../src/graph/index.js';
import type { Task, Timed } from './measure.js';

/** m × k × n. */
export type Size = readonly [number, number, number];

export const SIZES: readonly Size[] = [
  [256, 784, 128],
  [2560, 128, 128],
];

export const flops = ([m, k, n]: Size): number => 2 * m * k * n;

/** One product each, by name. */
export async function products(engine: Engine): Promise<Record<string, Task>> {
  const tasks: Record<string, Task> = {};
  for (const [m, k, n] of SIZES) {
    const [x, w] = [input('x', 'float32', [m, k]), input('w', 'float32', [k, n])];
    const program = await engine.compile(graph({ x, w }, { y: ops.matmul(x, w) }), { maxBatch: 1 });
    const fill = (length: number) => Float32Array.from({ length }, (_, i) => ((i * 7919) % 1000) / 500 - 1);
    program.setInput('x', fill(m * k));
    program.setInput('w', fill(k * n));
    tasks[productName([m, k, n])] = () => program.run(1);
  }
  return tasks;
}

export const productName = (size: Size): string => `product ${size.join('×')}`;

/** R: the better rate, in MFLOP a millisecond (GFLOP/s). */
export function bestRate(times: Readonly<Record<string, Timed>>): number {
  return Math.max(...SIZES.map((s) => flops(s) / times[productName(s)].median / 1e6));
}
