/**
 * @module jobs/matrix/right-hand-sides
 *
 * Vectors over θ out of a file of arrays: arrays named and shaped as the parameters are one vector (what is left out is 0), or one array
 * [m, P] or [P] is m of them, in the order of θ; and back into arrays of the same names and shapes.
 */
import { FimError } from '../../core/errors.js';
import { type Tensor, tensor, toFloat64 } from '../../core/tensor.js';
import type { ArrayFile } from '../../data/array-file.js';
import type { Block } from '../../matrix/layout.js';

/** Vectors, and how they lay in the file. */
export interface RightHandSides {
  /** Each [P]. */
  readonly vectors: readonly Float64Array[];
  /** Vectors [P] as arrays named and shaped as they came. */
  back(solutions: readonly Float64Array[]): Map<string, Tensor>;
}

/** Its numbers in float64. Throws `matrix/rhs-finite`. */
function floats(given: Tensor, where: string, name: string): Float64Array {
  const values = toFloat64(given);
  const lost = values.findIndex((x) => !Number.isFinite(x));
  if (lost < 0) return values;
  throw new FimError({
    code: 'matrix/rhs-finite',
    where: `${where}: array ${name}`,
    rule: 'every number of a vector is finite',
    got: `${values[lost]} at place ${lost}`,
    next: 'np.isfinite(a) finds them, before the vectors are saved',
  });
}

/** Reads right-hand sides for a layout. Throws `matrix/rhs`, `matrix/rhs-finite`. */
export function rightHandSides(file: ArrayFile, layout: readonly Block[]): RightHandSides {
  const P = layout.reduce((sum, { size }) => sum + size, 0);
  const places = new Map(layout.map((p) => [p.name, p]));
  const named = file.names.filter((name) => places.has(name));
  if (named.length > 0) return byName(file, layout, P);
  const [only] = file.names;
  if (file.names.length !== 1) throw refused(file.where, file.names.slice(0, 6).join(', ') || 'no arrays');
  const given = file.get(only);
  const { shape } = given;
  const m = shape.length === 1 ? 1 : shape[0];
  if (shape.length > 2 || shape.length === 0 || shape[shape.length - 1] !== P)
    throw refused(file.where, `${only} [${shape.join(', ')}], P = ${P}`);
  const all = floats(given, file.where, only);
  return {
    vectors: Array.from({ length: m }, (_, k) => all.slice(k * P, (k + 1) * P)),
    back(solutions) {
      const out = new Float64Array(m * P);
      solutions.forEach((x, k) => out.set(x, k * P));
      return new Map([[only, tensor('float64', shape, out)]]);
    },
  };
}

function byName(file: ArrayFile, layout: readonly Block[], P: number): RightHandSides {
  const stranger = file.names.find((name) => !layout.some((p) => p.name === name));
  if (stranger !== undefined) throw refused(file.where, `${stranger}, which is no parameter`);
  const v = new Float64Array(P);
  for (const { name, shape, offset } of layout) {
    if (!file.names.includes(name)) continue;
    const given = file.get(name);
    if (given.shape.join() !== shape.join())
      throw refused(file.where, `${name} [${given.shape.join(', ')}] for [${shape.join(', ')}]`);
    v.set(floats(given, file.where, name), offset);
  }
  return {
    vectors: [v],
    back: ([x]) =>
      new Map(
        layout.map(({ name, shape, offset, size }) => [
          name,
          tensor('float64', shape, x.slice(offset, offset + size)),
        ]),
      ),
  };
}

const refused = (where: string, got: string): FimError =>
  new FimError({
    code: 'matrix/rhs',
    kind: 'usage',
    where,
    rule: 'arrays named and shaped as the parameters, or one array [m, P] in their order',
    got,
  });
