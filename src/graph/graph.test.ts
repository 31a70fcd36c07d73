import { describe, expect, it } from 'vitest';
import { thrown } from '../../test/graph/thrown.js';
import { tensor } from '../core/tensor.js';
import { evaluate } from '../engine/oracle/evaluate.js';
import * as b from './build.js';
import { nodesOf, vjp } from './derive.js';
import { N, showShape } from './dims.js';
import { graph, graphNodes, leavesOf } from './graph.js';
import { cutAt, downstream, substitute } from './substitute.js';
import { constant, input, type Value, withOrigin } from './value.js';

const x = input('x', 'float64', [N, 2]);
const w = input('w', 'float64', [2, 2]);
const ct = input('ct', 'float64', [N, 2]);
const xs = tensor('float64', [2, 2], [1, 2, 3, 4]);
const ws = tensor('float64', [2, 2], [1, -1, 2, 0]);
const numbers = (v: Value, at: [Value, ReturnType<typeof tensor>][]) => [
  ...evaluate([v], new Map(at), 2)[0].data,
];

describe('graph', () => {
  it('names inputs and outputs in order, and lists nodes in an order that can be run', () => {
    const h = b.matmul(x, w);
    const g = graph({ x, w }, { y: b.tanh(h), h });
    expect(g.inputs.map((i) => i.name)).toEqual(['x', 'w']);
    expect(g.outputs.map((o) => o.name)).toEqual(['y', 'h']);
    expect(graphNodes(g).map((n) => n.op)).toEqual(['MatMul', 'Tanh']);
  });

  it('needs a name for everything it reads but constants', () => {
    const h = b.add(b.matmul(x, w), constant(tensor('float64', [2], [1, 2])));
    expect(graph({ x, w, ct }, { h }).inputs).toHaveLength(3);
    const e = thrown(() => graph({ x }, { h }));
    expect(e.code).toBe('graph/unnamed-input');
    expect(e.message).toContain('"w"');
    expect(thrown(() => graph({}, { w })).code).toBe('graph/unnamed-input');
  });

  it('knows its leaves: inputs, constants, outputs that are neither', () => {
    const k = b.scalar(3, 'float64');
    expect(new Set(leavesOf([b.mul(x, k), w]))).toEqual(new Set([x, k, w]));
  });
});

describe('substitute', () => {
  const hidden = withOrigin('MatMul "/fc1"', () => b.matmul(x, w));
  const out = b.add(b.tanh(hidden), b.exp(b.reduceSum(w, [0])));

  it('reads another value everywhere and shares what does not change', () => {
    const v = input('v', 'float64', [N, 2]);
    const [copy] = substitute([out], new Map([[hidden, v]]));
    expect(
      nodesOf([copy])
        .map((n) => n.op)
        .sort(),
    ).toEqual(['Add', 'Exp', 'ReduceSum', 'Tanh']);
    const exp = nodesOf([out]).find((n) => n.op === 'Exp');
    expect(nodesOf([copy])).toContain(exp);
    expect(
      numbers(copy, [
        [v, xs],
        [w, ws],
      ]),
    ).toEqual(
      numbers(b.add(b.tanh(x), b.exp(b.reduceSum(w, [0]))), [
        [x, xs],
        [w, ws],
      ]),
    );
  });

  it('returns the same values where nothing is replaced, and keeps origins where something is', () => {
    expect(substitute([out, x], new Map())).toEqual([out, x]);
    const [copy] = substitute([hidden], new Map([[w, input('u', 'float64', [2, 2])]]));
    expect(copy.node?.origin).toBe('MatMul "/fc1"');
    expect(substitute([x], new Map([[x, ct]]))).toEqual([ct]);
    // What stands for a value stands for it also where what is behind the value is replaced.
    const both = new Map([
      [hidden, ct],
      [x, input('u', 'float64', [N, 2])],
    ]);
    expect(substitute([hidden], both)).toEqual([ct]);
  });

  it('knows what depends on what', () => {
    const reached = downstream([out], [x]);
    expect(reached.has(hidden)).toBe(true);
    expect(reached.has(out)).toBe(true);
    expect(reached.has(w)).toBe(false);
  });
});

