import { describe, expect, it } from 'vitest';
import { constant, input, N, ops as b, type Shape, type Value } from '../graph/index.js';
import { tensor } from '../core/tensor.js';
import { layersOf } from './layers.js';
import { type Site, sitesOf } from './sites.js';

type Parameters = Record<string, Value>;

function build(xShape: Shape, shapes: Record<string, number[]>, h: (x: Value, p: Parameters) => Value) {
  const x = input('x', 'float64', xShape);
  const parameters = Object.fromEntries(Object.entries(shapes).map(([k, s]) => [k, input(k, 'float64', s)]));
  return { x, parameters, h: h(x, parameters) };
}

/** Form and reason of each parameter's site. */
function sites(xShape: Shape, shapes: Record<string, number[]>, h: (x: Value, p: Parameters) => Value) {
  const net = build(xShape, shapes, h);
  return sitesOf([net.h], Object.values(net.parameters)).map((s: Site) =>
    s.reason ? `${s.form}: ${s.reason}` : s.form + (s.transposed ? ', transposed' : ''),
  );
}

const tied = constant(tensor('float64', [4, 3], new Float64Array(12).fill(2)));

describe('sitesOf', () => {
  const W = { W: [4, 3] };
  const V = { V: [3, 4] };

  it.each([
    ['as it is', W, (x, p) => b.matmul(x, p.W), ['dense']],
    ['transposed', V, (x, p) => b.matmul(x, b.transpose(p.V, [1, 0])), ['dense, transposed']],
    ['transposed twice', W, (x, p) => b.matmul(x, b.transpose(b.transpose(p.W, [1, 0]), [1, 0])), ['dense']],
    ['cast and back', W, (x, p) => b.matmul(x, b.cast(b.cast(p.W, 'float32'), 'float64')), ['dense']],
    [
      'masked',
      W,
      (x, p) => b.matmul(x, b.mul(p.W, tied)),
      ['fallback: transformed by Mul before it meets data'],
    ],
    ['squared', W, (x, p) => b.matmul(x, b.square(p.W)), ['fallback: used 2 times']],
    [
      'reshaped',
      { W: [12] },
      (x, p) => b.matmul(x, b.reshape(p.W, [4, 3])),
      ['fallback: transformed by Reshape before it meets data'],
    ],
    ['used twice', { W: [4, 4] }, (x, p) => b.matmul(b.tanh(b.matmul(x, p.W)), p.W), ['shared']],
    [
      'used as it is and transposed',
      W,
      (x, p) => b.matmul(b.tanh(b.matmul(x, p.W)), b.transpose(p.W, [1, 0])),
      ['fallback: used 2 times'],
    ],
    ['not used', W, (x) => x, ['fallback: does not reach the output']],
  ] as [string, Record<string, number[]>, (x: Value, p: Parameters) => Value, string[]][])(
    'a weight %s',
    (_, shapes, h, want) => {
      expect(sites([N, 4], shapes, h)).toEqual(want);
    },
  );

  it.each([
    ['a bias', [N, 3], { c: [3] }, (x, p) => b.add(x, p.c), ['shift']],
    ['a bias in front', [N, 3], { c: [1, 3] }, (x, p) => b.sub(p.c, x), ['shift']],
    ['a scale', [N, 3], { s: [3] }, (x, p) => b.mul(p.s, x), ['scale']],
    ['a divisor', [N, 3], { s: [3] }, (x, p) => b.div(x, p.s), ['fallback: meets data in Div']],
    [
      'a bias read transposed',
      [N, 3],
      { c: [3, 1] },
      (x, p) => b.add(x, b.transpose(p.c, [1, 0])),
      ['fallback: transposed before Add'],
    ],
    [
      'a shared bias',
      [N, 3],
      { c: [3] },
      (x, p) => b.add(b.tanh(b.add(x, p.c)), p.c),
      ['fallback: used 2 times'],
    ],
    [
      'tokens',
      [N, 5, 4],
      { W: [4, 3], c: [3] },
      (x, p) => b.reduceSum(b.add(b.matmul(x, p.W), p.c), [1]),
      ['shared', 'shift'],
    ],
    [
      'two parameters that meet before the data',
      [N, 4],
      { W: [4, 3], V: [4, 3] },
      (x, p) => b.matmul(x, b.add(p.W, p.V)),
      [
        'fallback: transformed by Add before it meets data',
        'fallback: transformed by Add before it meets data',
      ],
    ],
  ] as [string, Shape, Record<string, number[]>, (x: Value, p: Parameters) => Value, string[]][])(
    '%s',
    (_, xShape, shapes, h, want) => {
      expect(sites(xShape, shapes, h)).toEqual(want);
    },
  );
});

