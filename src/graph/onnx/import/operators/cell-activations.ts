/**
 * @module graph/onnx/import/operators/cell-activations
 *
 * Activations of recurrent cells by their names, with α and β from two lists that those of a cell take from in their order.
 * Source: onnx/onnx, Operators.md (RNN, GRU, LSTM: activations, activation_alpha, activation_beta).
 */
import type { FloatType } from '../../../../core/tensor.js';
import * as b from '../../../build.js';
import type { Value } from '../../../value.js';
import { clamp } from '../activations.js';
import type { OpContext } from '../context.js';

export type Activation = (x: Value) => Value;

/** A number that no operator of ONNX has a default of, and ONNX Runtime one of its own: the file has to give it. */
const NEEDED = 'needed';

/** A function with the values of α and β that it has where the file gives none; without one it takes none of the lists. */
interface Named {
  readonly alpha?: number | typeof NEEDED;
  readonly beta?: number | typeof NEEDED;
  of(x: Value, alpha: number, beta: number): Value;
}

/** Activations of an LSTM: gates, input, state. */
const CELL = 3;

const isPositive = (x: Value): Value => b.greater(x, b.scalar(0, x.dtype));

const NAMED: Readonly<Record<string, Named>> = {
  affine: { alpha: NEEDED, beta: 0, of: (x, p, q) => b.shift(b.scale(x, p), q) },
  elu: {
    alpha: 1,
    of: (x, p) => {
      const below = b.shift(b.exp(b.minimum(b.scalar(0, x.dtype), x)), -1);
      return b.where(isPositive(x), x, b.scale(below, p));
    },
  },
  hardsigmoid: { alpha: 0.2, beta: 0.5, of: (x, p, q) => clamp(b.shift(b.scale(x, p), q), 0, 1) },
  leakyrelu: { alpha: 0.01, of: (x, p) => b.where(isPositive(x), x, b.scale(x, p)) },
  relu: { of: b.relu },
  scaledtanh: { alpha: NEEDED, beta: NEEDED, of: (x, p, q) => b.scale(b.tanh(b.scale(x, q)), p) },
  sigmoid: { of: b.sigmoid },
  softplus: { of: b.softplus },
  softsign: { of: (x) => b.div(x, b.shift(b.abs(x), 1)) },
  tanh: { of: b.tanh },
  thresholdedrelu: {
    alpha: 1,
    of: (x, p) => b.mul(x, b.indicator(b.greater(x, b.scalar(p, x.dtype)), x.dtype as FloatType)),
  },
};

/**
 * The activations of a node, for each direction as many as `usual` has, their operand held within ±`clip`
 * but for that of the cell's state, which ONNX Runtime and the frameworks behind it leave as it is. Throws `onnx/form`.
 */
export function activationsOf(c: OpContext, usual: readonly string[], directions: number): Activation[][] {
  const said = c.strings('activations');
  const names = said && said.length > 0 ? said : Array.from({ length: directions }, () => usual).flat();
  if (names.length !== usual.length * directions)
    throw c.refuse(`${names.length} activations are not ${usual.length} for each direction`);
  const alphas = [...(c.floats('activation_alpha') ?? [])];
  const betas = [...(c.floats('activation_beta') ?? [])];
  const clip = c.attribute('clip') ? c.float('clip', 0) : 0;
  const ofState = (i: number): boolean => usual.length === CELL && i % CELL === CELL - 1;
  if (clip > 0 && usual.length === CELL)
    c.reader.note(
      `${c.label}: its clip bounds the gates and leaves the cell's state as it is, as ONNX Runtime has it; ONNX bounds that too`,
    );
  const all = names.map((name, i): Activation => {
    const key = name.toLowerCase();
    if (!Object.hasOwn(NAMED, key)) throw c.refuse(`activation ${name} is unknown`);
    const f = NAMED[key];
    const from = (list: number[], otherwise: Named['alpha'], letter: string): number => {
      if (otherwise === undefined) return 0;
      const number = list.shift() ?? otherwise;
      if (number === NEEDED) throw c.refuse(`activation ${name} needs its ${letter}`, 'onnx/operand');
      return number;
    };
    const alpha = from(alphas, f.alpha, 'α');
    const beta = from(betas, f.beta, 'β');
    return (x) => f.of(clip > 0 && !ofState(i) ? clamp(x, -clip, clip) : x, alpha, beta);
  });
  return Array.from({ length: directions }, (_, d) => all.slice(d * usual.length, (d + 1) * usual.length));
}
