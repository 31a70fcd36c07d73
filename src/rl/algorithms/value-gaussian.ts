/**
 * @module rl/algorithms/value-gaussian
 *
 * A value as a distribution, N(V, s²ρ), whose s² is set for each segment while the programs that read it stay: the second half of ACKTR's
 * joint distribution, with ρ = ε_V/ε the ratio of the two trust regions.
 */
import { getLikelihood, type ScoreFamily } from '../../likelihood/index.js';

export class ValueGaussian {
  private now;
  readonly family: ScoreFamily = {
    weightedColumns: (T) => this.now.weightedColumns(T),
    labelWidth: (T) => this.now.labelWidth(T),
    columns: (...a) => this.now.columns(...a),
    information: (...a) => this.now.information(...a),
    sample: (...a) => this.now.sample(...a),
    residual: (...a) => this.now.residual(...a),
  };

  /** `ratio`: ρ. */
  constructor(private readonly ratio: number) {
    this.now = getLikelihood('gaussian', { variance: ratio });
  }

  set square(s2: number) {
    this.now = getLikelihood('gaussian', { variance: s2 * this.ratio });
  }
}
