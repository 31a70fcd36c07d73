/**
 * @module cli/inspect/look
 *
 * Look at a model as an estimate would read it: what counts as a parameter, where each meets data, what stands in the way, and the cut behind
 * which it works.
 */
import { FimError } from '../../core/errors.js';
import { sizeOf } from '../../core/tensor.js';
import { readArrays, readNames } from '../../disk/index.js';
import { showShape, type Value } from '../../graph/index.js';
import type { ImportedModel, NameEvidence } from '../../graph/onnx/index.js';
import type { FamilyName } from '../../likelihood/registry.js';
import { doubtsOf, type ParameterDoubt } from '../../model/doubts.js';
import { layersOf } from '../../model/layers.js';
import { type NetworkMetadata, readMetadata } from '../../model/metadata.js';
import { joinTransposed } from '../../model/copies.js';
import { nameNetwork } from '../../model/names/index.js';
import { LISTED, type Obstacle, obstacleOf } from '../../model/obstacles.js';
import { type Cut, openCut, proposeCut } from '../../model/front/index.js';
import { judgeNamed } from '../../model/names/judge.js';
import { chooseOutput } from '../../model/output/choose.js';
import { type Judged, judgeParameters } from '../../model/parameters.js';
import { readModel } from '../../model/reading.js';
import { type Site, sitesOf } from '../../model/sites.js';
import { givenWeights } from '../../data/given-weights.js';
import type { Context } from '../command.js';
import { type FisherCost, fisherCost, layerTotals } from '../inspect-totals.js';
import { inputSettings } from '../input-settings.js';

/** What an estimate would cover. */
export interface Inspected {
  readonly output: { readonly name: string; readonly removed: readonly string[]; readonly shape: string };
  /** What is done with the operator that the output ends in, where no likelihood says; null where it is no squashing. */
  readonly ending: string | null;
  readonly judged: readonly Judged[];
  /** What does not count, and why: candidates that were judged, and the file's other tensors. */
  readonly excluded: readonly { name: string; shape: readonly number[]; reason: string }[];
  readonly sites: ReadonlyMap<string, Site>;
  readonly layers: ReturnType<typeof layerTotals>;
  /** Null without a likelihood. */
  readonly cost: FisherCost | null;
  readonly doubts: readonly ParameterDoubt[];
  readonly notes: readonly string[];
}

/** Outputs that are no natural parameter as they stand. */
const ENDINGS: Readonly<Record<string, string>> = {
  Softmax: 'it ends in Softmax: under categorical that is cut off',
  LogSoftmax: 'it ends in LogSoftmax, which categorical takes as logits',
  Sigmoid: 'it ends in Sigmoid: under bernoulli that is cut off',
};

/** What came of a look. */
export interface Looked {
  readonly model: ImportedModel | null;
  readonly likelihood: string | undefined;
  readonly inspected: Inspected | null;
  /** What ended it; null: nothing, or operators that are not covered. */
  readonly obstacle: Obstacle | null;
  readonly notes: readonly string[];
  /** The cut that it was read behind. */
  readonly cut: Cut | null;
}

/** A cut with which the file can be estimated. */
export interface WorksNow {
  readonly from: string;
  /** Parameters behind it. */
  readonly parameters: number;
  /** Those, and the numbers of the tensors before it. */
  readonly of: number;
}

/** The value that keeps most; null where there is none, or ONNX Runtime is not there to run what is before. */
export async function worksNow(
  bytes: Uint8Array,
  external: (location: string) => Uint8Array,
  context: Context<'inspect'>,
): Promise<WorksNow | null> {
  const { options, positionals } = context;
  const settings = { file: positionals.model, external, output: options.output, ...inputSettings(options) };
  const found = await proposeCut(bytes, settings, async (value) => {
    const tried = await look(bytes, external, context, value).catch((error: unknown) => {
      if (error instanceof FimError) return null;
      throw error;
    });
    if (!tried?.inspected || !tried.cut) return null;
    const kept = countOf(tried.inspected);
    return { from: value, parameters: kept, of: kept + tried.cut.front.frozen.numbers };
  });
  return found && found.kept;
}

const countOf = ({ judged }: Inspected): number =>
  judged.filter((j) => j.counted).reduce((sum, j) => sum + sizeOf(j.tensor.shape), 0);

