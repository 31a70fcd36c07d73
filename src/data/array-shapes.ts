/**
 * @module data/array-shapes
 *
 * Shapes of the arrays of a data file, before there is a network to hold them against: a file with open lengths takes them from here.
 */
import { dataFormatOf } from './format.js';
import { inMemory } from './byte-source.js';
import { describeStored } from './npy.js';
import { openNpz } from './npz.js';
import { openSafetensors } from './safetensors.js';
import { type Files, type FileSource, openSource } from './source.js';

/** Every shape that a name of an input may be looked up by: of each array under its own name, of the array that `feeding` names under the input's. */
class Shapes extends Map<string, readonly number[]> {
  /** An input without an array of its own takes x, as data do. */
  override get(name: string): readonly number[] | undefined {
    return super.get(name) ?? super.get('x');
  }
}

/**
 * Shapes by the names of inputs; of formats without shapes (CSV, IDX), and of Parquet, none.
 * Throws the errors of the codecs and of `files.read`, and `data/format`.
 */
export function arrayShapes(
  data: FileSource,
  feeding: Readonly<Record<string, string>>,
  files: Files,
): ReadonlyMap<string, readonly number[]> {
  const [part] = (typeof data === 'string' ? files.parts?.(data) : null) ?? [];
  const opened = openSource(part?.path ?? data, files);
  const { name: path, large } = opened;
  const format = dataFormatOf(path, opened.head);
  if (format === 'npy')
    return new Shapes([['x', describeStored(large ?? inMemory(opened.bytes()), 'x', path).shape]]);
  if (format !== 'npz' && format !== 'safetensors') return new Map();
  const file =
    format === 'npz'
      ? openNpz(large ?? opened.bytes(), path)
      : openSafetensors(large ?? opened.bytes(), path);
  const shapes = new Shapes(file.names.map((name) => [name, file.describe(name).shape] as const));
  for (const [input, array] of Object.entries(feeding)) {
    if (file.names.includes(array)) shapes.set(input, file.describe(array).shape);
  }
  return shapes;
}
