/**
 * @module model/names/elementwise
 *
 * Functions of one parameter, element by element, that an exporter computed because nothing else entered: −p, e^p, softplus p, σ(p), tanh p,
 * |p|, p², 1/p, relu p, and c·p with one number c (a weight divided by √d). With the numbers of the parameter the function is found, and
 * the file's tensor is read as that function of it, so that derivatives are the parameter's. A tensor that fits two
 * parameters, or one whose numbers are all equal, settles nothing.
 */
import { castTensor, type FloatType, type Tensor, toFloat64 } from '../../core/tensor.js';
import { ops as b, type Value } from '../../graph/index.js';
import type { Candidate } from '../../graph/onnx/index.js';
import { arrange, type Arrangement, arrangements, isConstant, restored } from './arrangement.js';
import { isPartOfNorm } from './by-module.js';
import type { Matching } from './matching.js';
import type { NamedEntry } from './types.js';

/** A function of each element. */
interface Elementwise {
  readonly name: string;
  readonly of: (this: void, x: number) => number;
  readonly build: (this: void, p: Value) => Value;
}

const FUNCTIONS: readonly Elementwise[] = [
  { name: '−p', of: (x) => -x, build: b.neg },
  { name: 'e^p', of: Math.exp, build: b.exp },
  { name: 'softplus p', of: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), build: b.softplus },
  { name: 'σ(p)', of: (x) => 1 / (1 + Math.exp(-x)), build: b.sigmoid },
  { name: 'tanh p', of: Math.tanh, build: b.tanh },
  { name: '|p|', of: Math.abs, build: b.abs },
  { name: 'p²', of: (x) => x * x, build: b.square },
  { name: '1/p', of: (x) => 1 / x, build: b.reciprocal },
  { name: 'relu p', of: (x) => Math.max(x, 0), build: b.relu },
  { name: '−e^p', of: (x) => -Math.exp(x), build: (p) => b.neg(b.exp(p)) },
];

/** Largest relative difference that float32 arithmetic on one number explains. */
const ROUNDING = 4e-6;

/** A tensor as a function of a parameter. */
interface Fit {
  readonly candidate: Candidate;
  readonly arrangement: Arrangement;
  readonly found: Elementwise;
  /** c of c·p. */
  readonly factor: number | null;
}

/** Claims tensors that are a function of one parameter's numbers, element by element. */
export function matchElementwise(m: Matching): void {
  const open = m.unmatched().filter((e) => e.values !== null && !isPartOfNorm(m, e));
  for (const entry of open) {
    const fits = fitsOf(m, entry);
    const [first] = fits;
    if (!first || fits.some((f) => f.found.name !== first.found.name)) continue;
    const rivals = open.filter(
      (e) => e !== entry && fitsOf(m, e).some((f) => f.candidate === first.candidate),
    );
    if (rivals.length > 0 || fits.some((f) => f.factor !== null && isLearned(open, f.factor))) continue;
    claimFunction(m, entry, fits);
  }
}

/** A number of the file of names itself: what looks like a multiple is a product of two parameters. */
const isLearned = (open: readonly NamedEntry[], factor: number): boolean =>
  open.some(
    ({ values }) => values?.data.length === 1 && isNear(Math.abs(Number(values.data[0])), Math.abs(factor)),
  );

function claimFunction(m: Matching, entry: NamedEntry, fits: readonly Fit[]): void {
  const { dtype } = fits[0].candidate.tensor;
  const tensor = castTensor(entry.values as Tensor, dtype as FloatType);
  const tensors = fits.map(({ candidate, arrangement, found }) => ({
    candidate,
    build: (p: Value) => arrange(found.build(p), arrangement),
  }));
  m.spread(entry, tensor, `by its numbers, as ${fits[0].found.name}`, tensors);
  for (const { candidate, found } of fits) {
    m.notes.push(
      `${candidate.name} holds ${found.name} of ${entry.name}, computed when the file was written`,
    );
  }
}

/** Every tensor without a name that is a function of the parameter's numbers. */
const fitsOf = (m: Matching, { values }: NamedEntry): Fit[] =>
  values === null
    ? []
    : m.nameless().flatMap((candidate) => {
        const fit = isTelling(candidate.tensor) ? fitOf(candidate, values) : null;
        return fit ? [fit] : [];
      });

/** Numbers by which a function can be told: several different ones, or one that is no fixed point. */
const isTelling = (t: Tensor): boolean =>
  t.data.length === 1 ? ![0, 1, -1].includes(Number(t.data[0])) : !isConstant(t);

function fitOf(candidate: Candidate, values: Tensor): Fit | null {
  const p = toFloat64(values);
  for (const arrangement of arrangements(values.shape, candidate.tensor.shape)) {
    const stored = toFloat64(restored(candidate.tensor, arrangement));
    const found = FUNCTIONS.find(({ of }) => stored.every((y, i) => isNear(of(p[i]), y)));
    if (found) return { candidate, arrangement, found, factor: null };
    const factor = factorOf(p, stored);
    if (factor !== null) return { candidate, arrangement, found: multiple(factor), factor };
  }
  return null;
}

/** c where y = c·p, and there are numbers enough to tell; else null. */
function factorOf(p: Float64Array, y: Float64Array): number | null {
  const at = p.findIndex((x) => x !== 0);
  if (p.length < 3 || at < 0) return null;
  const c = y[at] / p[at];
  return Number.isFinite(c) && c !== 0 && y.every((v, i) => isNear(c * p[i], v)) ? c : null;
}

const multiple = (c: number): Elementwise => ({
  name: `${Number(c.toPrecision(6))}·p`,
  of: (x) => c * x,
  build: (v) => b.scale(v, c),
});

const isNear = (x: number, y: number): boolean =>
  x === y || Math.abs(x - y) <= ROUNDING * Math.max(Math.abs(x), Math.abs(y)) + 1e-37;
