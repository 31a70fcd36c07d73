/**
 * @module scores/position-parts
 *
 * Parts of the positions of a convolution's weight, so that its windows are never all laid out: rows of windows are those of the rows of the
 * image that they stand on, and Σ_r x_r ⊗ g_r is the sum over the parts. Only where the windows of one example are many.
 */
import { sizeOf } from '../core/tensor.js';
import { type Dim, isBatch, ops as b, type Value } from '../graph/index.js';
import { apply } from '../graph/registry.js';
import { type WindowMap, windowMap } from '../graph/ops/window-map.js';
import type { Use } from '../model/sites.js';
import type { Positions } from './positions.js';

/** Numbers of one example's windows that are laid out at once. */
const WINDOWS = 2 ** 21;

/** Most parts: each is some ten nodes of a graph. */
const MOST_PARTS = 32;

const volume = (dims: readonly number[]): number => dims.reduce((p, d) => p * d, 1);

const behindReshapes = (v: Value): Value => (v.node?.op === 'Reshape' ? behindReshapes(v.node.inputs[0]) : v);

/** Windows of one image an example. */
interface Windows {
  readonly image: Value;
  readonly map: WindowMap;
}

/** The windows that a value is, reshaped; null: it is none. */
function windowsOf(v: Value): Windows | null {
  const { node } = behindReshapes(v);
  if (node?.op !== 'Unfold') return null;
  const map = windowMap(node.attrs);
  const [image] = node.inputs;
  const [n, channels] = image.shape;
  const plain = image.shape.length === 2 + map.length.length && isBatch(n) && n.batch === 1;
  return plain && !isBatch(channels) ? { image, map } : null;
}

/** Windows of an image, in numbers of an example, and rows of a part. */
function planned(
  { image, map }: Windows,
  most = WINDOWS,
): { readonly numbers: number; readonly each: number } {
  const rows = map.count[0];
  const numbers = (image.shape[1] as number) * volume(map.kernel) * volume(map.count);
  return { numbers, each: Math.ceil(rows / Math.min(MOST_PARTS, rows, Math.ceil(numbers / most))) };
}

/** Numbers of one example's data at a use of a shared weight, of `uses` in all, that are laid out at once. */
export function laidOutNumbers({ node, inputIndex }: Use, uses: number): number {
  const data = node.inputs[1 - inputIndex];
  const found = uses === 1 && inputIndex === 0 ? windowsOf(data) : null;
  if (!found) return sizeOf(data.shape.map((d) => (isBatch(d) ? d.batch : d)));
  const { numbers, each } = planned(found);
  return Math.ceil((numbers * each) / found.map.count[0]);
}

/** Windows from…to of the first axis, of the rows of the image that they reach. */
function someWindows(image: Value, map: WindowMap, from: number, to: number): Value {
  const [stride, dilation, kernel] = [map.stride[0], map.dilation[0], map.kernel[0]];
  const first = from * stride - map.before[0];
  const last = (to - 1) * stride + (kernel - 1) * dilation - map.before[0];
  // A window in the padding alone reads zeros of a row that it does not reach.
  const low = Math.min(map.length[0] - 1, Math.max(0, first));
  const high = Math.max(low + 1, Math.min(map.length[0], last + 1));
  const others = (list: readonly number[], own: number) => [own, ...list.slice(1)];
  return apply('Unfold', [b.slice(image, 2, low, high)], {
    ...map,
    before: others(map.before, low - first),
    count: others(map.count, to - from),
    length: others(map.length, high - low),
  });
}

/** Both factors at some positions after the others, of at most `most` numbers each; themselves where there is nothing to part. */
export function partsOf(positions: Positions, most = WINDOWS): readonly Positions[] {
  const { x, g, turned } = positions;
  const found = turned ? windowsOf(x) : null;
  if (!found) return [positions];
  const { image, map } = found;
  const [n, G, width, R] = x.shape as readonly [Dim, number, number, number];
  const { numbers, each } = planned(found, most);
  const rows = map.count[0];
  if (each >= rows || G * width * R !== numbers || R !== volume(map.count)) return [positions];
  const row = R / rows;
  return Array.from({ length: Math.ceil(rows / each) }, (_, i) => {
    const [from, to] = [i * each, Math.min(rows, (i + 1) * each)];
    return {
      x: b.reshape(someWindows(image, map, from, to), [n, G, width, (to - from) * row]),
      g: b.slice(g, 4, from * row, to * row),
      turned,
    };
  });
}
