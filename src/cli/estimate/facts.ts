/**
 * @module cli/estimate/facts
 *
 * Facts of an estimate beside its numbers, as JSON: engine, output, hashes, the command. With an estimate they are its JSON and the
 * manifest of its file; a file of sums carries them to the merge.
 */
import type { Tensor } from '../../core/tensor.js';
import type { LikelihoodOptions } from '../../likelihood/types.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { type PositionCounts, positionCounts, perPositionOf } from '../../jobs/per-position.js';
import { denseArrays } from '../../fisher/forms/dense/arrays.js';
import type { Run } from '../command.js';
import type { CommandManifest } from '../manifest.js';
import { inFlags } from '../mentions.js';
import { denseJson, type DenseOutcome } from './dense.js';
import { listOf } from './lists.js';
import { rowsJson } from './rows.js';
import { layersJson, layersOut } from './layers-out.js';
import type { GramMade } from '../../jobs/matrix/gram.js';
import type { LayersOutcome } from '../../jobs/layers.js';
import { groupArrays, writeEstimate, zeroArrays } from './files.js';
import { groupsManifest, whyUngrouped } from './groups.js';
import { estimateJson } from './json.js';
import type { OpenedSubject } from './subject.js';

export interface EstimateFacts {
  /** Version of fim. */
  readonly fim: string;
  readonly engine: string;
  readonly build: string;
  readonly output: { readonly name: string; readonly removed: readonly string[] };
  readonly likelihood: { readonly name: string; readonly options: LikelihoodOptions };
  /** What was done in opening the network and the data. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** Positions of an example that count; null: the output has none. */
  readonly positions: PositionCounts | null;
  /** Parameters that the network does not depend on. */
  readonly unused: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly exampleWeights: string | null;
  /** Why sums by group of examples are not kept; null: they are. */
  readonly noGroups: string | null;
  readonly classWeights: readonly number[] | null;
  /** The parameters in the order of the whole matrix; null: it was not asked for. */
  readonly denseOrder: readonly string[] | null;
  /** Of the matrix, as it was asked for. */
  readonly form: string;
  readonly order: 'seed' | 'file';
  readonly modelHash: string;
  readonly dataHash: string | null;
  readonly parametersHash: string;
  readonly command: CommandManifest;
}

/** Of an opened subject. */
export function factsOf(
  { options, version, manifest }: Parameters<Run<'estimate'>>[0],
  subject: OpenedSubject,
  parametersHash: string,
): EstimateFacts {
  const { engine, loaded, likelihood, notes, dataset, network, wholeMatrix, hash } = subject;
  return {
    fim: version,
    engine: engine.name,
    build: engine.build,
    output: loaded.output,
    likelihood: { name: likelihood.name, options: likelihood.options },
    notes: [...notes, ...dataset.notes],
    warnings: loaded.warnings,
    positions: positionCounts(network, dataset),
    unused: loaded.unused.map(({ name, shape }) => ({ name, shape })),
    exampleWeights: options.exampleWeights ?? null,
    noGroups: whyUngrouped(options, subject),
    classWeights: listOf(options.classWeights) ?? null,
    denseOrder: wholeMatrix ? [...network.parameters.keys()] : null,
    form: options.form,
    order: options.order,
    modelHash: hash,
    dataHash: dataset.hash,
    parametersHash,
    command: manifest,
  };
}

/** What came of it: `dense` is null where the matrix was interrupted, or not asked for. */
export interface Found {
  readonly estimate: DiagonalEstimate;
  readonly dense: DenseOutcome | null;
  /** null: not asked for, or interrupted. */
  readonly layers?: LayersOutcome | null;
  /** Rows of the examples; null: not asked for, or interrupted. */
  readonly gram?: GramMade | null;
}

/** The JSON of an estimate, which the manifest of `--out` holds too. */
export function jsonOf(facts: EstimateFacts, found: Found, seconds: number): Record<string, unknown> {
  const { engine, build, output, likelihood, notes, warnings, positions } = facts;
  const { exampleWeights, classWeights, denseOrder, form } = facts;
  const { estimate, dense, layers, gram } = found;
  return {
    ...inFlags(
      estimateJson(estimate, {
        ...{ engine, build, output, seconds, notes, warnings },
        likelihoodOptions: likelihood.options,
      }),
    ),
    ...(positions ? { perPosition: perPositionOf(positions, estimate.trace, estimate.population) } : {}),
    ...(exampleWeights === null ? {} : { exampleWeights }),
    ...(classWeights === null ? {} : { classWeights }),
    ...(denseOrder === null ? {} : { form: 'dense', denseOrder, ...denseJson(dense) }),
    ...(layers ? layersJson(layers, form) : {}),
    ...(gram ? rowsJson(gram) : {}),
  };
}

/** `theta/…`: the parameters that the Fisher is of. */
export const thetaArrays = ({ network }: Pick<OpenedSubject, 'network'>): Map<string, Tensor> =>
  new Map(
    [...network.parameters.keys()].flatMap((name) => {
      const values = network.weights.get(name);
      return values ? [[`${THETA}${name}`, values] as const] : [];
    }),
  );

/** Where they stand in a file. */
export const THETA = 'theta/';

/** What is said of them once. */
export const thetaNote = (path: string): string =>
  `${path} holds the parameters θ too, as theta/…; \`noTheta\` leaves them out`;

/** `--out`. */
export function writeResult(
  path: string,
  facts: EstimateFacts,
  found: Found,
  json: Readonly<Record<string, unknown>>,
  more: Iterable<readonly [string, Tensor]> = [],
): void {
  const { estimate, dense, layers } = found;
  const { layers: _layers, tensors: _tensors, forms, ...told } = json;
  const { fim, order, modelHash, dataHash, parametersHash, command, unused } = facts;
  const arrays = [
    ...zeroArrays(estimate, unused),
    ...(dense ? denseArrays(dense.estimate) : []),
    ...(layers ? layersOut(layers, estimate, unused) : []),
    ...groupArrays(estimate, unused),
    ...more,
  ];
  writeEstimate(path, estimate, new Map(arrays), {
    fim,
    ...told,
    ...(forms ? { layers: forms } : {}),
    parameterOrder: [...estimate.tensors, ...unused].map(({ name }) => name),
    layerParameters: [
      ...estimate.layers.map(({ name, parameters }) => ({ name, parameters })),
      ...unused.map(({ name }) => ({ name, parameters: [name] })),
    ],
    ...groupsManifest(found, facts),
    ...{ order, modelHash, dataHash, parametersHash, command },
  });
}
