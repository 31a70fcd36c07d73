/**
 * @module model/load
 *
 * Loads a network from an ONNX file: the output is cut back to the natural parameter, every tensor is judged, the rest is held fixed.
 * Networks that fim wrote carry their likelihood and parameter list as metadata, which then decide.
 */
import { FimError } from '../core/errors.js';
import { setting } from '../core/settings/reference.js';
import type { FloatType, Tensor } from '../core/tensor.js';
import type { ImportedModel } from '../graph/onnx/index.js';
import { overPositions } from '../likelihood/positions.js';
import type { FamilyName } from '../likelihood/registry.js';
import type { Likelihood, LikelihoodOptions } from '../likelihood/types.js';
import { doubtsOf, type ParameterDoubt } from './doubts.js';
import { describeLink, resolveLink } from './links.js';
import { readMetadata } from './metadata.js';
import type { InputSettings } from './inputs-said.js';
import { feedsOf } from './feeds.js';
import type { Cut } from './front/index.js';
import { readModel } from './reading.js';
import type { Network } from './network.js';
import { judgeNamed } from './names/judge.js';
import { joinTransposed } from './copies.js';
import { type NamedNetwork, type NamesFile, nameNetwork } from './names/index.js';
import { type ChosenOutput, chooseOutput, type OutputIs, type OutputOrder } from './output/choose.js';
import { LABEL_MASK, type MaskSettings } from './output/masks.js';
import { type Judged, judgeParameters } from './parameters.js';

/** How a file is read: precision, likelihood and link, the output to take, and which tensors count as parameters. */
export interface LoadNetworkOptions extends InputSettings, MaskSettings {
  /** Axis of the classes of an output with positions, where neither a Softmax nor the rule says it. */
  readonly classAxis?: number | undefined;
  /** Name of the file, for messages; default `the model`. */
  readonly file?: string | undefined;
  /** Reads external data by its location beside the file. */
  readonly external?: (location: string) => Uint8Array;
  /** Precision of the work; default float32. */
  readonly dtype?: FloatType | undefined;
  /** Name of the likelihood; from the file's metadata where fim wrote it. */
  readonly likelihood?: string | undefined;
  /** Settings of the family, e.g. `{ variance: 4 }`. */
  readonly likelihoodOptions?: LikelihoodOptions;
  /** How the output is linked to the natural parameter; from the file's metadata where fim wrote it, else the family's default. */
  readonly link?: string | undefined;
  /** An output, an inner value, or several between commas, which are joined. */
  readonly output?: string | undefined;
  /** Whether the output holds logits, probabilities or is taken as it stands. */
  readonly outputIs?: OutputIs | undefined;
  /** How means and scales lie in one output of `gaussian-mv`. */
  readonly outputOrder?: OutputOrder | undefined;
  /** What θ is, by the framework's names; parameters then have these names, shapes and order. */
  readonly names?: NamesFile | undefined;
  /** Shapes of the arrays that are to feed the inputs; asked for where the file leaves lengths or axes open. */
  readonly arrays?: (() => ReadonlyMap<string, readonly number[]>) | undefined;
  /**
   * The file cut at a value, by `openCut`: the network is what is behind.
   * @internal
   */
  readonly cut?: Cut | undefined;
  /** Globs of `--parameters` and `--freeze`. */
  readonly parameters?: readonly string[];
  /** Names that are held fixed although they would count. */
  readonly freeze?: readonly string[];
}

