/** ε of the forms of a layer by dense matrices of every example and loops over pairs of examples: slow, and of none of the library's shortcuts. */
import { kroneckerFactors } from '../../src/scores/index.js';
import { sizeOf } from '../../src/core/tensor.js';
import type { Engine } from '../../src/engine/types.js';
import { derivatives } from '../../src/fisher/forms/dense/derivatives.js';
import { elementsOf } from '../../src/fisher/forms/dense/elements.js';
import { openBatch } from '../../src/fisher/loop.js';
import { Passes } from '../../src/fisher/passes.js';
import type { ExampleSource } from '../../src/fisher/source.js';
import type { ComparedForm } from '../../src/fisher/form-error/forms.js';
import {
  type LayerParts,
  type Part,
  partsOfLayers,
  type ProductPart,
} from '../../src/fisher/form-error/parts.js';
import { input, N, ops as b, type Value } from '../../src/graph/index.js';
import type { Likelihood } from '../../src/likelihood/types.js';
import { symmetricEigen } from '../../src/linalg/index.js';
import type { Network } from '../../src/model/network.js';
import { type Score, scoresOf, type Sharing } from '../../src/scores/index.js';

type Matrix = Float64Array;

/** One layer: its matrix at every example, and the factors of its products. */
interface DenseLayer {
  readonly layer: LayerParts;
  /** θ index of each entry, part by part, a product's as [out, in]. */
  readonly places: readonly (readonly number[])[];
  readonly blocks: readonly Matrix[];
  readonly factors: ReadonlyMap<string, readonly { A: Matrix; G: Matrix }[]>;
}

/** Index of every entry of a part in θ. */
function placesOf(part: Part, network: Network): number[] {
  const offsets = new Map<string, number>();
  let at = 0;
  for (const [name, v] of network.parameters) {
    offsets.set(name, at);
    at += sizeOf(v.shape as readonly number[]);
  }
  if (part.kind === 'rows') {
    const from = offsets.get(part.parameter) as number;
    return Array.from({ length: part.size }, (_, i) => from + i);
  }
  const { weight, bias, group, inputs, outputs } = part;
  const width = bias === null ? inputs : inputs - 1;
  const ct = input('ct', network.h.dtype, [N, 1, network.h.shape[1]]);
  const score = scoresOf(network.h, [...network.parameters.values()], ct).find(
    (s) => s.site.parameter === network.parameters.get(weight),
  )!;
  const from = offsets.get(weight) as number;
  const places: number[] = [];
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++) {
      const own = score.site.transposed
        ? (group * outputs + o) * width + i
        : (group * width + i) * outputs + o;
      places.push(i < width ? from + own : (offsets.get(bias as string) as number) + o);
    }
  return places;
}

/** Of a table, whose inputs are unit vectors: sums over examples. */
function factorsOfTable(score: Score, w: Value, sharing: Sharing): { A: Value; G: Value } {
  const { a, g } = score.factorRows(false, sharing)!;
  const [V, D, R] = [a.shape[3], g.shape[4], a.shape[2]] as number[];
  const inputs = b.reshape(a, [{ batch: R }, V]);
  const K = g.shape[1] as number;
  const weighed = b.mul(g, b.reshape(w, [N, K, 1, 1, 1]));
  const flat = (v: Value) => b.reshape(v, [{ batch: K * R }, D]);
  return {
    A: b.scale(b.matmul(b.swapLast(inputs), inputs), 1 / R),
    G: b.matmul(b.swapLast(flat(weighed)), flat(g)),
  };
}

