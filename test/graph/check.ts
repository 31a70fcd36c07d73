/**
 * What a derivative must satisfy, whatever the function. With f a list of values of a graph, x what they depend on:
 *
 *   reverse       ⟨vjp(ct), v⟩ = d/dt ⟨ct, f(x + t v)⟩               central differences
 *   forward       jvp(v) = d/dt f(x + t v)                           central differences
 *   transposed    ⟨ct, jvp(v)⟩ = ⟨vjp(ct), v⟩                         to rounding
 *   leading axes  each index is the plain derivative of that slice   to rounding
 *   per example   each example is the gradient of that example alone to rounding
 *
 * A derivative is again values of a graph, so second order is the same check one level up.
 *
 * Differences: (8[f(h) − f(−h)] − [f(2h) − f(−2h)])/12h, error h⁴f⁽⁵⁾/30 + 1.5 ε|f|/h: about 1e-12 at h = 5e-4.
 */
import { expect } from 'vitest';
import type { Sequence } from '../../src/core/random.js';
import { type Tensor, tensor } from '../../src/core/tensor.js';
import { evaluate } from '../../src/engine/oracle/evaluate.js';
import type { Numbers } from '../../src/graph/operator.js';
import {
  batchAxis,
  concrete,
  input,
  jvp,
  sameDims,
  showShape,
  type Value,
  vjp,
} from '../../src/graph/index.js';
import * as arrays from './arrays.js';

const STEP = 5e-4;
const DIFFERENCE = 1e-8;
const IDENTITY = 1e-12;
const ROUNDING = 1e-13;

export type Binding = ReadonlyMap<Value, Tensor>;

/** Values of a graph, what they are differentiated by, and the point at which they are looked at. */
export interface Fn {
  readonly label: string;
  readonly outputs: readonly Value[];
  readonly wrt: readonly Value[];
  readonly bind: Binding;
  readonly n: number;
}

/** How much of it is checked. */
export interface Extent {
  /** Leading axes that reverse and forward passes carry. */
  readonly leads: readonly (readonly number[])[];
  /** Each subset of inputs that has a tangent, or only all of them. */
  readonly subsets: boolean;
}

export function draw(v: { shape: Value['shape'] }, rng: Sequence, n: number): Tensor {
  const shape = concrete(v.shape, n);
  return tensor(
    'float64',
    shape,
    Float64Array.from({ length: arrays.sizeOf(shape) }, () => 2 * rng.next() - 1),
  );
}

const bound = (before: Binding, values: readonly Value[], tensors: readonly Tensor[]): Binding =>
  new Map([...before, ...values.map((v, i): [Value, Tensor] => [v, tensors[i]])]);

/** Results of values some of which may be null, which stands for zero. */
function results(
  values: readonly (Value | null)[],
  like: readonly Value[],
  bind: Binding,
  n: number,
): Numbers[] {
  const found = evaluate(
    values.filter((v) => v !== null),
    bind,
    n,
  );
  let next = 0;
  return values.map((v, i) => {
    if (v) return found[next++];
    const shape = concrete(like[i].shape, n);
    return { shape, data: new Float64Array(arrays.sizeOf(shape)) };
  });
}

/** d/dt of the outputs at x + t·direction. */
export function differences(f: Fn, directions: readonly Tensor[]): Float64Array[] {
  const at = (t: number) => {
    const moved = f.wrt.map((v, i) => {
      const from = f.bind.get(v) as Tensor;
      const data = Float64Array.from(
        from.data as Float64Array,
        (x, j) => x + t * Number(directions[i].data[j]),
      );
      return tensor('float64', from.shape, data);
    });
    return evaluate(f.outputs, bound(f.bind, f.wrt, moved), f.n).map((r) => r.data);
  };
  const [p, m, pp, mm] = [at(STEP), at(-STEP), at(2 * STEP), at(-2 * STEP)];
  return p.map((_, o) => p[o].map((_, i) => (8 * (p[o][i] - m[o][i]) - (pp[o][i] - mm[o][i])) / (12 * STEP)));
}

function near(got: number, want: number, scale: number, tolerance: number, label: string): void {
  expect(Math.abs(got - want) / Math.max(1, scale), label).toBeLessThanOrEqual(tolerance);
}

const total = (xs: readonly Float64Array[], ys: readonly Float64Array[]): number =>
  xs.reduce((sum, x, i) => sum + arrays.inner(x, ys[i]), 0);

/** Inputs that carry leading axes, one for each value. */
function carriers(
  name: string,
  values: readonly Value[],
  lead: readonly number[],
  perExample = false,
): Value[] {
  return values.map((v, i) => input(`${name}${i}`, 'float64', arrays.carried(v.shape, lead, perExample)));
}

