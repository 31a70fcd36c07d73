/**
 * @module matrix/fisher-product
 *
 * v ↦ 𝓘̂v of a batch by one forward and one reverse product of the network to first order:
 *
 *   empirical   (1/N) Σ J_nᵀ δ_n (δ_nᵀ J_n v)      the actions taken
 *   true        (1/N) Σ J_nᵀ I(h_n) J_n v          the mean over actions
 *
 * The true one is the Gauss–Newton matrix too: where h is the natural parameter −∂² log p/∂h² is I(h) whatever the action, and in
 * other coordinates (mean and log σ) I(h) is its mean, which is what `likelihood.information` gives. Hence no third kind.
 * J. Martens, JMLR 2020, §9. Cost of a product: about 4 forward passes; `information` is taken once a batch.
 */
import type { FloatArray } from '../core/tensor.js';
import type { Likelihood, Outputs } from '../likelihood/index.js';
import type { Linearisation } from './linearisation.js';

/** Which Fisher: of the actions taken (`empirical`) or of the model (`true`). */
export type FisherKind = 'empirical' | 'true';

/** A batch at the present parameters. */
export interface ProductBatch {
  /** N. */
  readonly n: number;
  /** Outputs [N, T]. */
  readonly h: Outputs;
  /** δ [N, T] of the actions taken; the empirical Fisher alone reads them. */
  readonly residuals: FloatArray;
}

/** Products of the damped Fisher of a batch with vectors, without the matrix. */
export class FisherProduct {
  private readonly u: FloatArray;
  private readonly information: Float64Array | null;
  private n = 0;

  constructor(
    /** Which Fisher. */
    readonly kind: FisherKind,
    private readonly linear: Linearisation,
    private readonly likelihood: Pick<Likelihood, 'information'>,
    maxBatch: number,
  ) {
    const { T, network } = linear;
    this.u = network.h.dtype === 'float64' ? new Float64Array(maxBatch * T) : new Float32Array(maxBatch * T);
    this.information = kind === 'true' ? new Float64Array(maxBatch * T * T) : null;
  }

  /** Takes the batch, on whose inputs `linear.forward` was called last. Residuals must stay as they are until the last product. */
  begin(batch: ProductBatch): void {
    this.n = batch.n;
    if (this.information) this.likelihood.information(batch.h, this.information);
    else this.residuals = batch.residuals;
  }

  private residuals: FloatArray = new Float64Array(0);

  /** 𝓘̂v [P] into `out`. */
  async times(v: Float64Array, out: Float64Array): Promise<Float64Array> {
    const { n, u, linear, information } = this;
    const { T } = linear;
    const tangents = await linear.times(v, n);
    if (information) informationTimes(information, tangents, n, T, u);
    else outerTimes(this.residuals, tangents, n, T, u);
    return linear.transposed(u.subarray(0, n * T), n, out);
  }
}

/** u_n = I_n t_n / N. */
function informationTimes(
  information: Float64Array,
  tangents: FloatArray,
  n: number,
  T: number,
  u: FloatArray,
): void {
  for (let e = 0; e < n; e++) {
    for (let a = 0; a < T; a++) {
      let sum = 0;
      for (let c = 0, at = (e * T + a) * T; c < T; c++) sum += information[at + c] * tangents[e * T + c];
      u[e * T + a] = sum / n;
    }
  }
}

/** u_n = δ_n (δ_n·t_n) / N. */
function outerTimes(residuals: FloatArray, tangents: FloatArray, n: number, T: number, u: FloatArray): void {
  for (let e = 0; e < n; e++) {
    let sum = 0;
    for (let a = e * T; a < (e + 1) * T; a++) sum += residuals[a] * tangents[a];
    for (let a = e * T; a < (e + 1) * T; a++) u[a] = (residuals[a] * sum) / n;
  }
}
