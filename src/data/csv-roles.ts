/**
 * @module data/csv-roles
 *
 * Gives each column of a table its part by its name: an input, a target, the weights of the rows, or none. Where the names of the
 * inputs are known (a network that fim trained carries them) they decide, in their order; a missing one is refused, another one is
 * left out and said. Otherwise every column that is nothing else is an input, in the order of the file.
 */
import { FimError } from '../core/errors.js';
import { placeholder, setting } from '../core/settings/reference.js';

/** Which columns of a table are what, as far as that was said. */
export interface CsvRoles {
  /** Names of the columns that are targets. */
  readonly targets?: readonly string[] | undefined;
  /** Name of the column of example weights. */
  readonly weights?: string | undefined;
  /** Names of the inputs in the network's order. */
  readonly inputs?: readonly string[] | null | undefined;
  /** Names of the classes in the order of the outputs. */
  readonly classes?: readonly string[] | null | undefined;
}

/** Column numbers. */
export interface ColumnRoles {
  readonly inputs: readonly number[];
  readonly targets: readonly number[];
  readonly weight: number | null;
  readonly ignored: readonly number[];
  readonly notes: readonly string[];
}

/** Throws `csv/target-column`, `csv/weight-column`, `csv/input-columns`. */
export function assignRoles(header: readonly string[], said: CsvRoles, where: string): ColumnRoles {
  const targets: number[] = [];
  for (const name of said.targets ?? []) {
    const column = header.indexOf(name);
    if (column < 0 || targets.includes(column)) throw targetFailure(header, name, column, where);
    targets.push(column);
  }
  const weight = said.weights === undefined ? null : weightColumn(header, said.weights, targets, where);
  const rest = header.map((_, c) => c).filter((c) => !targets.includes(c) && c !== weight);
  if (rest.length === 0) {
    throw new FimError({
      code: 'csv/target-column',
      where,
      rule: 'at least one column must be an input',
      got: `${header.length} columns, all of them targets${weight === null ? '' : ' or weights'}`,
    });
  }
  if (!said.inputs) return { inputs: rest, targets, weight, ignored: [], notes: [] };
  const inputs = said.inputs.map((name) => header.indexOf(name));
  const missing = said.inputs.filter((_, i) => !rest.includes(inputs[i]));
  if (missing.length > 0) throw missingColumns(header, said.inputs, missing, where);
  const ignored = rest.filter((c) => !inputs.includes(c));
  const notes = [
    ...(inputs.some((c, i) => i > 0 && c < inputs[i - 1])
      ? [`${where}: columns are taken in the order of the training: ${listed(said.inputs)}`]
      : []),
    ...(ignored.length > 0
      ? [`${where}: not an input of the network, left out: ${listed(ignored.map((c) => header[c]))}`]
      : []),
  ];
  return { inputs, targets, weight, ignored, notes };
}

/** Names in a sentence, the middle of a long list left out. */
export function listed(names: readonly string[]): string {
  return names.length > 12
    ? `${names.slice(0, 11).join(', ')}, …, ${names[names.length - 1]}`
    : names.join(', ');
}

function targetFailure(header: readonly string[], name: string, column: number, where: string): FimError {
  return new FimError({
    code: 'csv/target-column',
    where,
    rule:
      column < 0 ? `the table must have a column named "${name}"` : `the target column "${name}" counts once`,
    got: `the columns ${header.join(', ')}`,
    next: setting('targetColumn', header[header.length - 1]),
  });
}

function weightColumn(
  header: readonly string[],
  name: string,
  targets: readonly number[],
  where: string,
): number {
  const column = header.indexOf(name);
  if (column >= 0 && !targets.includes(column)) return column;
  throw new FimError({
    code: 'csv/weight-column',
    where,
    rule:
      column < 0
        ? `the table must have a column named "${name}" for the example weights`
        : `"${name}" is a target, and cannot be the weights too`,
    got: `the columns ${header.join(', ')}`,
    next: setting('exampleWeights', header.find((_, c) => !targets.includes(c)) ?? placeholder('NAME')),
  });
}

function missingColumns(
  header: readonly string[],
  inputs: readonly string[],
  missing: readonly string[],
  where: string,
): FimError {
  return new FimError({
    code: 'csv/input-columns',
    where,
    rule: `the network was trained on the columns ${listed(inputs)}`,
    got: `the columns ${listed(header)}, without ${listed(missing)} among the inputs`,
    cause: 'a column that was renamed or dropped, or that is named as target or weight here',
    next: `write the table with a column for each: ${listed(inputs)}`,
  });
}
