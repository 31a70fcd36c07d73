/**
 * @module model/names/functions
 *
 * Tensors of the file as functions of named parameters: masked ones, and weight norms.
 */
import { castTensor, type FloatType, type Tensor } from '../../core/tensor.js';
import type { Value } from '../../graph/index.js';
import type { Candidate } from '../../graph/onnx/index.js';
import { arrange, type Arrangement, arrangements, asItIs, restored, sameValues } from './arrangement.js';
import { folded } from './complaints.js';
import { maskOf, masked, weightNorm, weightNormValues } from './folded.js';
import { untrainedNorm } from './fresh.js';
import type { Matching } from './matching.js';
import type { NamedEntry } from './types.js';

const inType = (t: Tensor, like: Tensor): Tensor => castTensor(t, like.dtype as FloatType);

/** W = P ⊙ M where the file's zeros show M. False where the numbers of P say otherwise. */
export function matchMasked(m: Matching, c: Candidate, entry: NamedEntry, a?: Arrangement): boolean {
  const possible = a
    ? [a]
    : entry.shape
      ? arrangements(entry.shape, c.tensor.shape)
      : [asItIs(c.tensor.shape)];
  for (const arrangement of possible) {
    const w = restored(c.tensor, arrangement);
    const mask = maskOf(w);
    if (mask === null) continue;
    if (entry.values !== null && !sameValues(times(entry.values, mask), w, m.field.half(c.name))) continue;
    const tensor = inType(entry.values ?? w, c.tensor);
    m.compose(c, [{ entry, tensor }], 'masked', ([p]) => arrange(masked(p, mask), arrangement));
    m.notes.push(
      `${c.name} holds ${entry.name} masked: the elements that are 0 there are held at 0, and have derivative 0`,
    );
    return true;
  }
  return false;
}

const times = (p: Tensor, mask: Tensor): Tensor => ({
  ...castTensor(p, 'float64'),
  data: castTensor(p, 'float64').data.map((x, i) => x * Number(mask.data[i])),
});

/** W = g v/‖v‖. Throws `names/folded` where the numbers do not say what v is. */
export function matchWeightNorm(
  m: Matching,
  c: Candidate,
  g: NamedEntry,
  v: NamedEntry,
  a: Arrangement,
): void {
  const build =
    (arrangement: Arrangement) =>
    ([gain, direction]: readonly Value[]): Value =>
      arrange(weightNorm(gain, direction), arrangement);
  if (g.values !== null && v.values !== null) {
    const made = weightNormValues(g.values, v.values);
    const exact =
      made === null
        ? []
        : arrangements(made.shape, c.tensor.shape).filter((r) => close(made, restored(c.tensor, r)));
    const arrangement = exact.find((r) => r.axes.join() === a.axes.join()) ?? exact[0];
    if (!arrangement)
      throw folded(m, c, [g, v], 'it is not the product of the one and the direction of the other');
    const parts = [
      { entry: g, tensor: inType(g.values, c.tensor) },
      { entry: v, tensor: inType(v.values, c.tensor) },
    ];
    m.compose(c, parts, 'weight norm', build(arrangement));
    return;
  }
  const start = untrainedNorm(restored(c.tensor, a));
  if (start === null)
    throw folded(
      m,
      c,
      [g, v],
      `the length of ${v.name}, on which its derivatives depend, is not in the file`,
    );
  m.compose(
    c,
    [
      { entry: g, tensor: start.g },
      { entry: v, tensor: start.v },
    ],
    'weight norm',
    build(a),
  );
  m.notes.push(
    `${c.name} holds ${g.name} and ${v.name} as one; its numbers are those of a new layer, so weight norm is where it starts: ${g.name} is the norm of ${v.name}`,
  );
}

/** Within the rounding of float32 arithmetic on a few numbers. */
function close(p: Tensor, q: Tensor): boolean {
  for (let i = 0; i < p.data.length; i++) {
    const [x, y] = [Number(p.data[i]), Number(q.data[i])];
    if (!(Math.abs(x - y) <= 1e-5 * Math.max(Math.abs(x), Math.abs(y)) + 1e-30)) return false;
  }
  return true;
}