describe('cutAt', () => {
  const y = b.tanh(b.matmul(x, w));
  const gradients = vjp([y], [ct], [w, x]) as Value[];

  it('puts before the cut all that does not need the late inputs, and the halves make the whole', () => {
    const cut = cutAt(gradients, [ct]);
    expect(cut.before.every((v) => !downstream(gradients, [ct]).has(v))).toBe(true);
    expect(cut.placeholders.map((p) => showShape(p.shape))).toEqual(
      cut.before.map((v) => showShape(v.shape)),
    );
    const cts = tensor('float64', [2, 2], [0.5, -1, 2, 1]);
    const at: [Value, typeof cts][] = [
      [x, xs],
      [w, ws],
      [ct, cts],
    ];
    const first = evaluate(cut.before, new Map(at), 2);
    const late: [Value, typeof cts][] = cut.placeholders.map((p, i) => [
      p,
      tensor('float64', first[i].shape, first[i].data),
    ]);
    cut.after.forEach((v, i) => expect(numbers(v, [...at, ...late])).toEqual(numbers(gradients[i], at)));
    // Nothing that the second half computes could have been computed in the first.
    for (const node of nodesOf(cut.after)) expect(downstream(cut.after, [ct]).has(node.output)).toBe(true);
  });

  it('hands over an output that needs nothing late, and leaves inputs where they are', () => {
    const cut = cutAt([y, b.mul(y, ct), x], [ct]);
    expect(cut.before).toEqual([y]);
    expect(cut.after[0]).toBe(cut.placeholders[0]);
    expect(cut.after[2]).toBe(x);
  });

  it('leaves what needs no product to the second half, where the first has something to compute anyway', () => {
    const tangents = b.matmul(b.square(x), b.square(w));
    const out = b.mul(b.mul(b.square(y), ct), b.exp(tangents));
    const cut = cutAt([out], [ct], [y]);
    expect(cut.before.map((v) => v.node?.op)).toEqual(['Tanh', 'Exp']);
    const at: [Value, typeof xs][] = [
      [x, xs],
      [w, ws],
      [ct, tensor('float64', [2, 2], [0.5, -1, 2, 1])],
    ];
    const first = evaluate(cut.before, new Map(at), 2);
    const late: [Value, typeof xs][] = cut.placeholders.map((p, i) => [
      p,
      tensor('float64', first[i].shape, first[i].data),
    ]);
    expect(numbers(cut.after[0], [...at, ...late])).toEqual(numbers(out, at));
  });

  it('makes again what movers and plain arithmetic give of less, where handing over is copying', () => {
    const thrice = (v: Value) => b.concat([v, v, v], 1);
    const positive = b.relu(b.sub(y, b.scalar(0.1, 'float64')));
    const kept = [thrice(y), positive, b.exp(y)];
    const out = [b.mul(kept[0], thrice(ct)), b.mul(positive, ct), b.mul(kept[2], ct)];
    const cut = cutAt(out, [ct], kept, new Set());
    // The activation once, in place of its three copies and of what is above 0.1; no function is computed twice.
    const ops = (values: readonly Value[]) => values.map((v) => v.node?.op).sort();
    expect(ops(cutAt(out, [ct], kept).before)).toEqual(['Concat', 'Exp', 'Relu']);
    expect(ops(cut.before)).toEqual(['Exp', 'Tanh']);
    const at: [Value, typeof xs][] = [
      [x, xs],
      [w, ws],
      [ct, tensor('float64', [2, 2], [0.5, -1, 2, 1])],
    ];
    const first = evaluate(cut.before, new Map(at), 2);
    const late: [Value, typeof xs][] = cut.placeholders.map((p, i) => [
      p,
      tensor('float64', first[i].shape, first[i].data),
    ]);
    cut.after.forEach((v, i) => expect(numbers(v, [...at, ...late])).toEqual(numbers(out[i], at)));
  });

  it('leaves a product that is an output of one half alone to that half, where handing over is copying', () => {
    const square = b.matmul(b.swapLast(y), y);
    const out = [square, b.mul(y, ct)];
    const ops = (alone?: ReadonlySet<Value>) => cutAt(out, [ct], [y], alone).before.map((v) => v.node?.op);
    expect(ops()).toEqual(['Tanh', 'MatMul']);
    expect(ops(new Set())).toEqual(['Tanh', 'MatMul']);
    expect(ops(new Set([square]))).toEqual(['Tanh']);
  });

  it('names placeholders after what they stand for, so that several cuts agree', () => {
    const names = (v: Value[]) => cutAt(v, [ct]).placeholders.map((p) => p.name);
    expect(names([b.mul(y, ct)])).toEqual(names([b.add(y, ct)]));
  });
});
