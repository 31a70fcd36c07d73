import { expect, it } from 'vitest';
import { createSmallEngine } from '../engine/small/index.js';
import { graph, input, N, ops } from '../graph/index.js';
import { yielding } from './yielding.js';

it('lets timers and signals through between runs, and connects programs as before', async () => {
  const engine = yielding(createSmallEngine());
  const x = input('x', 'float64', [N, 2]);
  const y = input('y', 'float64', [N, 2]);
  const first = await engine.compile(graph({ x }, { y: ops.mul(x, x) }), { maxBatch: 3 });
  const second = await engine.compile(graph({ y }, { z: ops.add(y, y) }), {
    maxBatch: 3,
    connect: { y: { program: first, output: 'y' } },
  });
  first.setInput('x', Float64Array.of(1, 2, 3, 4));
  let heard = false;
  setImmediate(() => {
    heard = true;
  });
  for (let i = 0; i < 3; i++) {
    await first.run(2);
    await second.run(2);
  }
  expect(heard).toBe(true);
  expect([...second.output('z')]).toEqual([2, 8, 18, 32]);
  engine.dispose();
});
