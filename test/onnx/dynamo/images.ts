/** @module test/onnx/dynamo/images — convolutions: 1-D, 2-D, depthwise, transposed, group normalisation. */
import { f32, float, info, int, ints, text } from '../builder.js';
import { Growing } from './graph.js';
import type { Fixture } from './index.js';

interface Shape {
  readonly dims: 1 | 2;
  readonly groups?: number;
  readonly pad?: number;
}

/** Attributes as the exporter writes them, defaults too. */
const attributes = ({ dims, groups = 1, pad = 0 }: Shape) => ({
  auto_pad: text('NOTSET'),
  dilations: ints(...Array<number>(dims).fill(1)),
  group: int(groups),
  pads: ints(...Array<number>(2 * dims).fill(pad)),
  strides: ints(...Array<number>(dims).fill(1)),
});

/** nn.Conv of kernel 3. */
function conv(g: Growing, x: string, name: string, from: number, to: number, shape: Shape): string {
  const w = g.parameter(
    `${name}.weight`,
    to,
    from / (shape.groups ?? 1),
    ...Array<number>(shape.dims).fill(3),
  );
  return g.op('Conv', [x, w, g.parameter(`${name}.bias`, to)], attributes(shape), `conv${shape.dims}d`);
}

function images(
  name: string,
  shape: readonly number[],
  parameters: readonly string[],
  opset: 18 | 20,
  body: (g: Growing) => string,
  doubts: readonly string[] = [],
): Fixture {
  return {
    name,
    likelihood: 'categorical',
    inputs: { x: { shape } },
    doubts,
    parameters: [...parameters, 'fc.weight', 'fc.bias'],
    make: () => {
      const g = new Growing();
      const out = body(g);
      return g.file(opset, [info('x', 'float32', ['batch', ...shape])], [info(out, 'float32', ['batch', 3])]);
    },
  };
}

const own = (...modules: string[]): string[] => modules.flatMap((m) => [`${m}.weight`, `${m}.bias`]);
const relu = (g: Growing, x: string): string => g.op('Relu', [x], {}, 'relu');

/** The mean over positions, then fc. */
function head(g: Growing, x: string, channels: number, axes: readonly number[]): string {
  const mean = g.op(
    'ReduceMean',
    [x, g.ints(...axes)],
    { keepdims: int(0), noop_with_empty_axes: int(0) },
    'mean',
  );
  return g.linear(mean, 'fc', channels, 3);
}

export const IMAGES: readonly Fixture[] = [
  images('conv1d', [2, 6], own('conv'), 18, (g) =>
    head(g, relu(g, conv(g, 'x', 'conv', 2, 3, { dims: 1 })), 3, [-1]),
  ),
  images('conv2d', [1, 4, 4], own('conv'), 20, (g) => {
    const c = relu(g, conv(g, 'x', 'conv', 1, 2, { dims: 2, pad: 1 }));
    const pooled = g.op(
      'MaxPool',
      [c],
      {
        kernel_shape: ints(2, 2),
        strides: ints(2, 2),
        pads: ints(0, 0, 0, 0),
        dilations: ints(1, 1),
        ceil_mode: int(0),
        auto_pad: text('NOTSET'),
        storage_order: int(0),
      },
      'max_pool2d',
    );
    return g.linear(g.view(pooled, 'x', 8), 'fc', 8, 3);
  }),
  images('depthwise', [2, 4, 4], own('depth', 'point'), 18, (g) => {
    const d = relu(g, conv(g, 'x', 'depth', 2, 2, { dims: 2, groups: 2 }));
    const w = g.parameter('point.weight', 3, 2, 1, 1);
    const p = g.op('Conv', [d, w, g.parameter('point.bias', 3)], attributes({ dims: 2 }), 'conv2d');
    return head(g, relu(g, p), 3, [-1, -2]);
  }),
  images('conv-transpose', [2, 3, 3], own('up'), 20, (g) => {
    const w = g.parameter('up.weight', 2, 2, 2, 2);
    const u = g.op(
      'ConvTranspose',
      ['x', w, g.parameter('up.bias', 2)],
      { ...attributes({ dims: 2 }), strides: ints(2, 2), output_padding: ints(0, 0) },
      'conv_transpose2d',
    );
    return head(g, relu(g, u), 2, [-1, -2]);
  }),
  images(
    'group-norm',
    [1, 4, 4],
    own('conv', 'norm'),
    18,
    (g) => {
      const c = conv(g, 'x', 'conv', 1, 4, { dims: 2 });
      const grouped = g.op('Reshape', [c, g.ints(0, 2, -1)], { allowzero: int(0) });
      // Ones and zeros that the exporter put there: they might be a scale and a shift that have not moved yet.
      const plain = [g.constant(f32([2], [1, 1])), g.constant(f32([2], [0, 0]))];
      const normal = g.op('InstanceNormalization', [grouped, ...plain], { epsilon: float(1e-5) });
      const back = g.op('Reshape', [normal, g.op('Shape', [c], { start: int(0) })], { allowzero: int(0) });
      const weight = g.op('Unsqueeze', [g.parameter('norm.weight', 4), g.ints(1, 2)]);
      const bias = g.op('Unsqueeze', [g.parameter('norm.bias', 4), g.ints(1, 2)]);
      const scaled = g.op('Mul', [back, weight]);
      return head(g, relu(g, g.op('Add', [scaled, bias], {}, 'group_norm')), 4, [-1, -2]);
    },
    ['val_2', 'val_3'],
  ),
];
