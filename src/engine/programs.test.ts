/** What both engines promise about programs: slots, connections, assignments, batches, lives and complaints. */
import { describe, expect, it } from 'vitest';
import { tensor, zeros } from '../core/tensor.js';
import { constant, graph, type Graph, input, N, ops, type Value } from '../graph/index.js';
import { stateCount } from './descend.js';
import { createOrtEngine } from './ort/index.js';
import { createSmallEngine } from './small/index.js';
import type { Engine, Program } from './types.js';

const ENGINES: readonly [string, () => Promise<Engine>][] = [
  ['small', async () => createSmallEngine()],
  ['ort', () => createOrtEngine()],
];

const f32 = (shape: readonly number[], data: readonly number[]) => tensor('float32', shape, data);
const numbers = (p: Program, name: string): number[] => Array.from(p.output(name) as Float32Array);

function named(inputs: readonly Value[], outputs: Record<string, Value>): Graph {
  return graph(Object.fromEntries(inputs.map((v) => [v.name, v])), outputs);
}

/** A constant. */
const held = (shape: readonly number[], data: readonly number[]): Value => constant(f32(shape, data));

const [x, w, c] = [input('x', 'float32', [N, 2]), input('w', 'float32', [2, 3]), input('c', 'float32', [3])];
const linear = named([x, w, c], { y: ops.add(ops.matmul(x, w), c) });