/** Both factors of a product at every example, from the graph that sums them, run on one example at a time. */
async function factorsOf(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
  part: ProductPart,
  sharing: Sharing,
) {
  const T = network.h.shape[1] as number;
  const K = likelihood.columnCount(T);
  const ct = input('ct', network.h.dtype, [N, K, T]);
  const w = input('w', network.h.dtype, [N, K]);
  const score = scoresOf(network.h, [...network.parameters.values()], ct).find(
    (s) => s.site.parameter === network.parameters.get(part.weight),
  )!;
  const { A, G } =
    kroneckerFactors(score, w, part.bias !== null, sharing) ?? factorsOfTable(score, w, sharing);
  const cut = (v: Value, width: number) =>
    part.groups === 1 ? v : b.reshape(b.slice(v, 0, part.group, part.group + 1), [width, width]);
  const outputs = { A: cut(A, part.inputs), G: cut(G, part.outputs) };
  const programs = await Passes.compile(engine, network, { f: { late: { ct, w }, outputs } }, 1);
  const all: { A: Matrix; G: Matrix }[] = [];
  for (const examples of source(1, 'float64')) {
    const { h } = await openBatch(programs, null, examples);
    const [columns, weights] = [new Float64Array(K * T), new Float64Array(K)];
    likelihood.columns(h, columns, weights, { from: 0, count: K });
    const output = await programs.backward('f', { ct: columns, w: weights }, 1);
    all.push({
      A: Float64Array.from(output('A') as Matrix),
      G: Float64Array.from(output('G') as Matrix),
    });
  }
  programs.dispose();
  return all;
}

/** Every layer in full. */
export async function denseLayers(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
): Promise<DenseLayer[]> {
  const scores: { s: Matrix; w: Matrix }[] = [];
  let P = 0;
  for await (const batch of derivatives(engine, network, source, { second: false, batch: 4 }))
    for (const e of elementsOf(batch, likelihood)) {
      P = e.P;
      scores.push({ s: e.scores.slice(), w: e.weights.slice() });
    }
  const out: DenseLayer[] = [];
  for (const layer of partsOfLayers(network)) {
    const places = layer.parts.map((p) => placesOf(p, network));
    const flat = places.flat();
    const blocks = scores.map(({ s, w }) => {
      const F = new Float64Array(flat.length ** 2);
      w.forEach((weight, k) =>
        flat.forEach((p, i) =>
          flat.forEach((q, j) => (F[i * flat.length + j] += weight * s[k * P + p] * s[k * P + q])),
        ),
      );
      return F;
    });
    const factors = new Map<string, { A: Matrix; G: Matrix }[]>();
    for (const [i, part] of layer.parts.entries())
      for (const sharing of ['expand', 'reduce'] as const)
        if (part.kind === 'product')
          factors.set(`${sharing} ${i}`, await factorsOf(engine, network, likelihood, source, part, sharing));
    out.push({ layer, places, blocks, factors });
  }
  return out;
}

const inner = (a: Matrix, c: Matrix): number => a.reduce((sum, v, i) => sum + v * c[i], 0);

const meanOf = (all: readonly Matrix[]): Matrix => {
  const sum = new Float64Array(all[0].length);
  for (const m of all) m.forEach((v, i) => (sum[i] += v / all.length));
  return sum;
};

/** A ⊗ G in the order [out, in]. */
function kronecker(A: Matrix, G: Matrix, inputs: number, outputs: number): Matrix {
  const n = inputs * outputs;
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [r, c] = [Math.floor(at / n), at % n];
    const [o, i, p, j] = [Math.floor(r / inputs), r % inputs, Math.floor(c / inputs), c % inputs];
    return A[i * inputs + j] * G[o * outputs + p];
  });
}

/** U with eigenvectors of A ⊗ G in its columns. */
function eigenbasis(A: Matrix, G: Matrix, inputs: number, outputs: number): Matrix {
  return kronecker(symmetricEigen(A, inputs).vectors, symmetricEigen(G, outputs).vectors, inputs, outputs);
}

/** Entries of a part that a form keeps of its matrix [n, n], as a vector. */
function keptEntries(F: Matrix, n: number, part: Part, form: ComparedForm, basis: Matrix | null): Matrix {
  const diagonal = (M: Matrix) => Float64Array.from({ length: n }, (_, i) => M[i * n + i]);
  if (form === 'diagonal') return diagonal(F);
  if (part.kind === 'rows') return part.kept === 'block' ? F : diagonal(F);
  if (form === 'unit')
    return F.map((v, at) => {
      const [r, c] = [Math.floor(at / n), at % n];
      return Math.floor(r / part.inputs) === Math.floor(c / part.inputs) ? v : 0;
    });
  return Float64Array.from({ length: n }, (_, j) => {
    let sum = 0;
    for (let r = 0; r < n; r++)
      for (let c = 0; c < n; c++) sum += basis![r * n + j] * F[r * n + c] * basis![c * n + j];
    return sum;
  });
}

