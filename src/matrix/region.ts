/**
 * @module matrix/region
 *
 * Regions of θ [P] that a block of a matrix is about, each in an order of its own: all of θ, one parameter, or a weight with the bias
 * that is added to its product, read as [out, in (+ 1)] row by row, the bias its last column.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import type { Block } from './layout.js';

/** Some places of θ in the order of a block. */
export interface Region {
  /** Of the weight, the parameter or the layer. */
  readonly name: string;
  /** Places. */
  readonly size: number;
  /** Parameters whose places they are. */
  readonly parameters: readonly string[];
  /** The block's vector [size] out of one over θ [P]. */
  gather(v: Float64Array): Float64Array;
  /** Puts the block's vector x [size] into one over θ, v [P]. */
  scatter(x: Float64Array, v: Float64Array): void;
}

/** A weight and its bias, as one matrix [groups · out, in (+ 1)]. */
export interface WeightRegion {
  /** The weight's places. */
  readonly weight: Block;
  /** The bias's places; null: it has none. */
  readonly bias: Block | null;
  /** Width of the product's input in one group, the bias not counted. */
  readonly inputs: number;
  /** Width of the product in one group. */
  readonly outputs: number;
  /** Whether the weight is stored [out, in]; else it is [in, out]. */
  readonly outFirst: boolean;
  /** Groups of a convolution, one after the other. Default 1. */
  readonly groups?: number;
}

/** The places from `offset` on, in the order of θ. */
export function stretch(name: string, offset: number, size: number, parameters: readonly string[]): Region {
  return {
    name,
    size,
    parameters,
    gather: (v) => v.slice(offset, offset + size),
    scatter: (x, v) => v.set(x, offset),
  };
}

/** One parameter. */
export const parameterRegion = ({ name, offset, size }: Block): Region => stretch(name, offset, size, [name]);

/** All of θ. */
export const wholeRegion = (layout: readonly Block[]): Region =>
  stretch(
    'network',
    0,
    layout.reduce((sum, { size }) => sum + size, 0),
    layout.map(({ name }) => name),
  );

/** A weight with its bias. Throws `matrix/record` where its widths are not those of their sizes. */
export function weightRegion(given: WeightRegion): Region {
  requireSizes(given);
  const { weight, bias, inputs, outputs, outFirst, groups = 1 } = given;
  const width = inputs + (bias ? 1 : 0);
  const places = new Uint32Array(groups * outputs * width);
  for (let row = 0; row < groups * outputs; row++) {
    const [group, o] = [Math.floor(row / outputs), row % outputs];
    const first = weight.offset + group * inputs * outputs;
    for (let i = 0; i < inputs; i++)
      places[row * width + i] = first + (outFirst ? o * inputs + i : i * outputs + o);
    if (bias) places[row * width + inputs] = bias.offset + row;
  }
  return {
    name: weight.name,
    size: places.length,
    parameters: bias ? [weight.name, bias.name] : [weight.name],
    gather: (v) => Float64Array.from(places, (at) => v[at]),
    scatter: (x, v) => places.forEach((at, k) => (v[at] = x[k])),
  };
}

/** Widths may come out of a file. */
function requireSizes({ weight, bias, inputs, outputs, groups = 1 }: WeightRegion): void {
  const whole = [inputs, outputs, groups].every((d) => Number.isSafeInteger(d) && d >= 0);
  const rows = groups * outputs;
  if (whole && rows * inputs === weight.size && (bias === null || bias.size === rows)) return;
  throw new FimError({
    code: 'matrix/record',
    where: `layer of ${weight.name}`,
    rule: 'has the widths of its weight [groups · out, in] and its bias [groups · out]',
    got: `groups ${String(groups)}, out ${String(outputs)}, in ${String(inputs)} for ${weight.size} numbers${bias ? ` and ${bias.size}` : ''}`,
    cause: 'another program changed the manifest',
    next: `an estimate with ${setting('out', 'fisher.npz')}`,
  });
}

/** Regions one after the other. */
export function joinedRegion(name: string, regions: readonly Region[]): Region {
  let size = 0;
  const offsets = regions.map((r) => (size += r.size) - r.size);
  return {
    name,
    size,
    parameters: regions.flatMap((r) => r.parameters),
    gather(v) {
      const x = new Float64Array(size);
      regions.forEach((r, k) => x.set(r.gather(v), offsets[k]));
      return x;
    },
    scatter: (x, v) => regions.forEach((r, k) => r.scatter(x.subarray(offsets[k], offsets[k] + r.size), v)),
  };
}
