/**
 * @module data/load-table
 *
 * A data set from a table: columns that are inputs, targets or weights by their names.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import type { Tensor } from '../core/tensor.js';
import { byRows, digestOf } from './by-rows.js';
import { conformInput } from './conform.js';
import { parseCsv, spoolCsv } from './csv.js';
import { listed } from './csv-roles.js';
import { type Dataset, makeDataset } from './dataset.js';
import { fillInputs } from './fill-inputs.js';
import { type LoadOptions, scaleFor } from './load-options.js';
import type { DataFile, Spools } from './source.js';

/** A table: inputs [N, d] and, where they were asked for, targets and weights [N]. */
export interface Table {
  /** Names of the input columns, in the order of the inputs. */
  readonly inputColumns: readonly string[];
  readonly x: Tensor;
  readonly targets: Tensor | null;
  readonly weights: Tensor | null;
  /** What was done about the columns, one sentence each. */
  readonly notes: readonly string[];
}

/** The data set of a CSV file. Throws what `parseCsv` and `loadTable` throw. */
export function loadCsv(opened: DataFile, options: LoadOptions, spools: Spools): Dataset {
  const { name: path, large } = opened;
  const roles = {
    targets: [options.targetColumn ?? []].flat(),
    weights: options.exampleWeights,
    inputs: options.columns ?? null,
    classes: options.classes,
  };
  const spool = large && spools.next();
  const table = spool ? spoolCsv(large, path, roles, spool) : parseCsv(opened.bytes(), path, roles);
  return loadTable(opened, table, options, spools);
}

/** The data set of a table. Throws `data/columns`, `data/targets`, and what `conformInput` and `makeDataset` throw. */
export function loadTable(opened: DataFile, table: Table, options: LoadOptions, spools: Spools): Dataset {
  const { name: path } = opened;
  const known = options.columns ?? null;
  const spec = options.inputs.find((i) => i.otherwise === undefined) ?? options.inputs[0];
  const { inputColumns: columns, x, targets } = table;
  const size =
    spec.shape?.reduce<number | null>((s, d) => (s === null || d === null ? null : s * d), 1) ?? null;
  if (size !== null && size !== columns.length) {
    const extra = columns.length - size;
    throw new FimError({
      code: 'data/columns',
      where: path,
      rule: `the network's input ${spec.name} takes ${size} numbers`,
      got: `${columns.length} input columns: ${listed(columns)}`,
      ...(extra > 0 && targets === null ? { cause: 'the target is among them' } : {}),
      next:
        extra > 0 && targets === null
          ? setting('targetColumn', columns[columns.length - 1])
          : 'keep the columns that the network was trained on, in that order',
    });
  }
  if (options.requireTargets === true && targets === null) {
    throw new FimError({
      code: 'data/targets',
      where: path,
      rule: 'targets are needed here: name their column',
      got: `the columns ${listed(columns)}`,
      next: setting('targetColumn', columns[columns.length - 1]),
    });
  }
  const scale = scaleFor(options);
  const input = conformInput(x, spec, path, scale, { untyped: true, unshaped: true });
  // A network that takes any number of columns is about to be trained: these are its columns.
  const untold = known === null && size !== null && columns.length > 1;
  const order = `${path}: the network does not name its columns; they are taken in the file’s order: ${listed(columns)}`;
  const inputs = new Map([[spec.name, input]]);
  const filled = fillInputs(inputs, options.inputs, path);
  const parts = {
    source: path,
    inputs,
    targets,
    exampleWeights: table.weights,
    columns,
    notes: [...table.notes, ...(untold ? [order] : []), ...filled],
  };
  return makeDataset({ ...parts, ...byRows(opened, parts, spools), hash: digestOf(opened) });
}
