/**
 * @module model/evidence
 *
 * Evidence in a tensor's name and numbers on whether it is learned: names that frameworks give to parameters and to buffers,
 * masks of 0 and 1, what an additive mask adds to scores that must not count, and tables of sines and cosines (positions that are
 * computed, not learned: Vaswani et al. 2017, §3.5; Su et al. 2021).
 */
import { sizeOf, type Tensor } from '../core/tensor.js';

/** `fc.weight`, `in_proj_bias`, `weight_ih_l0_reverse`, `fc.parametrizations.weight.original0`, Keras' `kernel` and variables. */
const PARAMETER =
  /(^|[./])((in_proj|out_proj|q_proj|k_proj|v_proj)_?)?(weight|bias)(_(ih|hh|hr)_l\d+(_reverse)?|_orig|_g|_v)?$|parametrizations\.\w+\.original\d*$|(^|[./])(kernel|recurrent_kernel|gamma|beta|embeddings)(\/Read(Variable|_\d+\/ReadVariable)Op)?(:0)?$|ReadVariableOp(_\d+)?(:0)?$/;

/** Running statistics by name. */
const STATISTIC =
  /(^|[./])(running_(mean|var)|num_batches_tracked|moving_(mean|variance)(\/\w*ReadVariableOp)?(:0)?)$/;

/** Names that people give to what is not learned. */
const BUFFER =
  /(^|[./_])(buffer|mask|mean|std|var|eps|epsilon|pe|freqs?|inv_freq|positions?|position_ids|arange|grid|anchors?|window|filter_bank|running_\w+)(_?\d+)?$/i;

/** Whether a framework calls its parameters so. */
export const namedAsParameter = (name: string): boolean => PARAMETER.test(name) && !namedAsStatistic(name);

/** Whether a framework calls running statistics so. */
export const namedAsStatistic = (name: string): boolean => STATISTIC.test(name);

/** Whether people call buffers so. */
export const namedAsBuffer = (name: string): boolean => BUFFER.test(name);

/** Every entry is 0 or 1, and both occur: zeros or ones alone are a tensor at its start. */
export const isMask = ({ data }: Tensor): boolean =>
  Array.prototype.every.call(data, (v: number) => v === 0 || v === 1) &&
  Array.prototype.some.call(data, (v: number) => v === 1) &&
  Array.prototype.some.call(data, (v: number) => v === 0);

/** What a score becomes that must not count: at most this, or −∞. */
const BLOCKING = -1e4;

/** An additive mask: some entries are so low that nothing is left of what they are added to, all others are 0. */
export const isBlocking = ({ data }: Tensor): boolean =>
  Array.prototype.some.call(data, (v: number) => v <= BLOCKING) &&
  Array.prototype.every.call(data, (v: number) => v === 0 || v <= BLOCKING);

/** Rounding of a table that was computed in float32, or at angles in the thousands. */
const TABLE = 2e-3;

/**
 * Whether a tensor [1…, S, D] is a table of waves: the first row is sin 0 or cos 0 in every column, and either every sine has a cosine of
 * its own angles (s² + c² = 1 in every row), or every column obeys x_{t+1} + x_{t−1} = 2 cos ω · x_t over at least four rows.
 */
export function isWaveTable({ shape, data }: Tensor): boolean {
  const D = shape[shape.length - 1] ?? 1;
  const S = shape[shape.length - 2] ?? 1;
  if (shape.length < 2 || S < 2 || sizeOf(shape) !== S * D) return false;
  const at = (t: number, d: number): number => Number(data[t * D + d]);
  const columns = Array.from({ length: D }, (_, d) => d);
  const starts = (d: number, x: number): boolean => Math.abs(at(0, d) - x) < 1e-6;
  if (!columns.every((d) => starts(d, 0) || starts(d, 1))) return false;
  if (columns.every((d) => columnOf(at, S, d).every((x) => x === at(0, d)))) return false;
  const sines = columns.filter((d) => starts(d, 0));
  const cosines = columns.filter((d) => starts(d, 1));
  const partners = (s: number): boolean =>
    cosines.some((c) =>
      columnOf(at, S, s).every((x, t) => Math.abs(x * x + at(t, c) * at(t, c) - 1) < TABLE),
    );
  if (sines.length > 0 && cosines.length > 0 && sines.every(partners)) return true;
  return S >= 4 && columns.every((d) => isWave(columnOf(at, S, d)));
}

const columnOf = (at: (t: number, d: number) => number, S: number, d: number): number[] =>
  Array.from({ length: S }, (_, t) => at(t, d));

/** x_{t+1} + x_{t−1} = 2a x_t for one a in [−1, 1]. */
function isWave(x: readonly number[]): boolean {
  let top = 0;
  let bottom = 0;
  for (let t = 1; t + 1 < x.length; t++) {
    top += x[t] * (x[t + 1] + x[t - 1]);
    bottom += 2 * x[t] * x[t];
  }
  if (bottom === 0) return x.every((v) => v === 0);
  const a = top / bottom;
  if (Math.abs(a) > 1 + TABLE) return false;
  return x.every(
    (v, t) => t === 0 || t + 1 === x.length || Math.abs(x[t + 1] + x[t - 1] - 2 * a * v) < TABLE,
  );
}
