/** @module test/onnx/dynamo/cells — recurrent networks: an LSTM operator over gates put in ONNX's order, a GRU unrolled step by step. */
import { info, int, ints, text } from '../builder.js';
import { Growing } from './graph.js';
import type { Fixture } from './index.js';

const OWN = (m: string): string[] =>
  ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0'].map((p) => `${m}.${p}`);

/** PyTorch's gates i f g o as ONNX's i o f c, with an axis of directions before. */
function reordered(g: Growing, name: string): string {
  const [i, f, c, o] = g.split(name, 4, 0);
  return g.op('Unsqueeze', [g.op('Concat', [i, o, f, c], { axis: int(0) }), g.ints(0)]);
}

function lstm(g: Growing): string {
  const shapes = [[12, 2], [12, 3], [12], [12]];
  const [w, r, bi, bh] = OWN('lstm').map((name, k) => reordered(g, g.parameter(name, ...shapes[k])));
  const steps = g.op('Transpose', ['x'], { perm: ints(1, 0, 2) });
  const b = g.op('Concat', [bi, bh], { axis: int(1) });
  const y = g.op('LSTM', [steps, w, r, b], { hidden_size: int(3), direction: text('forward') }, 'lstm');
  const one = g.op('Squeeze', [y, g.ints(1)]);
  const last = g.op(
    'Gather',
    [one, g.constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(-1n) })],
    { axis: int(0) },
    'select',
  );
  return g.linear(last, 'fc', 3, 3);
}

/** r, z, n of PyTorch: n = tanh(W x + b + r ⊙ (U h + c)), h′ = n + z ⊙ (h − n). */
function gru(g: Growing): string {
  const [wi, wh, bi, bh] = OWN('gru');
  const w = g.parameter(wi, 9, 2);
  const u = g.parameter(wh, 9, 3);
  const [bx, bhh] = [g.parameter(bi, 9), g.parameter(bh, 9)];
  const shape = g.op('Concat', [g.batchOf('x'), g.ints(3)], { axis: int(0) });
  let h = g.op('Expand', [g.number(0), shape], {}, 'full');
  for (let t = 0; t < 3; t++) {
    const x = g.op(
      'Gather',
      ['x', g.constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(t)) })],
      { axis: int(1) },
      'select',
    );
    const [xr, xz, xn] = g.split(g.op('Gemm', [x, w, bx], { transB: int(1) }, 'linear'), 3, 1);
    const [hr, hz, hn] = g.split(g.op('Gemm', [h, u, bhh], { transB: int(1) }, 'linear'), 3, 1);
    const r = g.op('Sigmoid', [g.op('Add', [hr, xr], {}, 'add')], {}, 'sigmoid');
    const z = g.op('Sigmoid', [g.op('Add', [hz, xz], {}, 'add')], {}, 'sigmoid');
    const n = g.op('Tanh', [g.op('Add', [xn, g.op('Mul', [hn, r], {}, 'mul')], {}, 'add')], {}, 'tanh');
    h = g.op('Add', [g.op('Mul', [g.op('Sub', [h, n], {}, 'sub'), z], {}, 'mul'), n], {}, 'add');
  }
  return g.linear(h, 'fc', 3, 3);
}

const cell = (name: 'lstm' | 'gru', opset: 18 | 20, body: (g: Growing) => string): Fixture => ({
  name,
  likelihood: 'categorical',
  inputs: { x: { shape: [3, 2] } },
  parameters: [...OWN(name), 'fc.weight', 'fc.bias'],
  make: () => {
    const g = new Growing();
    const out = body(g);
    return g.file(opset, [info('x', 'float32', ['batch', 3, 2])], [info(out, 'float32', ['batch', 3])]);
  },
});

export const CELLS: readonly Fixture[] = [cell('lstm', 20, lstm), cell('gru', 18, gru)];