describe.each(ENGINES)('%s', (_name, make) => {
  it('binds slots by name: programs that share a store see a weight as soon as it is set', async () => {
    const engine = await make();
    const store = engine.store();
    store.set('w', f32([2, 3], [1, 2, 3, 4, 5, 6]));
    store.set('c', f32([3], [10, 20, 30]));
    const a = await engine.compile(linear, { maxBatch: 2, store });
    const b = await engine.compile(named([w], { s: ops.reduceSum(w, [0, 1]) }), { maxBatch: 1, store });
    expect(a.inputs.map((p) => p.name)).toEqual(['x']);
    expect(b.inputs).toEqual([]);
    a.setInput('x', Float32Array.of(1, 0, 0, 1));
    await a.run(2);
    await b.run(1);
    expect(numbers(a, 'y')).toEqual([11, 22, 33, 14, 25, 36]);
    expect(numbers(b, 's')).toEqual([21]);
    store.set('w', f32([2, 3], [0, 0, 0, 1, 1, 1]));
    store.view('c')[0] = 7;
    await a.run(2);
    await b.run(1);
    expect(numbers(a, 'y')).toEqual([7, 20, 30, 8, 21, 31]);
    expect(numbers(b, 's')).toEqual([3]);
    expect(store.names()).toEqual(['w', 'c']);
    expect(store.shape('w')).toEqual([2, 3]);
    engine.dispose();
  });

  it('runs any smaller batch, whose outputs are exactly as long as it asks', async () => {
    const engine = await make();
    const p = await engine.compile(linear, { maxBatch: 4 });
    p.setInput('w', Float32Array.of(1, 2, 3, 4, 5, 6));
    p.setInput('c', Float32Array.of(0, 0, 1));
    p.setInput('x', Float32Array.of(1, 0, 0, 1, 1, 1, 2, 0));
    for (const n of [4, 1, 3, 2]) {
      await p.run(n);
      expect(numbers(p, 'y')).toEqual([1, 2, 4, 4, 5, 7, 5, 7, 10, 2, 4, 7].slice(0, 3 * n));
    }
    engine.dispose();
  });

  it('passes outputs on to connected programs', async () => {
    const engine = await make();
    const a = await engine.compile(named([x], { h: ops.square(x), t: ops.transpose(x, [1, 0]) }), {
      maxBatch: 3,
    });
    const h = input('h', 'float32', [N, 2]);
    const t = input('t', 'float32', [2, N]);
    const b = await engine.compile(named([h, x], { y: ops.sub(h, x) }), {
      maxBatch: 3,
      connect: { h: { program: a, output: 'h' } },
    });
    const d = await engine.compile(named([t], { y: ops.neg(t) }), {
      maxBatch: 3,
      connect: { t: { program: a, output: 't' } },
    });
    expect(b.inputs.map((p) => p.name)).toEqual(['x']);
    const data = Float32Array.of(1, 2, 3, 4, 5, 6);
    a.setInput('x', data);
    b.setInput('x', data);
    await a.run(3);
    await b.run(3);
    await d.run(3);
    expect(numbers(b, 'y')).toEqual([0, 2, 6, 12, 20, 30]);
    expect(numbers(d, 'y')).toEqual([-1, -3, -5, -2, -4, -6]);
    await b.run(2);
    expect(numbers(b, 'y')).toEqual([0, 2, 6, 12]);
    // Of a value with another axis before the examples, no smaller batch can be read in place.
    await expect((async () => d.run(2))()).rejects.toThrow(/exactly as many/);
    await a.run(1);
    await expect((async () => b.run(2))()).rejects.toThrow(/at least as many/);
    engine.dispose();
  });

  it('takes steps of every rule on slots in place, which programs see at their next run', async () => {
    const engine = await make();
    const store = engine.store();
    const p = input('p', 'float32', [3]);
    const twice = await engine.compile(named([p], { twice: ops.scale(p, 2) }), {
      maxBatch: 1,
      store: slots(),
    });
    for (const rule of [
      { kind: 'sgd', rate: 0.5, momentum: 0 },
      { kind: 'sgd', rate: 0.5, momentum: 0.25 },
      { kind: 'rmsprop', rate: 0.5, alpha: 0.75, epsilon: 0.125, epsilonInside: true },
      { kind: 'rmsprop', rate: 0.5, alpha: 0.75, epsilon: 0.125, epsilonInside: false },
      { kind: 'adam', rate: 0.5, beta1: 0.5, beta2: 0.75, epsilon: 0.125 },
    ] as const) {
      slots();
      await twice.run(1);
      const state = ['a', 'b'].slice(0, stateCount(rule));
      // The gradient 2p is an output of the engine; scaled by 1/2 it is p.
      store.descend(rule, { parameter: 'p', state, gradient: twice.output('twice'), scale: 0.5 });
      const want = [1, -2, 3].map((d) => {
        const root = (v: number): number => Math.sqrt(v);
        if (rule.kind === 'sgd') return d - 0.5 * (d + (rule.momentum === 0 ? 0 : 0.25));
        const v = 0.75 + 0.25 * d * d;
        if (rule.kind === 'adam') return d - (0.5 * (0.5 + 0.5 * d)) / (root(v) + 0.125);
        return d - (0.5 * d) / (rule.epsilonInside ? root(v + 0.125) : root(v) + 0.125);
      });
      const got = Array.from(store.view('p') as Float32Array);
      got.forEach((g, i) => expect(g).toBeCloseTo(want[i], 6));
      await twice.run(1);
      expect(numbers(twice, 'twice')).toEqual(got.map((g) => 2 * g));
    }
    const adam = { kind: 'adam', rate: 1, beta1: 0, beta2: 0, epsilon: 1 } as const;
    const short = { parameter: 'p', gradient: Float32Array.of(1, 2), scale: 1 };
    expect(() => store.descend(adam, { ...short, state: ['a', 'b'] })).toThrow(
      /2 state slots and a gradient/,
    );
    expect(() => store.descend(adam, { ...short, state: ['a'] })).toThrow(/1 state slots/);
    engine.dispose();

    function slots(): typeof store {
      store.set('p', f32([3], [1, -2, 3]));
      for (const name of ['a', 'b']) store.set(name, f32([3], [1, 1, 1]));
      return store;
    }
  });

  it('gives outputs that are inputs, constants or each other, and ignores inputs that nothing reads', async () => {
    const engine = await make();
    const k = ops.scalar(3, 'float32');
    const sum = ops.add(x, k);
    const unread = input('unread', 'float32', [N]);
    const g = named([x, unread], { same: x, flat: ops.reshape(x, [{ batch: 2 }]), k, a: sum, b: sum });
    const program = await engine.compile(g, { maxBatch: 2 });
    program.setInput('x', Float32Array.of(1, 2));
    await program.run(1);
    expect(['same', 'flat', 'k', 'a', 'b'].map((o) => numbers(program, o))).toEqual([
      [1, 2],
      [1, 2],
      [3],
      [4, 5],
      [4, 5],
    ]);
    engine.dispose();
  });

  it('folds what depends on constants alone, and keeps whole numbers and truth values', async () => {
    const engine = await make();
    const table = ops.transpose(ops.square(held([2, 3], [1, 2, 3, 4, 5, 6])), [1, 0]);
    const big = ops.cast(x, 'int64');
    const g = named([x], {
      y: ops.matmul(x, ops.swapLast(table)),
      big: ops.concat([big, big], 1),
      less: ops.less(x, ops.scalar(2, 'float32')),
    });
    const program = await engine.compile(g, { maxBatch: 2 });
    program.setInput('x', Float32Array.of(1, 2, 3, -1.5));
    await program.run(2);
    expect(numbers(program, 'y')).toEqual([33, 54, 81, -21, -25.5, -27]);
    expect(program.output('big')).toEqual(BigInt64Array.of(1n, 2n, 1n, 2n, 3n, -1n, 3n, -1n));
    expect(program.output('less')).toEqual(Uint8Array.of(1, 0, 0, 1));
    engine.dispose();
  });

  it('runs no examples at all', async () => {
    const engine = await make();
    const program = await engine.compile(named([x], { y: ops.tanh(x), s: ops.reduceSum(x, [0]) }), {
      maxBatch: 2,
    });
    program.setInput('x', new Float32Array(0));
    await program.run(0);
    expect(program.output('y')).toHaveLength(0);
    expect(numbers(program, 's')).toEqual([0, 0]);
    engine.dispose();
  });

  it('says which rule was broken', async () => {
    const engine = await make();
    const store = engine.store();
    const other = await make();
    const compile = (g: Graph, options: object) => async () => engine.compile(g, { maxBatch: 2, ...options });
    const rejects = (f: () => Promise<unknown>, code: string) =>
      expect(f()).rejects.toMatchObject({ name: 'FimError', code });

    store.set('w', zeros('float32', [2, 2]));
    expect(() => store.set('w', zeros('float64', [2, 2]))).toThrow(/float32\[2, 2\] for as long/);
    expect(() => store.view('none')).toThrow(/does not exist/);
    await rejects(compile(linear, { store }), 'engine/slot');
    await rejects(compile(linear, { store: other.store() }), 'engine/store');
    await rejects(compile(linear, { maxBatch: 0 }), 'engine/batch');
    await rejects(compile(linear, { connect: { z: null } }), 'engine/name');

    const p = await engine.compile(linear, { maxBatch: 2 });
    const alien = await other.compile(linear, { maxBatch: 2 });
    const [y, z] = [input('y', 'float32', [N, 3]), input('y', 'float32', [N, 2])];
    const link = (program: Program, output = 'y') => ({ connect: { y: { program, output } } });
    await rejects(compile(named([y], { t: ops.exp(y) }), link(alien)), 'engine/connect');
    await rejects(compile(named([z], { t: ops.exp(z) }), link(p)), 'engine/connect');
    await rejects(compile(named([y], { t: ops.exp(y) }), link(p, 'none')), 'engine/connect');
    await rejects(compile(named([y], { t: ops.exp(y) }), { ...link(p), maxBatch: 3 }), 'engine/connect');

    expect(() => p.setInput('none', new Float32Array(2))).toThrow(/no such input/);
    expect(() => p.setInput('x', new Float64Array(2) as never)).toThrow(/takes float32\[N, 2\]/);
    expect(() => p.setInput('x', new Float32Array(3))).toThrow(/got: {3}Float32Array of 3/);
    expect(() => p.setInput('x', new Float32Array(6))).toThrow(/N ≤ 2/);
    expect(() => p.output('none')).toThrow(/no such output/);
    await rejects(async () => p.run(1), 'engine/input');
    p.setInput('w', new Float32Array(6));
    p.setInput('c', new Float32Array(3));
    p.setInput('x', new Float32Array(2));
    await rejects(async () => p.run(2), 'engine/input');
    await rejects(async () => p.run(3), 'engine/batch');
    await p.run(1);
    p.dispose();
    p.dispose();
    await rejects(async () => p.run(1), 'engine/disposed');
    expect(() => p.output('y')).toThrow(/disposed/);
    engine.dispose();
    other.dispose();
  });
});

