/**
 * @module studies/form-error/truth
 *
 * ε of forms from dense matrices: F, A and G of every layer of a dense network over many inputs, and the distance of what each form keeps
 * of F, entry by entry. By no code that estimates ε.
 */
import type { Engine } from 'fim/engine';
import type { ExampleSource } from 'fim/fisher';
import { derivatives } from 'fim/fisher';
import type { Likelihood } from 'fim/likelihood';
import { symmetricEigen } from 'fim/linalg';
import type { Network } from 'fim/model';

/** Forms whose ε is known here. */
export const TRUE_FORMS = ['diagonal', 'unit', 'kfac', 'ekfac'] as const;

/** One of them. */
export type TrueForm = (typeof TRUE_FORMS)[number];

/** Sums of a layer: F [out·in]², A [in]², G [out]². */
export interface LayerSums {
  readonly examples: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly F: Float64Array;
  readonly A: Float64Array;
  readonly G: Float64Array;
}

/** Sums over all inputs of a source, layers in the order of the network. */
export async function layerSums(
  engine: Engine,
  network: Network,
  likelihood: Likelihood,
  source: ExampleSource,
): Promise<LayerSums[]> {
  const layers: LayerSums[] = [];
  let count = 0;
  for await (const batch of derivatives(engine, network, source, { second: false, batch: 256 })) {
    const { n, T, h, sites } = batch;
    const K = likelihood.columnCount(T);
    const [columns, weights] = [new Float64Array(n * K * T), new Float64Array(n * K)];
    likelihood.columns(h, columns, weights, { from: 0, count: K });
    count += n;
    const dense = sites.filter(({ x }) => x !== null);
    dense.forEach(({ g, x, neurons, width }, l) => {
      const inputs = width + 1;
      const size = inputs * neurons;
      layers[l] ??= {
        examples: 0,
        inputs,
        outputs: neurons,
        F: new Float64Array(size ** 2),
        A: new Float64Array(inputs ** 2),
        G: new Float64Array(neurons ** 2),
      };
      for (let e = 0; e < n; e++) {
        const a = Float64Array.of(...(x as Float64Array).subarray(e * width, (e + 1) * width), 1);
        addSquare(layers[l].A, a, 1);
        for (let k = 0; k < K; k++) {
          const own = new Float64Array(neurons);
          for (let t = 0; t < T; t++)
            for (let o = 0; o < neurons; o++)
              own[o] += columns[(e * K + k) * T + t] * g[(e * T + t) * neurons + o];
          const w = weights[e * K + k];
          addSquare(layers[l].G, own, w);
          addSquare(
            layers[l].F,
            Float64Array.from({ length: size }, (_, i) => own[Math.floor(i / inputs)] * a[i % inputs]),
            w,
          );
        }
      }
    });
  }
  return layers.map((layer) => ({ ...layer, examples: count }));
}

/** Adds w·vvᵀ. */
function addSquare(into: Float64Array, v: Float64Array, w: number): void {
  const n = v.length;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) into[i * n + j] += w * v[i] * v[j];
}

/** ε of a layer by every form, EKFAC in the basis of its own inputs. */
export function errorsOf(layer: LayerSums): Record<TrueForm, number> {
  const { inputs, outputs, F, A, G, examples: n } = layer;
  const size = inputs * outputs;
  const norm = F.reduce((sum, v) => sum + v * v, 0);
  const left = (kept: (r: number, c: number) => number): number => {
    let sum = 0;
    for (let r = 0; r < size; r++) for (let c = 0; c < size; c++) sum += (F[r * size + c] - kept(r, c)) ** 2;
    return Math.sqrt(sum / norm);
  };
  const neuron = (r: number) => Math.floor(r / inputs);
  return {
    diagonal: left((r, c) => (r === c ? F[r * size + r] : 0)),
    unit: left((r, c) => (neuron(r) === neuron(c) ? F[r * size + c] : 0)),
    kfac: left((r, c) => (G[neuron(r) * outputs + neuron(c)] * A[(r % inputs) * inputs + (c % inputs)]) / n),
    ekfac: Math.sqrt(Math.max(0, 1 - scales(layer) / norm)),
  };
}

/** ‖s‖² of the diagonal of F in the eigenbasis of A ⊗ G. */
function scales({ inputs, outputs, F, A, G }: LayerSums): number {
  const [U, V] = [symmetricEigen(A, inputs).vectors, symmetricEigen(G, outputs).vectors];
  const size = inputs * outputs;
  let sum = 0;
  for (let p = 0; p < outputs; p++)
    for (let q = 0; q < inputs; q++) {
      const u = Float64Array.from(
        { length: size },
        (_, r) => V[Math.floor(r / inputs) * outputs + p] * U[(r % inputs) * inputs + q],
      );
      let s = 0;
      for (let r = 0; r < size; r++) for (let c = 0; c < size; c++) s += u[r] * F[r * size + c] * u[c];
      sum += s * s;
    }
  return sum;
}
