/**
 * @module cli/commands/inspect
 *
 * `fim inspect MODEL`: what an estimate of this model would cover. Layers, which tensors are parameters and which are not, with the
 * reason, where each meets data, and every operator that is not covered.
 */
import { FimError } from '../../core/errors.js';
import { sizeOf } from '../../core/tensor.js';
import { readBeside } from '../../disk/beside.js';
import { readBytes } from '../../disk/files.js';
import { readArrays, readNames } from '../../disk/index.js';
import { showShape, type Value } from '../../graph/index.js';
import { describeUncovered, type ImportedModel, type NameEvidence } from '../../graph/onnx/index.js';
import type { FamilyName } from '../../likelihood/registry.js';
import { turn } from '../../jobs/yielding.js';
import { doubtsOf, NAMES_LINE, type ParameterDoubt } from '../../model/doubts.js';
import { layersOf } from '../../model/layers.js';
import { type NetworkMetadata, readMetadata } from '../../model/metadata.js';
import { joinTransposed } from '../../model/copies.js';
import { nameNetwork } from '../../model/names/index.js';
import { fileFacts, LISTED, type Obstacle, obstacleOf } from '../../model/obstacles.js';
import { type Cut, openCut, proposeCut, quotedNames } from '../../model/front/index.js';
import { judgeNamed } from '../../model/names/judge.js';
import { chooseOutput } from '../../model/output/choose.js';
import { type Judged, judgeParameters } from '../../model/parameters.js';
import { readModel } from '../../model/reading.js';
import { type Site, sitesOf, type Use } from '../../model/sites.js';
import { formatCount } from '../../report/format.js';
import { givenWeights } from '../../data/given-weights.js';
import type { Context, Run } from '../command.js';
import { type FisherCost, fisherCost, layerTotals, totalsLines } from '../inspect-totals.js';
import { quote } from '../../core/shell.js';
import { wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { inputSettings } from '../input-settings.js';
import { inFlags, jsonLine } from '../mentions.js';

interface Inspected {
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

export const run: Run<'inspect'> = async (context) => {
  const { options, positionals, io, signal } = context;
  const heard = async (): Promise<void> => {
    await turn();
    signal.throwIfAborted();
  };
  const file = positionals.model;
  const bytes = readBytes(file);
  const external = (location: string): Uint8Array => readBeside(file, location);
  const { uncovered, ...said } = fileFacts(bytes, file, external);
  await heard();
  const looked = await look(bytes, external, context, options.from);
  await heard();
  const obstacles = [...uncovered, ...(looked.obstacle ? [looked.obstacle] : [])];
  const { model, inspected } = looked;
  // Uncovered operators that no wanted output needs stand in nobody's way.
  const covered = inspected !== null;
  const works = covered ? null : await worksNow(bytes, external, context);
  const facts = {
    file,
    ...said,
    ...(model && {
      inputs: model.inputs.map(({ name, value }) => ({
        name,
        dtype: value.dtype,
        shape: showShape(value.shape),
      })),
    }),
    likelihood: looked.likelihood ?? null,
    covered,
    missing: covered ? [] : (model?.coverage() ?? []).map(describeUncovered),
    obstacles: covered ? [] : obstacles,
    ...(works ? { worksNow: works } : {}),
    ...(looked.cut ? { from: looked.cut.front.values, frozen: looked.cut.front.frozen } : {}),
    notes: [...looked.notes, ...(model?.notes ?? []), ...(inspected?.notes ?? [])],
  };
  if (options.json) io.stdout.write(jsonLine({ ...facts, ...details(inspected) }));
  else io.stdout.write(text(inFlags(facts), inspected, io.stdout.columns));
  return covered ? 0 : 1;
};

/** As far as the file can be read. */
interface Looked {
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
interface WorksNow {
  readonly from: string;
  /** Parameters behind it. */
  readonly parameters: number;
  /** Those, and the numbers of the tensors before it. */
  readonly of: number;
}

/** The value that keeps most; null where there is none, or ONNX Runtime is not there to run what is before. */
async function worksNow(
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
async function look(
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

/** Where a parameter meets data, in words. */
function siteText(site: Site): string {
  const where = site.uses.map((u) => u.node.origin || u.node.op).join(', ');
  const form = site.form === 'dense' && site.transposed ? 'dense, stored [out, in]' : site.form;
  return site.reason ? `${form} (${site.reason}) at ${where}` : `${form} at ${where}`;
}

function details(inspected: Inspected | null): Record<string, unknown> {
  if (!inspected) return {};
  const { output, judged, excluded, sites, layers } = inspected;
  const counted = judged.filter((j) => j.counted);
  return {
    output,
    parameterCount: counted.reduce((sum, j) => sum + sizeOf(j.tensor.shape), 0),
    layers,
    ...(inspected.cost ? { exactFisher: inspected.cost } : {}),
    parameters: counted.map((j) => {
      const site = sites.get(j.name) as Site;
      return {
        name: j.name,
        shape: j.tensor.shape,
        reason: j.reason,
        site: site.form,
        where: siteText(site),
      };
    }),
    excluded,
    parameterDoubts: inspected.doubts.map(({ name, shape, counted, reason }) => ({
      name,
      shape,
      counted,
      reason,
    })),
  };
}

interface Facts {
  readonly file: string;
  readonly opset: number;
  readonly producer: string;
  readonly inputs: readonly { name: string; dtype: string; shape: string }[];
  readonly outputs: ImportedModel['outputs'];
  readonly likelihood: string | null;
  readonly obstacles: readonly Obstacle[];
  readonly worksNow?: WorksNow;
  readonly notes: readonly string[];
}

function text(facts: Facts, inspected: Inspected | null, width: number): string {
  const lines = [
    `${facts.file}: ONNX opset ${facts.opset}, by ${facts.producer || 'an unknown exporter'}`,
    ...facts.inputs.map((i) => `input   ${i.name} ${i.dtype}${i.shape}`),
    ...facts.outputs.map((o) => `output  ${o.name} ${o.type}`),
    ...(facts.likelihood === null ? [] : [`likelihood: ${facts.likelihood}`]),
  ];
  if (facts.obstacles.length > 0) {
    const what = facts.obstacles.map(({ kind, text }) => wrap(`  ${kind}: ${text}`, width, '    '));
    lines.push('', 'It cannot be estimated as it is:', ...what);
    if (facts.worksNow) lines.push('', wrap(worksText(facts.worksNow), width, '  '));
  }
  if (inspected) lines.push(...inspectedLines(inspected, width));
  if (facts.notes.length > 0) lines.push('', ...facts.notes.map((n) => wrap(`note: ${n}`, width - 2, '  ')));
  return `${lines.join('\n')}\n`;
}

/** `What works now: --from val_3 keeps 1290 of 55000 parameters; …` */
const worksText = ({ from, parameters, of }: WorksNow): string =>
  `What works now: --from ${quote(from)} keeps ${parameters} of ${of} parameters: the network then begins at ${quotedNames([from])}, and ONNX Runtime runs what is before it`;

function inspectedLines(inspected: Inspected, width: number): string[] {
  const { output, judged, excluded, ending } = inspected;
  const counted = judged.filter((j) => j.counted);
  const total = counted.reduce((sum, j) => sum + sizeOf(j.tensor.shape), 0);
  const removed = output.removed.length ? `, behind which ${output.removed.join(', ')} was removed` : '';
  const lines = [
    `${ending === null ? 'natural parameter' : 'output'}: "${output.name}" ${output.shape}${removed}`,
    ...(ending === null ? [] : [wrap(ending, width)]),
    '',
    `${formatCount(total)} parameters in ${counted.length} tensors, ${inspected.layers.length} layers`,
    ...parameterTable(inspected, counted, width),
    ...totalsLines(inspected.layers, inspected.cost, width),
  ];
  if (excluded.length > 0) {
    lines.push(
      '',
      'Not parameters',
      renderTable(
        [{ title: 'tensor' }, { title: 'shape' }, { title: 'reason', shrink: true }],
        excluded.map((j) => [j.name, shapeOf(j), inFlags(j.reason)]),
        { width },
      ),
    );
  }
  return [...lines, ...doubtLines(inspected.doubts, width)];
}

/** What might as well be read the other way, and how a list of names is written that settles it. */
function doubtLines(doubts: readonly ParameterDoubt[], width: number): string[] {
  if (doubts.length === 0) return [];
  return [
    '',
    'In doubt',
    renderTable(
      [{ title: 'parameter' }, { title: 'shape' }, { title: 'now' }, { title: 'why', shrink: true }],
      doubts.map((d) => [d.name, shapeOf(d), d.counted ? 'counted' : 'not counted', inFlags(d.reason)]),
      { width },
    ),
    '',
    'the names of a PyTorch model settle it; this writes them:',
    `  ${NAMES_LINE}`,
  ];
}

const shapeOf = ({ shape }: { readonly shape: readonly number[] }): string => `[${shape.join(', ')}]`;

/** What counts, layer by layer; beneath it why some sites have no structured form. */
function parameterTable({ layers, sites }: Inspected, counted: readonly Judged[], width: number): string[] {
  const layerOf = new Map(layers.flatMap((l) => l.parameters.map((p) => [p, l.name] as const)));
  // `fc1` says nothing beside `fc1.weight`.
  const telling = counted.some((j) => !j.name.startsWith(layerOf.get(j.name) ?? ''));
  const rows = counted.map((j) => {
    const site = sites.get(j.name) as Site;
    const cells = [j.name, shapeOf(j.tensor), j.reason, site.form, nodesText(site)];
    return telling ? [layerOf.get(j.name) ?? '', ...cells] : cells;
  });
  const columns = [
    { title: 'parameter' },
    { title: 'shape' },
    { title: 'counts as' },
    { title: 'site' },
    { title: 'node', shrink: true },
  ];
  const table = renderTable(telling ? [{ title: 'layer' }, ...columns] : columns, rows, { width });
  const reasons = new Map<string, string[]>();
  for (const j of counted) {
    const { reason } = sites.get(j.name) as Site;
    if (reason !== '') reasons.set(reason, [...(reasons.get(reason) ?? []), j.name]);
  }
  const fallbacks = [...reasons].map(([reason, names]) =>
    wrap(
      `fallback: ${reason} (${listed(names)}): exact, from explicit per-example scores, slower`,
      width,
      '  ',
    ),
  );
  return fallbacks.length > 0 ? [table, '', ...fallbacks] : [table];
}

/** Names in a sentence; the rest counted. */
const listed = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;

/** Names of the nodes where a parameter meets data; the operator too where the name does not tell it. */
function nodesText(site: Site): string {
  const one = ({ node }: Use): string => {
    const [, op, name] = /^(\S+) "(.+)"$/.exec(node.origin) ?? [];
    if (op === undefined) return node.origin || node.op;
    return name.toLowerCase().includes(op.toLowerCase()) ? name : `${op} ${name}`;
  };
  return site.uses.map(one).join(', ');
}