/** A network read from ONNX, its likelihood, and what was judged, cut off or left open on the way. */
export interface LoadedNetwork {
  /** The graph with its weights. */
  readonly network: Network;
  /** Of the outputs h [N, T]. */
  readonly likelihood: Likelihood;
  /** Name of the link from the file's output to h. */
  readonly link: string;
  /** The output that h was taken from, and the nodes cut off behind it. */
  readonly output: {
    /** Its name in the file. */
    readonly name: string;
    /** The nodes that were cut off behind it. */
    readonly removed: readonly string[];
  };
  /** Every tensor that might be a parameter, with the verdict and the reason. */
  readonly judged: readonly Judged[];
  /** What the file leaves open about them. */
  readonly doubts: readonly ParameterDoubt[];
  /** Parameters that a file of names lists and h does not depend on: their Fisher is 0. */
  readonly unused: NamedNetwork['unused'];
  /** The file as it was imported. */
  readonly model: ImportedModel;
  /** Names of the input's columns and of the classes, where fim trained the network on a table. */
  readonly columns: readonly string[] | null;
  /** Names of the classes, in the order of the outputs; null where the file does not say them. */
  readonly classes: readonly string[] | null;
  /** What was done that was not asked for, one sentence each. */
  readonly notes: readonly string[];
  /** What may make numbers mean something else, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Loads a network. Throws what reading, choosing the output and judging the parameters throw, `model/likelihood` and `model/link`.
 * @throws FimError with `graph/examples-coupled`, `graph/shape`, `likelihood/link`, `likelihood/option`, `likelihood/unknown`,
 * `model/glob`, `model/mask`, `model/no-parameters`, `names/ambiguous`, `names/buffer`, `names/folded`, `names/not-found`, `names/shape`,
 * `names/two-keys`, `onnx/attribute`, `onnx/batch-axis`, `onnx/batch-sizes`, `onnx/cycle`, `onnx/data-type`, `onnx/dynamic-axis`,
 * `onnx/element-type`, `onnx/empty`, `onnx/external-missing`, `onnx/external-path`, `onnx/external-range`, `onnx/fixed-batch`, `onnx/form`,
 * `onnx/functions`, `onnx/heads`, `onnx/input-name`, `onnx/input-shape`, `onnx/input-type`, `onnx/ir-version`, `onnx/kept-link`,
 * `onnx/malformed`, `onnx/missing-input`, `onnx/missing-output`, `onnx/name-twice`, `onnx/nesting`, `onnx/no-opset`, `onnx/no-output`,
 * `onnx/not-finite`, `onnx/not-onnx`, `onnx/operators`, `onnx/opset-range`, `onnx/opset-twice`, `onnx/output-shape`, `onnx/quantised`,
 * `onnx/said-shape`, `onnx/several-outputs`, `onnx/sparse`, `onnx/squashed-output`, `onnx/tensor-size`, `onnx/too-large`, `onnx/truncated`,
 * `onnx/two-readings`, `random/seed`, `random/sequence`, `tensor/size`
 *
 * @example
 * ```ts
 * import { denseNetwork, getLikelihood, loadNetwork, networkToOnnx } from 'fim';
 *
 * const bytes = networkToOnnx(denseNetwork({ widths: [2, 3] }), getLikelihood('categorical'));
 * const { likelihood, judged } = loadNetwork(bytes, { file: 'small.onnx' });
 * console.log(likelihood.name, judged.filter((one) => one.counted).length); // categorical 2
 * ```
 */
export function loadNetwork(bytes: Uint8Array, options: LoadNetworkOptions = {}): LoadedNetwork {
  const { file = 'the model', dtype = 'float32', external, outputIs, outputOrder, output } = options;
  const read = readModel(bytes, { ...options, file, dtype, ...(external ? { external } : {}) });
  const { model } = read;
  const known = readMetadata(model.metadata);
  const name = options.likelihood ?? known?.likelihood;
  if (name === undefined) throw noLikelihood(file);
  const settings =
    options.likelihood === undefined
      ? { ...known?.options, ...options.likelihoodOptions }
      : options.likelihoodOptions;
  const own = known?.likelihood === name ? (known.link ?? 'canonical') : undefined;
  if (own !== undefined && options.link !== undefined && options.link !== own) {
    throw contradiction(file, name, own, options.link);
  }
  const asked = options.link ?? own ?? (outputIs === undefined ? undefined : 'canonical');
  resolveLink(name, settings ?? {}, asked);
  const chosen = chooseOutput(model, {
    likelihood: name as FamilyName,
    ...(asked === undefined ? {} : { link: asked }),
    ...(output === undefined ? {} : { outputName: output }),
    ...(outputIs === undefined ? {} : { outputIs }),
    ...(outputOrder === undefined ? {} : { outputOrder }),
    classAxis: options.classAxis,
    mask: options.mask,
    ignoreLabel: options.ignoreLabel,
  });
  const linked = resolveLink(name, settings ?? {}, chosen.link ?? asked);
  const joined = options.names ? null : joinTransposed(chosen.h, chosen.candidates, model.names);
  const h = linked.apply(joined?.h ?? chosen.h);
  const linkNote = describeLink(linked);
  const choice = {
    ...(options.parameters?.length ? { include: options.parameters } : {}),
    ...(options.freeze?.length ? { freeze: options.freeze } : {}),
  };
  const names = options.names && namesBehind(options.names, options.cut);
  const named = names ? nameNetwork(model, h, chosen.candidates, names) : null;
  const judged =
    named && names
      ? judgeNamed(named, names.where, choice)
      : judgeParameters(h, joined?.candidates ?? chosen.candidates, {
          ...choice,
          ...(known ? { known: known.parameters } : {}),
          names: model.names,
        });
  const doubted = named ? { h: named.h, doubts: [] } : doubtsOf(h, judged, model.names);
  return {
    network: networkOf(model, doubted, judged, chosen, options),
    likelihood:
      name === 'categorical' && chosen.positions
        ? overPositions(linked.likelihood, chosen.positions.count)
        : linked.likelihood,
    link: linked.link.name,
    output: { name: chosen.name, removed: chosen.removed },
    judged,
    doubts: doubted.doubts,
    unused: named?.unused ?? [],
    model,
    columns: known?.columns ?? null,
    classes: known?.classes ?? null,
    notes: [
      ...(options.cut?.notes ?? []),
      ...read.notes,
      ...model.notes,
      ...chosen.notes,
      ...(linkNote === null ? [] : [linkNote]),
      ...(named?.notes ?? []),
      ...(joined?.notes ?? []),
    ],
    warnings: [...chosen.warnings, ...(named?.warnings ?? [])],
  };
}

/** Names of what is behind a cut; a list of the whole model names what is frozen too. */
function namesBehind(names: NamesFile, cut: Cut | undefined): NamesFile {
  if (!cut) return names;
  const left = new Set(cut.tail.graph.initializers.map(({ name }) => name));
  const frozen = new Set(cut.front.frozen.names.filter((name) => !left.has(name)));
  return { ...names, entries: names.entries.filter(({ name }) => !frozen.has(name)) };
}

function networkOf(
  model: ImportedModel,
  { h, doubts }: ReturnType<typeof doubtsOf>,
  judged: readonly Judged[],
  { positions, labelMask }: ChosenOutput,
  { mask, ignoreLabel, cut }: LoadNetworkOptions,
): Network {
  const pick = (counted: boolean) =>
    new Map(judged.filter((j) => j.counted === counted).map((j) => [j.name, j.value] as const));
  return {
    inputs: new Map([
      ...model.inputs.map(({ name, value }) => [name, value] as const),
      ...(labelMask ? [[LABEL_MASK, labelMask] as const] : []),
    ]),
    ...(positions && {
      positions: {
        ...positions,
        mask: mask ?? null,
        labels: ignoreLabel === undefined ? null : { input: LABEL_MASK, ignore: ignoreLabel },
      },
    }),
    feeds: feedsOf(model),
    ...(cut ? { front: cut.front } : {}),
    h,
    parameters: pick(true),
    fixed: pick(false),
    weights: new Map(judged.map((j): [string, Tensor] => [j.name, j.tensor])),
    ...(doubts.length === 0 ? {} : { doubts }),
  };
}

function contradiction(file: string, name: string, own: string, link: string): FimError {
  return new FimError({
    code: 'model/link',
    kind: 'usage',
    where: file,
    rule: `fim wrote it with the link ${own} to ${name}; any other link is in its graph already`,
    got: setting('link', link),
    next: 'leave `link` out',
  });
}

function noLikelihood(file: string): FimError {
  return new FimError({
    code: 'model/likelihood',
    kind: 'usage',
    where: file,
    rule: 'the Fisher information belongs to a likelihood, and the file names none',
    got: 'no `likelihood`, and no metadata that fim wrote',
    next: "`likelihood: 'categorical'` (logits of one class), bernoulli (independent logits), or gaussian `variance: σ²` (a mean); others: fim help estimate",
  });
}
