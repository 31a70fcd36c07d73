/**
 * @module model/names/recurrent
 *
 * Weights of a recurrent layer, which PyTorch's exporter folds into one tensor an operand: the gates of every direction in ONNX's order,
 * both directions one after the other, the bias of the input before that of the state. Layer k of module m has
 *
 *   W [D, G·H, I]   m.weight_ih_lk, m.weight_ih_lk_reverse      R [D, G·H, H]   m.weight_hh_lk, …
 *   B [D, 2·G·H]    m.bias_ih_lk, m.bias_hh_lk, …
 *
 * with the gates i f g o of PyTorch as i o f c, and r z n as z r h. Nothing but places moves, so that every element has its own derivative.
 * Sources: torch.nn.LSTM, GRU, RNN; onnx/onnx, Operators.md (LSTM, GRU, RNN).
 */
import { allocate, sameShape, sizeOf, type Tensor } from '../../core/tensor.js';
import { ops as b, type Value } from '../../graph/index.js';
import type { Candidate } from '../../graph/onnx/index.js';
import { sameValues } from './arrangement.js';
import { type FileUse, inModule } from './file-uses.js';
import type { Matching } from './matching.js';
import { splitName } from './module-path.js';
import type { NamedEntry } from './types.js';

/** By operator: which of PyTorch's gates stands at each place of ONNX's. */
const GATES: Readonly<Record<string, readonly number[]>> = { RNN: [0], GRU: [1, 0, 2], LSTM: [0, 3, 1, 2] };

/** By operand: the leaves whose rows it holds, in order. */
const LEAVES: Readonly<Record<number, readonly string[]>> = {
  1: ['weight_ih'],
  2: ['weight_hh'],
  3: ['bias_ih', 'bias_hh'],
};

/** Claims operands of recurrent layers, by module and layer, and by numbers where the file of names has them. */
export function matchRecurrent(m: Matching): void {
  for (const [module, layers] of layersByModule(m)) {
    const own = m.nameless().flatMap((candidate): Operand[] => {
      const use = m.freeUses(candidate).find((u) => isRecurrent(u) && inModule(u, module) > 0);
      return use ? [{ candidate, use }] : [];
    });
    const nodes = [...new Set(own.map(({ use }) => use.node))];
    for (const operand of own) {
      // The exporter writes the layers of a module in their order; numbers may say otherwise.
      const first = layers[nodes.indexOf(operand.use.node)];
      const tried = [...new Set([first, ...layers])].filter((layer) => layer !== undefined);
      tried.some((layer) => claimLayer(m, operand, module, layer, layer === first));
    }
  }
}

/** A tensor that a recurrent layer reads. */
interface Operand {
  readonly candidate: Candidate;
  readonly use: FileUse;
}

const isRecurrent = ({ direct, node, operand }: FileUse): boolean =>
  direct && node.opType in GATES && operand in LEAVES;

/** Numbers of the layers of each module that has recurrent weights, in order. */
function layersByModule(m: Matching): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { name } of m.unmatched()) {
    const { module, leaf } = splitName(name);
    const layer = /^weight_ih_l(\d+)$/.exec(leaf);
    if (layer)
      found.set(
        module,
        [...(found.get(module) ?? []), Number(layer[1])].sort((p, q) => p - q),
      );
  }
  return found;
}

/** Reads a tensor from the parameters of one layer. False where a name is missing, or a shape or number says otherwise. */
function claimLayer(
  m: Matching,
  operand: Operand,
  module: string,
  layer: number,
  expected: boolean,
): boolean {
  const { candidate, use } = operand;
  const { node } = use;
  const leaves = LEAVES[use.operand];
  const [directions, rows, ...rest] = candidate.tensor.shape;
  const names = Array.from({ length: directions }, (_, d) =>
    leaves.map((leaf) => `${module && `${module}.`}${leaf}_l${layer}${d === 1 ? '_reverse' : ''}`),
  ).flat();
  const entries = names.map((name) => m.unmatched().find((e) => e.name === name));
  if (!entries.every((e): e is NamedEntry => e !== undefined)) return false;
  const gates = GATES[node.opType];
  const size = rows / leaves.length;
  const shape = [size, ...rest];
  const parts = entries.map((entry, i) => ({
    entry,
    tensor: inGateOrder(candidate.tensor, i, shape, gates),
  }));
  const agree = parts.every(({ entry, tensor }) => agrees(entry, tensor, m.field.half(candidate.name)));
  if (!agree || (!expected && entries.some((e) => e.values === null))) return false;
  m.compose(candidate, parts, 'by its module', (values) => assembled(values, directions, gates));
  return true;
}

/** Shape and numbers are an entry's, where it has them. */
function agrees({ shape, values }: NamedEntry, own: Tensor, half: boolean): boolean {
  if (shape !== null && !sameShape(shape, own.shape)) return false;
  return values === null || sameValues(values, own, half);
}

/** Part i of a tensor, [gates · hidden, …], its gates in PyTorch's order. */
function inGateOrder(from: Tensor, i: number, shape: readonly number[], gates: readonly number[]): Tensor {
  const length = sizeOf(shape) / gates.length;
  const data = allocate(from.dtype, sizeOf(shape));
  gates.forEach((gate, place) => {
    const at = i * sizeOf(shape) + place * length;
    (data as Float64Array).set((from.data as Float64Array).subarray(at, at + length), gate * length);
  });
  return { dtype: from.dtype, shape, data };
}

/** The tensor of the file from its parts: gates in ONNX's order, parts of a direction one after the other, [directions, …]. */
function assembled(parts: readonly Value[], directions: number, gates: readonly number[]): Value {
  const turned = parts.map((p) => {
    const hidden = (p.shape[0] as number) / gates.length;
    return gates.length === 1
      ? p
      : b.concat(
          gates.map((gate) => b.slice(p, 0, gate * hidden, (gate + 1) * hidden)),
          0,
        );
  });
  const each = turned.length / directions;
  const rows = Array.from({ length: directions }, (_, d) => {
    const own = turned.slice(d * each, (d + 1) * each);
    return b.unsqueeze(own.length === 1 ? own[0] : b.concat(own, 0), [0]);
  });
  return rows.length === 1 ? rows[0] : b.concat(rows, 0);
}
