/**
 * @module model/names/batch-norm
 *
 * A BatchNormalization that an exporter folded into the convolution before it, as PyTorch's does in evaluation mode. Of a convolution W, b and a
 * norm γ, β with running mean μ and variance v the file holds, for each output channel,
 *
 *   W′ = γ r W,    b′ = γ (r b + c) + β,    r = 1/√(v + ε),   c = −μ r
 *
 * With the numbers of W, b, γ and β these say what r and c are, which no parameter moves, so that W′ and b′ are read as functions of all
 * four and derivatives are those of the network before it was folded. The norm is the one whose names follow the convolution's.
 * Source: torch/csrc/jit/passes/onnx/eval_peephole.cpp (Conv and BatchNormalization are one in evaluation mode).
 */
import { castTensor, type FloatType, sameShape, type Tensor, tensor, toFloat64 } from '../../core/tensor.js';
import { constant, ops as b, type Value } from '../../graph/index.js';
import type { Candidate } from '../../graph/onnx/index.js';
import { isPartOfNorm } from './by-module.js';
import type { Matching } from './matching.js';
import { splitName } from './module-path.js';
import type { NamedEntry } from './types.js';

/** What a folded convolution was made of. */
interface Folding {
  readonly weight: NamedEntry;
  readonly bias: NamedEntry | null;
  readonly gamma: NamedEntry;
  readonly beta: NamedEntry;
  readonly folded: Candidate;
  readonly shift: Candidate;
  /** γ r by output channel. */
  readonly scales: readonly number[];
}

/** Claims convolutions with the norms that were folded into them. */
export function matchFoldedNorms(m: Matching): void {
  if (!m.field.pytorch) return;
  for (const weight of m.unmatched()) {
    if (weight.values === null || weight.values.shape.length < 3 || isPartOfNorm(m, weight)) continue;
    const folding = foldingOf(m, weight);
    if (folding) claimFolding(m, folding);
  }
}

function foldingOf(m: Matching, weight: NamedEntry): Folding | null {
  const values = weight.values as Tensor;
  const norm = followingNorm(m, weight);
  if (!norm) return null;
  for (const folded of m.nameless()) {
    if (!sameShape(folded.tensor.shape, values.shape)) continue;
    const use = m.freeUses(folded).find((u) => u.node.opType === 'Conv' && u.operand === 1);
    const shift = use && m.nameless().find((c) => c.name === use.node.inputs[2]);
    const scales = shift && scalesOf(folded.tensor, values);
    if (!shift || !scales || scales.every((s) => s === 1)) continue;
    return { weight, ...norm, folded, shift, scales };
  }
  return null;
}

/** The norm, and the convolution's own bias, whose names come after a weight's: γ [out] and β [out] of one module. */
function followingNorm(m: Matching, weight: NamedEntry): Pick<Folding, 'bias' | 'gamma' | 'beta'> | null {
  const { module } = splitName(weight.name);
  const [out] = (weight.values as Tensor).shape;
  const { entries } = m.from;
  const rest = entries.slice(entries.indexOf(weight) + 1);
  const own = rest[0] && isVector(rest[0], out) && splitName(rest[0].name).module === module;
  const bias = own ? rest[0] : null;
  const [gamma, beta] = rest.slice(own ? 1 : 0);
  if (!gamma || !beta || !isVector(gamma, out) || !isVector(beta, out)) return null;
  const [g, s] = [splitName(gamma.name), splitName(beta.name)];
  const open = m.unmatched();
  const free = [gamma, beta, ...(bias ? [bias] : [])].every((e) => open.includes(e));
  if (!free || g.module !== s.module || g.module === module || g.leaf !== 'weight' || s.leaf !== 'bias')
    return null;
  return toFloat64(gamma.values as Tensor).every((x) => x !== 0) ? { bias, gamma, beta } : null;
}

const isVector = ({ values }: NamedEntry, length: number): boolean =>
  values !== null && sameShape(values.shape, [length]);

/** Largest relative difference that folding in float32 explains. */
const ROUNDING = 1e-5;

/** The one factor of each output channel between two tensors, by least squares; null where there is none. */
function scalesOf(folded: Tensor, own: Tensor): number[] | null {
  const [y, x] = [toFloat64(folded), toFloat64(own)];
  const [out] = own.shape;
  const size = x.length / out;
  const scales: number[] = [];
  for (let o = 0; o < out; o++) {
    let [xy, xx] = [0, 0];
    for (let i = o * size; i < (o + 1) * size; i++) {
      xy += x[i] * y[i];
      xx += x[i] * x[i];
    }
    const s = xy / xx;
    for (let i = o * size; i < (o + 1) * size; i++)
      if (!(Math.abs(y[i] - s * x[i]) <= ROUNDING * Math.abs(y[i]) + 1e-30)) return null;
    scales.push(s);
  }
  return scales;
}

function claimFolding(m: Matching, { weight, bias, gamma, beta, folded, shift, scales }: Folding): void {
  const own = weight.values as Tensor;
  const { dtype } = folded.tensor;
  const type = dtype as FloatType;
  const g = toFloat64(gamma.values as Tensor);
  const shifts = toFloat64(beta.values as Tensor);
  const before = bias ? toFloat64(bias.values as Tensor) : new Float64Array(g.length);
  const r = scales.map((s, o) => s / g[o]);
  const c = r.map((ro, o) => (Number(shift.tensor.data[o]) - shifts[o]) / g[o] - ro * before[o]);
  const vector = (x: readonly number[]): Value => constant(tensor(dtype, [x.length], x));
  const [gains, means] = [vector(r), vector(c)];
  const columns = own.shape.map((d, i) => (i === 0 ? d : 1));
  const parts: readonly (readonly [NamedEntry, readonly Candidate[]])[] = [
    [weight, [folded]],
    [gamma, [folded, shift]],
    [beta, [shift]],
    ...(bias ? [[bias, [shift]] as const] : []),
  ];
  for (const [entry, from] of parts) {
    const tensorOf = castTensor(entry.values as Tensor, type);
    const sources = from.map(({ name }) => name);
    m.parameters.set(entry.name, { entry, tensor: tensorOf, sources, reason: 'by the norm folded into it' });
  }
  const read = (
    candidate: Candidate,
    of: readonly NamedEntry[],
    build: (p: readonly Value[]) => Value,
  ): void =>
    void m.readings.push({ candidate, uses: m.freeUses(candidate), of: of.map((e) => e.name), build });
  read(folded, [weight, gamma], ([w, gain]) => b.mul(w, b.reshape(b.mul(gain, gains), columns)));
  read(shift, [gamma, beta, ...(bias ? [bias] : [])], ([gain, s, own]) => {
    const inner = own ? b.add(b.mul(own, gains), means) : means;
    return b.add(b.mul(gain, inner), s);
  });
  m.notes.push(
    `${folded.name} and ${shift.name} hold ${weight.name} and the norm ${splitName(gamma.name).module} after it, folded; they are taken apart`,
  );
}