describe('layersOf', () => {
  const network = (shapes: Record<string, number[]>, h: (x: Value, p: Parameters) => Value) => {
    const net = build([N, 4], shapes, h);
    return layersOf({
      inputs: new Map([['x', net.x]]),
      h: net.h,
      parameters: new Map(Object.entries(net.parameters)),
      fixed: new Map(),
      weights: new Map(),
    }).map((l) => [l.name, ...l.parameters]);
  };

  it('a weight and its bias, by what their names share', () => {
    const shapes = { 'net.0.weight': [4, 3], 'net.0.bias': [3], 'net.2.weight': [3, 2], 'net.2.bias': [2] };
    const h = (x: Value, p: Parameters) =>
      b.add(
        b.matmul(b.tanh(b.add(b.matmul(x, p['net.0.weight']), p['net.0.bias'])), p['net.2.weight']),
        p['net.2.bias'],
      );
    expect(network(shapes, h)).toEqual([
      ['net.0', 'net.0.weight', 'net.0.bias'],
      ['net.2', 'net.2.weight', 'net.2.bias'],
    ]);
  });

  it('names of Keras, names that share nothing, names that an exporter made', () => {
    const pair = (w: string, c: string) =>
      network({ [w]: [4, 3], [c]: [3] }, (x, p) => b.add(b.matmul(x, p[w]), p[c]))[0][0];
    expect(pair('dense/kernel', 'dense/bias')).toBe('dense');
    expect(pair('model/dense_1/kernel', 'model/dense_1/bias')).toBe('model/dense_1');
    expect(pair('W', 'c')).toBe('W');
    expect(pair('onnx::MatMul_23', 'fc1.bias')).toBe('fc1');
  });

  it('a scale, and a bias on no product, are layers of their own', () => {
    const shapes = { 'a.weight': [4, 3], 'ln.weight': [3], 'ln.bias': [3], 'b.weight': [3, 2] };
    const h = (x: Value, p: Parameters) =>
      b.matmul(b.add(b.mul(b.matmul(x, p['a.weight']), p['ln.weight']), p['ln.bias']), p['b.weight']);
    expect(network(shapes, h)).toEqual([
      ['a', 'a.weight'],
      ['ln', 'ln.weight'],
      ['ln.bias', 'ln.bias'],
      ['b', 'b.weight'],
    ]);
  });

  it('scale and shift of one normalisation, unless their names tell two modules', () => {
    const normalised = (scale: string, shift: string) => {
      const shapes = { [scale]: [4], [shift]: [4], 'fc.weight': [4, 2] };
      return network(shapes, (x, p) => {
        const centred = b.sub(x, b.reduceMean(x, [1], true));
        const deviation = b.sqrt(b.shift(b.reduceMean(b.square(centred), [1], true), 1e-5));
        const norm = b.add(b.mul(b.div(centred, deviation), p[scale]), p[shift]);
        return b.matmul(norm, p['fc.weight']);
      });
    };
    const fc = ['fc', 'fc.weight'];
    expect(normalised('ln.weight', 'ln.bias')).toEqual([['ln', 'ln.weight', 'ln.bias'], fc]);
    expect(normalised('m/bn/gamma', 'm/bn/beta')).toEqual([['m/bn', 'm/bn/gamma', 'm/bn/beta'], fc]);
    expect(normalised('g', 's')).toEqual([['g', 'g', 's'], fc]);
    expect(normalised('a.scale', 'b.shift')).toEqual([['a', 'a.scale'], ['b', 'b.shift'], fc]);
  });

  it('no two layers have one name', () => {
    const shapes = { 'a.w': [4, 3], 'a.c': [3], a: [3, 3], 'a.v': [3, 2] };
    const h = (x: Value, p: Parameters) =>
      b.matmul(b.matmul(b.add(b.matmul(x, p['a.w']), p['a.c']), p.a), p['a.v']);
    const names = network(shapes, h).map(([name]) => name);
    expect(names).toEqual(['a', 'a (2)', 'a.v']);
  });
});