function expectShapes(
  got: readonly (Value | null)[],
  want: readonly Value[],
  lead: readonly number[],
  label: string,
  perExample = false,
) {
  got.forEach((g, i) => {
    if (!g) return;
    const shape = arrays.carried(want[i].shape, lead, perExample);
    expect(sameDims(g.shape, shape), `${label}: shape ${showShape(g.shape)}, not ${showShape(shape)}`).toBe(
      true,
    );
    expect(g.dtype, `${label}: type`).toBe(want[i].dtype);
  });
}

/** Compares every index of the leading axes with the plain derivative that `plain` computes from the slices of `given`. */
function expectSlices(
  got: readonly Numbers[],
  of: readonly Value[],
  given: readonly Numbers[],
  givenOf: readonly Value[],
  lead: readonly number[],
  plain: (slices: Tensor[]) => Numbers[],
  label: string,
): void {
  for (const index of arrays.indices(lead)) {
    const want = plain(given.map((g, i) => arrays.tensorOf(arrays.pickLead(g, givenOf[i].shape, index))));
    got.forEach((g, i) => {
      const slice = arrays.pickLead(g, of[i].shape, index);
      expect(slice.shape, label).toEqual(want[i].shape);
      expect(arrays.gap(slice.data, want[i].data), `${label} at [${index.join(', ')}]`).toBeLessThanOrEqual(
        ROUNDING,
      );
    });
  }
}

/** The reverse pass of f for given leading axes, and its cotangents. */
export function reverse(f: Fn, rng: Sequence, lead: readonly number[] = [], perExample = false) {
  const cts = carriers('ct', f.outputs, lead, perExample);
  const tensors = cts.map((ct) => draw(ct, rng, f.n));
  const values = vjp(f.outputs, cts, f.wrt, { lead, perExample });
  expectShapes(
    values,
    f.wrt,
    lead,
    `${f.label}: vjp${perExample ? ' per example' : ''} [${lead.join(', ')}]`,
    perExample,
  );
  return { cts, tensors, values, bind: bound(f.bind, cts, tensors) };
}

/** The forward pass of f for tangents of some of its inputs. */
export function forward(f: Fn, rng: Sequence, lead: readonly number[] = [], wrt = f.wrt) {
  const ts = carriers('t', wrt, lead);
  const tensors = ts.map((t) => draw(t, rng, f.n));
  const values = jvp(f.outputs, wrt, ts, { lead });
  expectShapes(values, f.outputs, lead, `${f.label}: jvp [${lead.join(', ')}]`);
  return { ts, tensors, values, bind: bound(f.bind, ts, tensors) };
}

export function checkReverse(f: Fn, rng: Sequence, leads: Extent['leads']): void {
  const { cts, tensors, values, bind } = reverse(f, rng);
  const gradients = results(values, f.wrt, bind, f.n).map((r) => r.data);
  const along = f.wrt.map((v) => draw(v, rng, f.n));
  const slopes = differences(f, along);
  const scale = Math.max(...gradients.map(arrays.largest), ...slopes.map(arrays.largest));
  const ct = tensors.map((t) => t.data as Float64Array);
  const way = along.map((t) => t.data as Float64Array);
  near(
    total(gradients, way),
    total(slopes, ct),
    scale,
    DIFFERENCE,
    `${f.label}: reverse against differences`,
  );
  for (const lead of leads) {
    const many = reverse(f, rng, lead);
    values.forEach((v, i) => expect(many.values[i] === null, `${f.label}: null`).toBe(v === null));
    const like = carriers('like', f.wrt, lead);
    expectSlices(
      results(many.values, like, many.bind, f.n),
      f.wrt,
      many.tensors.map(arrays.resultOf),
      f.outputs,
      lead,
      (slices) => results(values, f.wrt, bound(f.bind, cts, slices), f.n),
      `${f.label}: reverse with leading axes [${lead.join(', ')}]`,
    );
  }
}

export function checkForward(f: Fn, rng: Sequence, { leads, subsets }: Extent): void {
  const r = reverse(f, rng);
  const gradients = results(r.values, f.wrt, r.bind, f.n);
  const zero = f.wrt.map((v) => ({
    ...draw(v, rng, f.n),
    data: new Float64Array(arrays.sizeOf(concrete(v.shape, f.n))),
  }));
  for (const wrt of subsets ? someSubsets(f.wrt) : [f.wrt]) {
    const label = `${f.label}: forward along ${wrt.map((v) => v.name).join(', ')}`;
    const { ts, tensors, values, bind } = forward(f, rng, [], wrt);
    const tangents = results(values, f.outputs, bind, f.n);
    const slopes = differences(
      f,
      f.wrt.map((v, i) => (wrt.includes(v) ? tensors[wrt.indexOf(v)] : zero[i])),
    );
    tangents.forEach((t, i) => {
      expect(arrays.gap(t.data, slopes[i]), `${label}, against differences`).toBeLessThanOrEqual(DIFFERENCE);
    });
    const left = total(
      tangents.map((t) => t.data),
      r.tensors.map((t) => t.data as Float64Array),
    );
    const right = total(
      wrt.map((v) => gradients[f.wrt.indexOf(v)].data),
      tensors.map((t) => t.data as Float64Array),
    );
    const scale = Math.max(
      ...tangents.map((t) => arrays.largest(t.data)),
      ...gradients.map((g) => arrays.largest(g.data)),
    );
    near(left, right, scale, IDENTITY, `${label}, transposed`);
    for (const lead of leads) {
      const many = forward(f, rng, lead, wrt);
      values.forEach((v, i) => expect(many.values[i] === null, `${label}: null`).toBe(v === null));
      expectSlices(
        results(many.values, carriers('like', f.outputs, lead), many.bind, f.n),
        f.outputs,
        many.tensors.map(arrays.resultOf),
        wrt,
        lead,
        (slices) => results(values, f.outputs, bound(f.bind, ts, slices), f.n),
        `${label}, with leading axes [${lead.join(', ')}]`,
      );
    }
  }
}