/** Throws what is no obstacle: a damaged file, a setting that does not fit. */
export async function look(
  bytes: Uint8Array,
  external: (location: string) => Uint8Array,
  context: Context<'inspect'>,
  from: string | undefined,
): Promise<Looked> {
  const { options, positionals } = context;
  let model: ImportedModel | null = null;
  let notes: readonly string[] = [];
  let cut: Cut | null = null;
  let likelihood: string | undefined = options.likelihood;
  const ended = (inspected: Inspected | null, obstacle: Obstacle | null): Looked => ({
    model,
    likelihood,
    inspected,
    obstacle,
    notes,
    cut,
  });
  try {
    const settings = {
      file: positionals.model,
      external,
      output: options.output,
      ...inputSettings(options),
    };
    if (from !== undefined) cut = await openCut(bytes, { ...settings, from, mask: options.mask });
    ({ model, notes } = readModel(bytes, { ...settings, dtype: 'float32', cut: cut ?? undefined }));
    if (cut) notes = [...cut.notes, ...notes];
    likelihood ??= readMetadata(model.metadata)?.likelihood;
    return ended(inspect(model, likelihood as FamilyName | undefined, context), null);
  } catch (error) {
    if (!(error instanceof FimError)) throw error;
    if (LISTED.has(error.code)) return ended(null, null);
    const obstacle = obstacleOf(error);
    if (obstacle === null) throw error;
    return ended(null, obstacle);
  }
}

function inspect(
  model: ImportedModel,
  likelihood: FamilyName | undefined,
  { options }: Context<'inspect'>,
): Inspected {
  const natural = options.outputIs ?? (likelihood === undefined ? 'natural' : undefined);
  const chosen = chooseOutput(model, {
    likelihood: likelihood ?? 'gaussian',
    ...(options.link === undefined ? {} : { link: options.link }),
    ...(options.output === undefined ? {} : { outputName: options.output }),
    ...(natural === undefined ? {} : { outputIs: natural }),
    ...(options.outputOrder === undefined ? {} : { outputOrder: options.outputOrder }),
    mask: options.mask,
    ignoreLabel: options.ignoreLabel,
    classAxis: options.classAxis,
  });
  const known = readMetadata(model.metadata);
  const choice = {
    ...(options.parameters.length ? { include: options.parameters } : {}),
    ...(options.freeze.length ? { freeze: options.freeze } : {}),
  };
  const names = options.names === undefined ? null : readNames(options.names);
  const named = names && nameNetwork(model, chosen.h, chosen.candidates, names);
  const joined = named ? null : joinTransposed(chosen.h, chosen.candidates, model.names);
  const h = named?.h ?? joined?.h ?? chosen.h;
  const judged = named
    ? judgeNamed(named, names.where, choice)
    : judgeParameters(h, joined?.candidates ?? chosen.candidates, {
        ...choice,
        ...(known ? { known: known.parameters } : {}),
        names: model.names,
      });
  const parameters = new Map(judged.filter((j) => j.counted).map((j) => [j.name, j.value]));
  const network = { inputs: new Map(), h, parameters, fixed: new Map(), weights: new Map() };
  const sites = sitesOf([h], [...parameters.values()]);
  const notes =
    likelihood === undefined ? ['no --likelihood: the output is shown as it stands, nothing removed'] : [];
  return {
    output: { name: chosen.name, removed: chosen.removed, shape: showShape(h.shape) },
    ending: likelihood === undefined ? (ENDINGS[h.node?.op ?? ''] ?? null) : null,
    judged,
    excluded: [
      ...judged
        .filter((j) => !j.counted)
        .map(({ name, tensor, reason }) => ({ name, shape: tensor.shape, reason })),
      ...model.leftovers([chosen.h]).map(({ name, shape, reason }) => ({ name, shape, reason })),
    ],
    sites: new Map([...parameters.keys()].map((name, i) => [name, sites[i]])),
    layers: layerTotals(network, layersOf(network)),
    cost: likelihood === undefined ? null : fisherCost(network, likelihood),
    doubts: named ? [] : doubtsOf(h, judged, model.names).doubts,
    notes: [
      ...notes,
      ...weightsNotes(options.weights, h, judged, known, model.names),
      ...chosen.notes,
      ...chosen.warnings,
      ...(named?.notes ?? []),
      ...(named?.warnings ?? []),
    ],
  };
}

/** Whether `--weights` fits; values are of no interest here. */
function weightsNotes(
  path: string | undefined,
  h: Value,
  judged: readonly Judged[],
  known: NetworkMetadata | null,
  names: NameEvidence,
): string[] {
  if (path === undefined) return [];
  const { values, note } = givenWeights(readArrays(path), h, judged, known, names);
  return [`${path}: fits, ${values.size} tensors`, ...(note === null ? [] : [note])];
}
