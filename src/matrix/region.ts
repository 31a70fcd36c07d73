/**
 * @module matrix/region
 *
 * Regions of θ [P] that a block of a matrix is about, each in an order of its own: all of θ, one parameter, or a weight with the bias
 * that is added to its product, read as [out, in (+ 1)] row by row, the bias its last column.
 */
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

/** A weight and its bias, as one matrix [out, in (+ 1)]. */
export interface WeightRegion {
  /** The weight's places. */
  readonly weight: Block;
  /** The bias's places; null: it has none. */
  readonly bias: Block | null;
  /** Width of the product's input, the bias not counted. */
  readonly inputs: number;
  /** Width of the product. */
  readonly outputs: number;
  /** Whether the weight is stored [out, in]; else it is [in, out]. */
  readonly outFirst: boolean;
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

/** A weight with its bias. */
export function weightRegion({ weight, bias, inputs, outputs, outFirst }: WeightRegion): Region {
  const width = inputs + (bias ? 1 : 0);
  const at = (o: number, i: number): number => weight.offset + (outFirst ? o * inputs + i : i * outputs + o);
  return {
    name: weight.name,
    size: outputs * width,
    parameters: bias ? [weight.name, bias.name] : [weight.name],
    gather(v) {
      const x = new Float64Array(outputs * width);
      for (let o = 0; o < outputs; o++) {
        for (let i = 0; i < inputs; i++) x[o * width + i] = v[at(o, i)];
        if (bias) x[o * width + inputs] = v[bias.offset + o];
      }
      return x;
    },
    scatter(x, v) {
      for (let o = 0; o < outputs; o++) {
        for (let i = 0; i < inputs; i++) v[at(o, i)] = x[o * width + i];
        if (bias) v[bias.offset + o] = x[o * width + inputs];
      }
    },
  };
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
