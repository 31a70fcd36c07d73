/**
 * @module data/position-targets
 *
 * Targets of a network whose output has several positions: [N, H, W] or [N, S, C] as one row an example, and where a label marks positions
 * without one, the input that leaves them out and a label that stands in its place.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import { allocate, sizeOf, type Tensor } from '../core/tensor.js';
import type { Network, OutputPositions } from '../model/network.js';
import { shapeText } from './array-file.js';
import { type Dataset, makeDataset } from './dataset.js';

/**
 * The data with targets as rows, and the mask of their labels among the inputs where the network asks for it.
 * Throws `data/position-targets`, `data/lengths`.
 * @throws FimError with `data/no-axis`, `data/no-examples`, `data/no-inputs`
 */
export function atPositions(dataset: Dataset, network: Network): Dataset {
  const { positions } = network;
  const { targets, n, inputs } = dataset;
  if (!positions) return dataset;
  const { labels } = positions;
  const width = targets === null ? 0 : sizeOf(targets.shape) / n;
  const T = network.h.shape[1] as number;
  if (
    targets !== null &&
    targets.shape[0] === n &&
    targets.shape.length > 2 &&
    (width === T || width === positions.count)
  ) {
    const rows = width === T ? byPosition(targets, positions) : { ...targets, shape: [n, width] };
    const dataRows = makeDataset({ ...dataset, targets: rows });
    return labels ? ignoring(dataRows, rows, positions, labels) : dataRows;
  }
  if (!labels || inputs.has(labels.input)) return dataset;
  if (targets === null || targets.shape[0] !== n || (width !== positions.count && width !== T)) {
    throw new FimError({
      code: 'data/position-targets',
      where: `${dataset.source}: targets`,
      rule: `labels that are ignored stand at the ${positions.shape.join(' × ')} positions of the output`,
      got: targets === null ? 'no targets' : shapeText(targets.shape),
      next:
        targets === null
          ? setting('targets', 'y')
          : `save an array of shape ${shapeText(['n', ...positions.shape])}`,
    });
  }
  return ignoring(dataset, targets, positions, labels);
}

/** One-hot targets, or a number for each output, as rows [n, T] in the order of h: those of [n, C, …positions] as the file's output has them. */
function byPosition(targets: Tensor, { shape, count, channelsFirst, classesFirst }: OutputPositions): Tensor {
  const [n, ...own] = targets.shape;
  const width = sizeOf(own);
  const rows = { ...targets, shape: [n, width] };
  const classes = width / count;
  const asOutput = own.length === shape.length + 1 && shape.every((d, i) => own[i + 1] === d);
  if (!classesFirst || channelsFirst || !asOutput) return rows;
  const data = targets.data.slice() as Float64Array;
  const from = targets.data as Float64Array;
  for (let i = 0; i < n; i++)
    for (let c = 0; c < classes; c++)
      for (let s = 0; s < count; s++) data[i * width + s * classes + c] = from[i * width + c * count + s];
  return { ...rows, data };
}

/** Positions of which every number is the ignored label get 0 in the mask, and 0 for a label. */
function ignoring(
  dataset: Dataset,
  targets: Tensor,
  { count, channelsFirst }: OutputPositions,
  { input, ignore }: NonNullable<OutputPositions['labels']>,
): Dataset {
  const { n } = dataset;
  const each = sizeOf(targets.shape) / n / count;
  const data = targets.data.slice() as Float64Array;
  const isBig = targets.data instanceof BigInt64Array;
  const mask = allocate('float32', n * count);
  let left = 0;
  for (let i = 0; i < n; i++) {
    for (let s = 0; s < count; s++) {
      const at = (c: number): number => i * count * each + (channelsFirst ? c * count + s : s * each + c);
      let marked = true;
      for (let c = 0; c < each; c++) marked &&= Number(data[at(c)]) === ignore;
      mask[i * count + s] = marked ? 0 : 1;
      if (!marked) continue;
      left += 1;
      for (let c = 0; c < each; c++) data[at(c)] = (isBig ? 0n : 0) as number;
    }
  }
  const ignored = `label ${ignore} marks ${left} of ${n * count} positions, which are left out`;
  return makeDataset({
    ...dataset,
    inputs: new Map([...dataset.inputs, [input, { dtype: 'float32', shape: [n, count], data: mask }]]),
    targets: { ...targets, data },
    notes: [...dataset.notes, ignored],
  });
}