/** Each input alone, all but each, and all. */
function someSubsets(values: readonly Value[]): Value[][] {
  if (values.length === 1) return [[...values]];
  const alone = values.map((v) => [v]);
  const others = values.length > 2 ? values.map((v) => values.filter((w) => w !== v)) : [];
  return [...alone, ...others, [...values]];
}

/** Every example's gradient of what does not depend on the examples, against that example run alone. */
export function checkPerExample(f: Fn, rng: Sequence, leads: Extent['leads']): void {
  for (const lead of leads) {
    const label = `${f.label}: per example [${lead.join(', ')}]`;
    const all = reverse(f, rng, lead, true);
    const got = results(all.values, carriers('like', f.wrt, lead, true), all.bind, f.n);
    const one = reverse(f, rng, lead);
    const parts = [...f.bind].map(([v, t]) => [v, arrays.resultOf(t), t.dtype] as const);
    for (let e = 0; e < f.n; e++) {
      const alone = new Map<Value, Tensor>(
        parts.map(([v, r, dtype]) => {
          const part = arrays.exampleOf(r, v.shape, e);
          return [v, tensor(dtype, part.shape, [...part.data])];
        }),
      );
      const cts = all.tensors.map((t, i) => {
        const part = arrays.exampleOf(arrays.resultOf(t), all.cts[i].shape, e);
        // An output without examples has a cotangent for each of them: its own plain cotangent has no such axis.
        return arrays.tensorOf(batchAxis(f.outputs[i].shape) < 0 ? arrays.pick(part, 0, 0) : part);
      });
      const want = results(one.values, carriers('like', f.wrt, lead), bound(alone, one.cts, cts), 1);
      f.wrt.forEach((v, i) => {
        const own =
          batchAxis(v.shape) >= 0
            ? arrays.exampleOf(got[i], arrays.carried(v.shape, lead), e)
            : arrays.pick(got[i], 0, e);
        expect(own.shape, label).toEqual(want[i].shape);
        expect(arrays.gap(own.data, want[i].data), `${label}, example ${e}`).toBeLessThanOrEqual(ROUNDING);
      });
    }
  }
}

const some = (values: readonly (Value | null)[]): Value[] => values.filter((v) => v !== null);

/** The derivatives of f as functions of what f depends on and of the cotangents or tangents: what second order is about. */
export function derivativesOf(f: Fn, rng: Sequence, perExample: boolean): Fn[] {
  const list: Fn[] = [];
  const push = (label: string, values: readonly (Value | null)[], late: readonly Value[], bind: Binding) => {
    const outputs = some(values);
    if (outputs.length > 0)
      list.push({ label: `${f.label}: ${label}`, outputs, wrt: [...f.wrt, ...late], bind, n: f.n });
  };
  const [reverseLead, forwardLead] = rng.integer(2) === 0 ? [[], [2]] : [[2], []];
  const r = reverse(f, rng, reverseLead);
  push(`of vjp [${reverseLead.join()}]`, r.values, r.cts, r.bind);
  const t = forward(f, rng, forwardLead);
  push(`of jvp [${forwardLead.join()}]`, t.values, t.ts, t.bind);
  if (perExample) {
    const apart = reverse(f, rng, [2], true);
    push('of vjp per example [2]', apart.values, apart.cts, apart.bind);
  }
  return list;
}

/** Everything above of f, and of its derivatives. */
export function checkRules(f: Fn, rng: Sequence, perExample: boolean): void {
  const full: Extent = { leads: [[2], [2, 3]], subsets: true };
  checkReverse(f, rng, full.leads);
  checkForward(f, rng, full);
  if (perExample) checkPerExample(f, rng, [[], [2], [2, 3]]);
  for (const g of derivativesOf(f, rng, perExample)) {
    checkReverse(g, rng, [[3]]);
    checkForward(g, rng, { leads: [[3]], subsets: false });
  }
}
