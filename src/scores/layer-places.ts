/**
 * @module scores/layer-places
 *
 * Places of a layer's entries in a vector of all parameters: the weight read as [out, in (+ 1)], row by row, whatever way it is stored.
 */
import { sizeOf } from '../core/tensor.js';
import { inputsOf, type Layer, layerSize } from './layers.js';

/** By the order of the layer's block; `offsetOf` says where a parameter begins, and each lies row by row. */
export function placesOfLayer(layer: Layer, offsetOf: (parameter: string) => number): Uint32Array {
  const { weight, bias, matrix, shape } = layer;
  const at = offsetOf(weight);
  if (!matrix) return Uint32Array.from({ length: sizeOf(shape) }, (_, i) => at + i);
  const { groups, outputs, inputs, transposed } = matrix;
  const width = inputsOf(layer);
  const places = new Uint32Array(layerSize(layer));
  for (let row = 0; row < groups * outputs; row++) {
    const [g, o] = [Math.floor(row / outputs), row % outputs];
    for (let i = 0; i < inputs; i++) {
      const inside = transposed ? o * inputs + i : i * outputs + o;
      places[row * width + i] = at + g * inputs * outputs + inside;
    }
    if (bias !== null) places[row * width + inputs] = offsetOf(bias) + row;
  }
  return places;
}