/** The part of a layer's matrix that belongs to one of its parts. */
function partOf(F: Matrix, { places }: DenseLayer, index: number): Matrix {
  const from = places.slice(0, index).reduce((sum, p) => sum + p.length, 0);
  const [n, size] = [places.flat().length, places[index].length];
  return Float64Array.from(
    { length: size * size },
    (_, at) => F[(from + Math.floor(at / size)) * n + from + (at % size)],
  );
}

/** ε with the examples as the population, from the dense matrices. */
export function denseError(dense: DenseLayer, form: ComparedForm): number {
  const F = meanOf(dense.blocks);
  let square = inner(F, F);
  const whole = square;
  dense.layer.parts.forEach((part, i) => {
    const own = partOf(F, dense, i);
    const n = dense.places[i].length;
    const all = dense.factors.get(`${form === 'kfac-reduce' ? 'reduce' : 'expand'} ${i}`);
    if (form.startsWith('kfac') && part.kind === 'product') {
      const [A, G] = [meanOf(all!.map((f) => f.A)), meanOf(all!.map((f) => f.G))];
      const product = kronecker(A, G, part.inputs, part.outputs);
      const left = own.map((v, at) => v - product[at]);
      square += inner(left, left) - inner(own, own);
      return;
    }
    const kept = keptEntries(own, n, part, form, basisOf(part, all));
    square -= inner(kept, kept);
  });
  return Math.sqrt(Math.max(0, square) / whole);
}

function basisOf(part: Part, all: readonly { A: Matrix; G: Matrix }[] | undefined): Matrix | null {
  if (part.kind === 'rows') return null;
  const [A, G] = [meanOf(all!.map((f) => f.A)), meanOf(all!.map((f) => f.G))];
  return eigenbasis(A, G, part.inputs, part.outputs);
}

/** ε² by loops over pairs of different examples, over the examples `taken`. */
export function pairedSquare(dense: DenseLayer, form: ComparedForm, taken: readonly number[]): number {
  const n = taken.length;
  const pairs = (all: readonly Matrix[]): number => {
    let sum = 0;
    for (const x of taken) for (const y of taken) if (x !== y) sum += inner(all[x], all[y]);
    return sum / (n * (n - 1));
  };
  const whole = pairs(dense.blocks);
  let kept = 0;
  dense.layer.parts.forEach((part, i) => {
    const own = dense.blocks.map((F) => partOf(F, dense, i));
    const all = dense.factors.get(`${form === 'kfac-reduce' ? 'reduce' : 'expand'} ${i}`);
    const product = (): number => {
      let cross = 0;
      for (const x of taken)
        for (const y of taken)
          for (const z of taken)
            if (y !== x && z !== x && part.kind === 'product')
              cross += inner(own[x], kronecker(all![y].A, all![z].G, part.inputs, part.outputs));
      return (2 * cross) / (n * (n - 1) ** 2) - pairs(all!.map((f) => f.A)) * pairs(all!.map((f) => f.G));
    };
    if (form.startsWith('kfac') && part.kind === 'product') {
      kept += product();
      return;
    }
    const size = dense.places[i].length;
    if (form !== 'ekfac' || part.kind === 'rows') {
      kept += pairs(own.map((F) => keptEntries(F, size, part, form, null)));
      return;
    }
    // Each pair in the basis of the folds that neither is of.
    let scales = 0;
    const fold = (x: number) => Math.floor((x * 5) / n);
    for (const x of taken)
      for (const y of taken) {
        if (x === y) continue;
        const others = all!.filter((_, z) => fold(z) !== fold(x) && fold(z) !== fold(y));
        const basis = basisOf(part, others);
        const [a, c] = [own[x], own[y]].map((F) => keptEntries(F, size, part, form, basis));
        scales += inner(a, c) / (n * (n - 1));
      }
    kept += Math.max(scales, product());
  });
  return (whole - kept) / whole;
}
