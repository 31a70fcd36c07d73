/**
 * @module graph/onnx/import/table
 *
 * Table of the ONNX operators that are covered, by domain and name, and the list of those that a graph has and that are not.
 */
import { FimError } from '../../../core/errors.js';
import { CORE } from '../../ops/index.js';
import { apply } from '../../registry.js';
import type { OnnxModel, OnnxNode } from '../proto/index.js';
import { ACTIVATIONS } from './activations.js';
import { ARITHMETIC, elementwise as elementwiseNormaliser } from './arithmetic.js';
import type { Normaliser, NormaliserTable } from './context.js';
import { choice } from './control/choice.js';
import { RESOLVED } from './control/nodes.js';
import { FUSED } from './fused.js';
import { INDEXING } from './indexing.js';
import { MATRIX } from './matrix.js';
import { MOVERS } from './movers.js';
import { NORMALISATION } from './normalisation.js';
import { depthToSpace, spaceToDepth } from './operators/blocks.js';
import {
  groupNormalization,
  instanceNormalization,
  lpNormalization,
  lrn,
  meanVarianceNormalization,
  rmsNormalization,
} from './operators/channel-norms.js';
import { centerCropPad } from './operators/center-crop-pad.js';
import { compress } from './operators/compress.js';
import { conv } from './operators/conv.js';
import { convTranspose } from './operators/conv-transpose.js';
import { argMax, argMin, hardmax, topK } from './operators/arg-max.js';
import { dft } from './operators/dft.js';
import { einsum } from './operators/einsum.js';
import { gatherElements, gatherND } from './operators/gather-elements.js';
import { negativeLogLikelihoodLoss, softmaxCrossEntropyLoss } from './operators/losses.js';
import { oneHot } from './operators/one-hot.js';
import { scatterElements, scatterND } from './operators/scatter.js';
import { SEQUENCES } from './operators/sequences.js';
import { gather } from './operators/gather.js';
import { globalAveragePool } from './operators/global-average-pool.js';
import { pad } from './operators/pad.js';
import { averagePool, globalLpPool, globalMaxPool, lpPool, maxPool } from './operators/pools.js';
import { attention } from './operators/attention.js';
import { bitShift, bitwiseAnd, bitwiseNot, bitwiseOr, bitwiseXor } from './operators/bitwise.js';
import { cumProd, cumSum } from './operators/cumulative.js';
import { eyeLike } from './operators/eye-like.js';
import { gru } from './operators/gru.js';
import { lstm } from './operators/lstm.js';
import { mod } from './operators/mod.js';
import { nonZero } from './operators/non-zero.js';
import { isInf, isNaN } from './operators/not-finite.js';
import { rnn } from './operators/rnn.js';
import { simplifiedLayerNormalization } from './operators/fused/norms.js';
import { rotaryEmbedding } from './operators/rotary-embedding.js';
import { shrink } from './operators/shrink.js';
import { blackmanWindow, hammingWindow, hannWindow } from './operators/signal-windows.js';
import { swiGlu, swish } from './operators/swish.js';
import { tile } from './operators/tile.js';
import { trilu } from './operators/trilu.js';
import { resize, resizeByScales } from './operators/resize.js';
import { isQuantised, quantisedError } from './quantised.js';
import { REDUCTIONS } from './reductions.js';
import { SCIKIT } from './scikit.js';
import { SHAPES } from './shapes.js';
import { TYPES } from './types.js';
import { formAt } from './versions.js';

export const OLDEST_OPSET = 7;
export const NEWEST_OPSET = 28;

/** Elementwise operators of the core are read as they are. */
const CORE_ELEMENTWISE: NormaliserTable = Object.fromEntries(
  CORE.flatMap(({ name, elementwise }): [string, Normaliser][] =>
    elementwise
      ? [[name, elementwiseNormaliser(name, elementwise.operands, (_c, xs) => apply(name, xs))]]
      : [],
  ),
);

/** Operators that have a file of their own. */
const SINGLE: NormaliserTable = {
  ArgMax: argMax,
  ArgMin: argMin,
  Attention: attention,
  AveragePool: averagePool,
  BitShift: bitShift,
  BitwiseAnd: bitwiseAnd,
  BitwiseNot: bitwiseNot,
  BitwiseOr: bitwiseOr,
  BitwiseXor: bitwiseXor,
  BlackmanWindow: blackmanWindow,
  CenterCropPad: centerCropPad,
  Compress: compress,
  Conv: conv,
  ConvTranspose: convTranspose,
  CumProd: cumProd,
  CumSum: cumSum,
  DepthToSpace: depthToSpace,
  DFT: dft,
  Einsum: einsum,
  EyeLike: eyeLike,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  GlobalAveragePool: globalAveragePool,
  GlobalLpPool: globalLpPool,
  GlobalMaxPool: globalMaxPool,
  GroupNormalization: groupNormalization,
  GRU: gru,
  HammingWindow: hammingWindow,
  HannWindow: hannWindow,
  Hardmax: hardmax,
  InstanceNormalization: instanceNormalization,
  IsInf: isInf,
  IsNaN: isNaN,
  LpNormalization: lpNormalization,
  LpPool: lpPool,
  LRN: lrn,
  LSTM: lstm,
  MaxPool: maxPool,
  MeanVarianceNormalization: meanVarianceNormalization,
  Mod: mod,
  NegativeLogLikelihoodLoss: negativeLogLikelihoodLoss,
  NonZero: nonZero,
  OneHot: oneHot,
  Pad: pad,
  Resize: resize,
  RMSNormalization: rmsNormalization,
  RNN: rnn,
  RotaryEmbedding: rotaryEmbedding,
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  Shrink: shrink,
  SimplifiedLayerNormalization: simplifiedLayerNormalization,
  SoftmaxCrossEntropyLoss: softmaxCrossEntropyLoss,
  SpaceToDepth: spaceToDepth,
  SwiGLU: swiGlu,
  Swish: swish,
  Tile: tile,
  TopK: topK,
  Trilu: trilu,
  Upsample: resizeByScales,
};

