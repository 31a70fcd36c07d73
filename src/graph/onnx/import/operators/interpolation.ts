/**
 * @module graph/onnx/import/operators/interpolation
 *
 * Interpolation along one axis: where each element of the result lies between those of the operand, and the weights that it takes of its
 * neighbours (linear 2, cubic 4, of a shrunk image as many as the kernel reaches with `antialias`). Neighbours outside are the outermost
 * elements, or with `exclude_outside` nothing. Source: onnx/onnx, Operators.md (Resize) and its reference implementation; cubic:
 * R. Keys 1981.
 */

/** How one axis is resized. */
export interface AxisScale {
  /** Elements of the operand and of the result. */
  readonly length: number;
  readonly count: number;
  /** Of the result to the operand. */
  readonly scale: number;
  /** Length of the result before it was made a whole number: scale · length. */
  readonly exact: number;
  /** Part of the operand that is looked at, of its length; only `tf_crop_and_resize` reads it. */
  readonly region: readonly [number, number];
}

/** Where an element of the result lies in the operand, by the name of the transformation. */
export const COORDINATES: Readonly<Record<string, (x: number, a: AxisScale) => number>> = {
  half_pixel: (x, a) => (x + 0.5) / a.scale - 0.5,
  half_pixel_symmetric: (x, a) => (a.length / 2) * (1 - a.count / a.exact) + (x + 0.5) / a.scale - 0.5,
  pytorch_half_pixel: (x, a) => (a.exact === 1 ? -0.5 : (x + 0.5) / a.scale - 0.5),
  align_corners: (x, a) => (a.exact === 1 ? 0 : (x * (a.length - 1)) / (a.exact - 1)),
  asymmetric: (x, a) => x / a.scale,
  tf_crop_and_resize: (x, a) => {
    const [from, to] = a.region;
    const reach = (to - from) * (a.length - 1);
    return from * (a.length - 1) + (a.exact === 1 ? reach / 2 : (x * reach) / (a.exact - 1));
  },
  tf_half_pixel_for_nn: (x, a) => (x + 0.5) / a.scale,
};

/** The nearest element, by the name of the rule for halves. */
export const NEAREST: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** How weights are chosen. */
export interface Kernel {
  readonly mode: 'linear' | 'cubic';
  /** Of the cubic. */
  readonly coefficient: number;
  readonly antialias: boolean;
  readonly excludeOutside: boolean;
}

function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  return x < 2 ? a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a : 0;
}

/** Weights of all elements of the operand for the element of the result at `x`. */
export function weightsAt(x: number, { length, scale }: AxisScale, kernel: Kernel): number[] {
  const { mode, coefficient, antialias, excludeOutside } = kernel;
  const s = antialias ? Math.min(scale, 1) : 1;
  const start = Math.floor(-(mode === 'linear' ? 1 : 2) / s) + 1;
  const left = Math.ceil(x) - 1;
  const row = new Array<number>(length).fill(0);
  let sum = 0;
  for (let i = start; i < 2 - start; i++) {
    const distance = s * (left + i - x);
    const at = left + i;
    if (excludeOutside && (at < 0 || at >= length)) continue;
    const w = mode === 'linear' ? Math.max(0, 1 - Math.abs(distance)) : cubic(distance, coefficient);
    row[Math.min(Math.max(at, 0), length - 1)] += w;
    sum += w;
  }
  return antialias || excludeOutside ? row.map((w) => w / sum) : row;
}