describe('memory of the small engine', () => {
  it('growing it leaves programs and stores intact, and views are derived again', () => {
    const engine = createSmallEngine();
    const store = engine.store();
    store.set('w', f32([2, 3], [1, 2, 3, 4, 5, 6]));
    store.set('c', f32([3], [0, 0, 0]));
    const p = engine.compileSync(linear, { maxBatch: 2, store });
    const before = store.view('w');
    (p.inputView('x') as Float32Array).set([1, 0, 0, 1]);
    const big = Array.from({ length: 5 }, (_, i) =>
      engine.compileSync(named([x], { y: ops.exp(ops.square(x)) }), { maxBatch: 100_000 * (i + 1) }),
    );
    expect(before).toHaveLength(0); // detached, so nobody reads what is no longer there
    expect(Array.from(store.view('w') as Float32Array)).toEqual([1, 2, 3, 4, 5, 6]);
    p.run(2);
    expect(numbers(p, 'y')).toEqual([1, 2, 3, 4, 5, 6]);
    // A slot copied from another slot, though making it grows the memory.
    const large = zeros('float32', [3_000_000]);
    store.set('large', large);
    store.view('large').fill(5 as never);
    store.set('copy', { ...large, data: store.view('large') });
    expect((store.view('copy') as Float32Array).every((v) => v === 5)).toBe(true);
    big.forEach((b) => b.dispose());
    p.run(1);
    expect(numbers(p, 'y')).toEqual([1, 2, 3]);
  });

  it('gives the memory of disposed programs to new ones', () => {
    const engine = createSmallEngine();
    const g = named([x], { y: ops.exp(ops.square(x)) });
    const store = engine.store();
    store.set('a', zeros('float32', [1]));
    engine.compileSync(g, { maxBatch: 300_000 }).dispose();
    const view = store.view('a');
    for (let i = 0; i < 50; i++) engine.compileSync(g, { maxBatch: 300_000 }).dispose();
    expect(view).toHaveLength(1); // the memory never grew
  });

  it('keeps the outputs of a disposed program for as long as another reads them', () => {
    const engine = createSmallEngine();
    const a = engine.compileSync(named([x], { h: ops.square(x) }), { maxBatch: 2 });
    const h = input('h', 'float32', [N, 2]);
    const b = engine.compileSync(named([h], { y: ops.neg(h) }), {
      maxBatch: 2,
      connect: { h: { program: a, output: 'h' } },
    });
    a.setInput('x', Float32Array.of(1, 2));
    a.run(1);
    a.dispose();
    engine.compileSync(named([x], { y: ops.exp(x) }), { maxBatch: 2 });
    b.run(1);
    expect(numbers(b, 'y')).toEqual([-1, -4]);
    expect(() =>
      engine.compileSync(named([h], { y: h }), { maxBatch: 1, connect: { h: { program: a, output: 'h' } } }),
    ).toThrow(/live program/);
  });

  it('reuses buffers: a chain of a hundred layers takes the memory of a few', () => {
    const engine = createSmallEngine();
    let h: Value = x;
    for (let i = 0; i < 100; i++) h = ops.tanh(h);
    const program = engine.compileSync(named([x], { h }), { maxBatch: 1000 });
    expect(program.info.nodes).toBe(100);
    expect(program.info.bytes).toBeLessThan(5 * 8000);
  });

  it('computes equal subexpressions once', () => {
    const engine = createSmallEngine();
    const twice = () => ops.tanh(ops.mul(x, ops.scalar(2, 'float32')));
    const moved = ops.transpose(ops.transpose(twice(), [1, 0]), [1, 0]);
    const program = engine.compileSync(named([x], { y: ops.add(twice(), moved) }), { maxBatch: 1 });
    expect(program.info.nodes).toBe(3);
  });
});

describe('memory of ONNX Runtime', () => {
  it('is given back: ten thousand runs leave no trace', async () => {
    const engine = await createOrtEngine();
    const program = await engine.compile(
      named([x], { y: ops.expand(ops.reduceSum(x, [1], true), [1, 2048]) }),
      {
        maxBatch: 4,
      },
    );
    program.setInput('x', new Float32Array(8));
    const rss = async (runs: number) => {
      for (let i = 0; i < runs; i++) await program.run(4);
      return process.memoryUsage().rss;
    };
    const before = await rss(3000);
    const after = await rss(10_000); // 320 MB of outputs
    expect(after - before).toBeLessThan(100e6);
    engine.dispose();
  });
});
