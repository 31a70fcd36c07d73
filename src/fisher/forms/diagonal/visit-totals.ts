/**
 * @module fisher/forms/diagonal/visit-totals
 *
 * Sums of a total over weighted visits (fisher/visits): terms come as y = uf, u²𝒱, u³μ3 with their u. Beside the moments of y it keeps
 * Σ uf², Σ uf³ and Σ u𝒱, which tell how f itself varies over the examples that there are (theory (16.4)).
 */
import { TotalSums } from './totals.js';

export class VisitTotals extends TotalSums {
  /** Σ uf, Σ uf², Σ uf³. */
  readonly powers = new Float64Array(3);
  /** Σ u𝒱. */
  within = 0;

  override add(y: number, variance = 0, third = 0, u = 1): void {
    super.add(y, variance, third, u);
    this.powers[0] += y;
    this.powers[1] += (y * y) / u;
    this.powers[2] += (y * y * y) / (u * u);
    this.within += variance / u;
  }

  override merge(other: VisitTotals): void {
    super.merge(other);
    for (let i = 0; i < 3; i++) this.powers[i] += other.powers[i];
    this.within += other.within;
  }

  override state(): number[] {
    return [this.within, ...this.powers, ...super.state()];
  }

  override restore(state: ArrayLike<number>): this {
    this.within = state[0];
    for (let i = 0; i < 3; i++) this.powers[i] = state[1 + i];
    return super.restore(Array.from(state).slice(4));
  }
}
