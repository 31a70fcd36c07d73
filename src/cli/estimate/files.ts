/**
 * @module cli/estimate/files
 *
 * Files of an estimate: named arrays with a manifest, and a page.
 */
import { sizeOf, type Tensor, tensor, zeros } from '../../core/tensor.js';
import { writeArrays } from '../../disk/index.js';
import { writeAtomic } from '../../disk/files.js';
import { type DiagonalEstimate, entriesNote } from '../../fisher/index.js';
import { diagonalArrays } from '../../fisher/forms/diagonal/arrays.js';
import type { EstimateReport, ReportFact } from '../../report/estimate-data.js';
import { summariseEntries } from '../../report/entries.js';
import { renderEstimateReport } from '../../report/estimate-report.js';
import type { CommandManifest } from '../manifest.js';
import { inFlags } from '../mentions.js';

/** `fisher/…`, `label_se/…`, `data_se/…` and `standard_error/…` of parameters that the network does not depend on: zeros. */
export function zeroArrays(
  e: DiagonalEstimate,
  unused: readonly { readonly name: string; readonly shape: readonly number[] }[],
): Map<string, Tensor> {
  const has = (figure: 'labelError' | 'dataError' | 'standardError') =>
    e.tensors.every((t) => t[figure] !== null);
  const prefixes = [
    'fisher',
    ...(has('labelError') ? ['label_se'] : []),
    ...(has('dataError') ? ['data_se'] : []),
    ...(has('standardError') ? ['standard_error'] : []),
  ];
  return new Map(
    prefixes.flatMap((p) =>
      unused.map(({ name, shape }) => [`${p}/${name}`, zeros('float64', shape)] as const),
    ),
  );
}

/**
 * `groups/…`: sums of the values by group of examples, with how many examples they are and, where those are weighted, what they weigh; of
 * groups of inputs the sums over drawn visits and over what is taken once apart.
 */
export function groupArrays(
  { groupSums, tensors }: Pick<DiagonalEstimate, 'groupSums' | 'tensors'>,
  unused: readonly { readonly name: string; readonly shape: readonly number[] }[],
): Map<string, Tensor> {
  if (!groupSums) return new Map();
  const { count, examples: counts, weight, byInput } = groupSums;
  const list = (name: string, values: Float64Array) =>
    [`groups/${name}`, tensor('float64', [count], values)] as const;
  const sums = (of: string, values: ReadonlyMap<string, Float64Array>) => [
    ...tensors.map(({ name, shape }) => {
      const own = values.get(name) ?? new Float64Array(count * sizeOf(shape));
      return [`groups/${of}/${name}`, tensor('float64', [count, ...shape], own)] as const;
    }),
    ...unused.map(
      ({ name, shape }) => [`groups/${of}/${name}`, zeros('float64', [count, ...shape])] as const,
    ),
  ];
  if (byInput)
    return new Map([
      list('examples', counts),
      list('inputs', byInput.inputs),
      list('share', byInput.share),
      ...sums('drawn/fisher', groupSums.tensors),
      ...sums('taken/fisher', byInput.taken),
    ]);
  return new Map([
    list('examples', counts),
    ...(weight.every((w, g) => w === counts[g]) ? [] : [list('weight', weight)]),
    ...sums('fisher', groupSums.tensors),
  ]);
}

/** Writes `--out`: the arrays of the diagonal, and `more`. */
export function writeEstimate(
  path: string,
  e: DiagonalEstimate,
  more: ReadonlyMap<string, Tensor>,
  manifest: Readonly<Record<string, unknown>>,
): void {
  writeArrays(path, new Map([...diagonalArrays(e), ...more]), manifest);
}

/** Of the terminal alone: nothing on a page depends on them. */
const TERMINAL = new Set(['json', 'quiet', 'prepare']);

/** Every option as a page lists it: by its flag, lists that were not given and what is the terminal's left out. */
export function settingsOf(manifest: CommandManifest): ReportFact[] {
  return Object.entries(manifest.options)
    .filter(([name, value]) => !TERMINAL.has(name) && (!Array.isArray(value) || value.length > 0))
    .map(([name, value]) => ({ name: `--${name}`, value: String(value) }));
}

/** What a page says beyond the estimate. */
export type ReportFacts = Pick<
  EstimateReport,
  'version' | 'forms' | 'commandLine' | 'model' | 'settings' | 'seconds' | 'variance' | 'warnings'
>;

/** Writes `--report`. */
export function writeReport(path: string, e: DiagonalEstimate, facts: ReportFacts): void {
  const note = entriesNote(e.entries);
  const report: EstimateReport = {
    ...facts,
    estimator: e.estimator,
    labels: e.labels,
    likelihood: e.likelihood,
    scale: e.scale,
    error: e.error,
    population: e.population,
    level: e.level,
    examples: e.examples,
    populationSize: e.populationSize,
    interrupted: e.interrupted,
    trace: e.trace,
    layers: e.layers.map(({ name, parameters, trace }) => ({
      ...trace,
      name,
      parameters: parameters.reduce(
        (sum, p) => sum + sizeOf(e.tensors.find((t) => t.name === p)?.shape ?? [0]),
        0,
      ),
    })),
    tensors: e.tensors.map(({ name, shape, trace }) => ({ ...trace, name, shape })),
    ...(e.functionals ? { functionals: e.functionals } : {}),
    ...(e.quadratics ? { quadratics: e.quadratics } : {}),
    entries: summariseEntries(
      e.tensors.map((t) => ({
        name: t.name,
        shape: t.shape,
        value: t.fisher,
        standardError: t.standardError,
        labelError: t.labelError,
        dataError: t.dataError,
      })),
    ),
    warnings: inFlags([...(note === null ? [] : [note]), ...facts.warnings, ...e.warnings]),
    upperEndsOnly: e.entries.upperEndsOnly,
  };
  writeAtomic(path, new TextEncoder().encode(renderEstimateReport(report)));
}