const ONNX: NormaliserTable = {
  ...CORE_ELEMENTWISE,
  ...ACTIVATIONS,
  ...ARITHMETIC,
  ...INDEXING,
  ...MATRIX,
  ...MOVERS,
  ...NORMALISATION,
  ...REDUCTIONS,
  ...SEQUENCES,
  ...SHAPES,
  ...TYPES,
  ...SINGLE,
};

/** Readings by domain and operator. */
export const TABLES: Readonly<Record<string, NormaliserTable>> = {
  '': ONNX,
  'ai.onnx': ONNX,
  'ai.onnx.ml': SCIKIT,
  'com.microsoft': FUSED,
  [RESOLVED]: { If: choice },
};

/** The normaliser of a node's operator in the form that it has at an opset, or null where it is not covered. */
export function normaliserOf(node: OnnxNode, opset: number): Normaliser | null {
  const table = Object.hasOwn(TABLES, node.domain) ? TABLES[node.domain] : null;
  const old = table === ONNX ? formAt(node.opType, opset) : null;
  return old ?? (table && Object.hasOwn(table, node.opType) ? table[node.opType] : null);
}

/** Names of the covered operators of ONNX itself. */
export const COVERED: readonly string[] = Object.keys(ONNX).sort();

/** An operator that a file has and that is not covered. */
export interface Uncovered {
  /** Its name. */
  readonly operator: string;
  /** Its domain; empty for ONNX's own. */
  readonly domain: string;
  /** Opset of that domain in the file. */
  readonly opset: number;
  /** Names of its nodes, or of their first output where they have none. */
  readonly nodes: readonly string[];
}

export function opsetOf(model: OnnxModel, domain: string): number {
  const same = (d: string): boolean =>
    d === domain || (d === 'ai.onnx' && domain === '') || (d === '' && domain === 'ai.onnx');
  return model.opsets.find((o) => same(o.domain))?.version ?? 0;
}

/** A domain is imported once, or at one version. Throws `onnx/opset-twice`. */
export function checkImports(model: OnnxModel, file: string): void {
  const name = (domain: string): string => (domain === '' ? 'ai.onnx' : domain);
  for (const { domain, version } of model.opsets) {
    const other = model.opsets.find((o) => name(o.domain) === name(domain) && o.version !== version);
    if (!other) continue;
    throw new FimError({
      code: 'onnx/opset-twice',
      where: file,
      rule: `every domain is imported at one version, ${name(domain)} too`,
      got: `versions ${version} and ${other.version}`,
      cause: 'graphs of different opsets were joined without converting them',
      next: 'onnx.version_converter.convert_version(part, 17) for each part, then join them again',
    });
  }
}

/** Nodes, and those of their bodies. */
function withBodies(nodes: readonly OnnxNode[]): OnnxNode[] {
  return nodes.flatMap((n) => [
    n,
    ...Object.values(n.attributes).flatMap((a) => (a.type === 'graph' ? withBodies(a.value.nodes) : [])),
  ]);
}

/** The uncovered operators among nodes, each once, in order of first occurrence. */
export function uncoveredOf(model: OnnxModel, nodes: readonly OnnxNode[]): Uncovered[] {
  const found = new Map<string, { operator: string; domain: string; opset: number; nodes: string[] }>();
  for (const node of withBodies(nodes)) {
    const opset = node.opset ?? opsetOf(model, node.domain);
    if (normaliserOf(node, opset)) continue;
    const key = `${node.domain}:${node.opType}`;
    const entry = found.get(key) ?? {
      operator: node.opType,
      domain: node.domain,
      opset,
      nodes: [],
    };
    entry.nodes.push(node.name === '' ? (node.outputs[0] ?? '') : node.name);
    found.set(key, entry);
  }
  return [...found.values()];
}

const CONTROL = new Set(['If', 'Loop', 'Scan']);

/** Names shown in one message for each operator; `fim inspect` shows all. */
const SHOWN = 6;

/** `Conv ×2 (nodes "/conv1/Conv", "/conv2/Conv") at opset 13` */
export function describeUncovered(u: Uncovered): string {
  const names = u.nodes.slice(0, SHOWN).map((n) => JSON.stringify(n));
  const more = u.nodes.length > SHOWN ? `, and ${u.nodes.length - SHOWN} more` : '';
  const domain = u.domain === '' || u.domain === 'ai.onnx' ? '' : ` of ${u.domain}`;
  const word = u.nodes.length === 1 ? 'node' : 'nodes';
  return `${u.operator}${domain} ×${u.nodes.length} (${word} ${names.join(', ')}${more}) at opset ${u.opset}`;
}

/** The one complaint that lists all of them. */
export function uncoveredError(where: string, list: readonly Uncovered[]): FimError {
  const quantised = list.filter((u) => isQuantised(u.operator));
  if (quantised.length > 0) return quantisedError(where, quantised.map(describeUncovered).join('; '));
  return new FimError({
    code: 'onnx/operators',
    kind: 'unsupported',
    where,
    rule: 'has operators that are not covered',
    got: list.map(describeUncovered).join('; '),
    cause: list.some((u) => CONTROL.has(u.operator))
      ? 'a Loop or Scan whose count or length depends on the data, or an If whose condition is not one number for each example'
      : 'an operator of another kind of network, or one that is newer than this version',
    next: '`fim inspect MODEL` lists what is covered; where only a tail is not, name an earlier value with `output`',
  });
}
