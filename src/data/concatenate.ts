/**
 * @module data/concatenate
 *
 * Data sets one after another as one: the examples of a folder of files, in the order of their names.
 */
import { FimError } from '../core/errors.js';
import { readerOf, type ReadRows, storedTensor } from '../core/stored-tensor.js';
import { allocate, castTensor, isFloat, sameShape, sizeOf, type Tensor } from '../core/tensor.js';
import { infoText } from './array-file.js';
import { type Dataset, makeDataset, readingOf } from './dataset.js';
import { rowSize, takeRows } from './rows.js';

/** The examples of all parts as one data set named `source`; `digest` is of the digests of the parts. Throws `data/parts`. */
export function concatenate(
  parts: readonly Dataset[],
  source: string,
  digest: (text: string) => string,
): Dataset {
  const [first] = parts;
  const all = (name: string, of: (part: Dataset) => Tensor | null | undefined): Tensor | null => {
    const own = parts.map((part) => ({ part, t: of(part) ?? null }));
    const given = name === TARGETS ? oneType(own) : own;
    const model = given[0].t;
    const other = given.find(({ t }) => !alike(model, t));
    if (other) throw unlike(name, first, model, other.part, other.t);
    return (
      model &&
      joined(
        given.flatMap(({ t }) => t ?? []),
        `${source}: ${name}`,
      )
    );
  };
  const names = new Set(parts.flatMap(({ inputs }) => [...inputs.keys()]));
  const inputs = [...names].map(
    (name) => [name, all(name, (part) => part.inputs.get(name)) as Tensor] as const,
  );
  const readings = parts.flatMap(({ reading }) => reading ?? []);
  const hash = (): string => digest(parts.map((part) => `${part.hash ?? ''}\n`).join(''));
  return makeDataset({
    source,
    inputs: new Map(inputs),
    targets: all(TARGETS, (part) => part.targets),
    exampleWeights: all('example weights', (part) => part.exampleWeights),
    columns: first.columns,
    notes: [`${source}: ${parts.length} files, ${first.source} first`, ...notesOf(parts)],
    hash: readings.length > 0 ? hash : hash(),
    reading: readings.length > 0 ? readingOf(readings) : null,
  });
}

/** Of all parts; one that is the same but for the file's name once. */
function notesOf(parts: readonly Dataset[]): string[] {
  const told = new Map<string, string>();
  for (const { source, notes } of parts)
    for (const note of notes) {
      const plain = note.replaceAll(source, '');
      if (!told.has(plain)) told.set(plain, note);
    }
  return [...told.values()];
}

const TARGETS = 'targets';

interface Given {
  readonly part: Dataset;
  readonly t: Tensor | null;
}

/** Targets that are whole numbers, as the type of the others where some file has fractions, as one table of all would be read. */
function oneType(given: readonly Given[]): readonly Given[] {
  const float = given.find(({ t }) => t && isFloat(t.dtype))?.t?.dtype;
  const isWhole = ({ t }: Given): boolean => t !== null && !isFloat(t.dtype) && readerOf(t) === null;
  if (float === undefined || !given.some(isWhole)) return given;
  return given.map((one) => (isWhole(one) ? { ...one, t: castTensor(one.t as Tensor, float) } : one));
}

function alike(a: Tensor | null, b: Tensor | null): boolean {
  if (a === null || b === null) return a === b;
  return a.dtype === b.dtype && sameShape(a.shape.slice(1), b.shape.slice(1));
}

/** Rows of all tensors: in memory where all of them are. */
function joined(tensors: readonly Tensor[], where: string): Tensor {
  const [{ dtype, shape }] = tensors;
  const size = rowSize(tensors[0]);
  const starts = [0];
  for (const t of tensors) starts.push(starts[starts.length - 1] + t.shape[0]);
  const whole = [starts[tensors.length], ...shape.slice(1)];
  if (tensors.every((t) => readerOf(t) === null)) {
    const data = allocate(dtype, sizeOf(whole)) as Float64Array;
    tensors.forEach((t, i) => {
      data.set(t.data as Float64Array, starts[i] * size);
    });
    return { dtype, shape: whole, data };
  }
  const readers = tensors.map((t): ReadRows => readerOf(t) ?? ((indices) => takeRows(t, indices).data));
  const rows: ReadRows = (indices) => {
    const out = allocate(dtype, indices.length * size) as Float64Array;
    for (let from = 0, to = 0; from < indices.length; from = to) {
      const part = partOf(starts, indices[from]);
      while (to < indices.length && indices[to] >= starts[part] && indices[to] < starts[part + 1]) to++;
      const own = indices.subarray(from, to).map((i) => i - starts[part]);
      out.set(readers[part](own) as Float64Array, from * size);
    }
    return out;
  };
  return storedTensor({ dtype, shape: whole, rows, where });
}

/** The part that holds an example: the last that starts at or before it. */
function partOf(starts: readonly number[], index: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

function unlike(name: string, first: Dataset, a: Tensor | null, other: Dataset, b: Tensor | null): FimError {
  const text = (t: Tensor | null): string =>
    t ? infoText({ name, dtype: t.dtype, shape: t.shape }) : `no ${name}`;
  return new FimError({
    code: 'data/parts',
    where: other.source,
    rule: 'files that are one data set hold the same arrays, of one type and shape but for the number of examples',
    got: `${text(b)}; in ${first.source} ${text(a)}`,
    next: 'write all files by the same program, or keep others in another folder',
  });
}
