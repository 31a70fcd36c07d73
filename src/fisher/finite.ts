/**
 * @module fisher/finite
 *
 * Results whose every number is finite. What float32 cannot hold, scores whose squares or fourth powers pass 3e38 or fall below 1e-38,
 * is computed again in float64 on the small engine, and said; what is not finite there either is refused with the tensor, the node
 * and the example.
 */
import { FimError } from '../core/errors.js';
import { createSmallEngine } from '../engine/small/index.js';
import type { Engine } from '../engine/types.js';
import { atPrecision, type Network } from '../model/network.js';
import { faultyDerivative } from './blame.js';
import type { DiagonalEstimate, Figure } from './estimate.js';
import type { ExampleSource } from './source.js';

/** What is wrong with a result: the tensor (null: a figure of several), and how it looks. */
export interface Trouble {
  readonly tensor: string | null;
  readonly got: string;
}

export interface Attempt<R> {
  readonly engine: Engine;
  readonly network: Network;
  readonly source: ExampleSource;
  /** Makes the result. */
  readonly run: (engine: Engine, network: Network, source: ExampleSource, probing: boolean) => Promise<R>;
  /** What is not finite; null: nothing. */
  readonly trouble: (result: R) => Trouble | null;
  /** The tensors, where all are zero or so small that float32 loses their squares; else none. */
  readonly lost: (result: R) => readonly string[];
  /** The tensors, where all are zero in every entry; else none. */
  readonly zero: (result: R) => readonly string[];
  readonly interrupted: (result: R) => boolean;
  /** Hears that all examples are gone through again, before they are. */
  readonly say?: ((line: string) => void) | undefined;
}

/** Examples on which a tensor that is zero in float32 is looked at in float64. */
const PROBED = 32;

/** The result with a note where it was computed again, and what it was at first. Throws `fisher/not-finite`. */
export async function finite<R>(attempt: Attempt<R>): Promise<{ result: R; note: string | null; first: R }> {
  const { engine, network, source, run, trouble, lost } = attempt;
  const first = await run(engine, network, source, false);
  const wrong = trouble(first);
  const small = network.h.dtype === 'float32';
  if (attempt.interrupted(first)) {
    if (wrong) throw notFinite(wrong, network.h.dtype, null);
    return { result: first, note: null, first };
  }
  const again = (from: ExampleSource, probing = false) =>
    run(createSmallEngine(), atPrecision(network, 'float64'), from, probing);
  if (!wrong) {
    const names = small ? lost(first) : [];
    if (names.length === 0) return { result: first, note: null, first };
    // What is lost in float64 too can only be zero there.
    const still = new Set(attempt.zero(await again(upTo(source, PROBED), true)));
    if (names.every((name) => still.has(name))) return { result: first, note: null, first };
    attempt.say?.(`computing again in float64: "${names[0]}" is too small for float32`);
    return {
      result: await again(source),
      note: `computed again in float64: "${names[0]}" is too small for float32`,
      first,
    };
  }
  if (small) attempt.say?.(`computing again in float64: ${wrong.got} in float32${of(wrong)}`);
  const second = small ? await again(source) : first;
  const left = trouble(second);
  if (left) throw notFinite(left, 'float64', await faultyDerivative(network, source).catch(() => null));
  return { result: second, note: `computed again in float64: ${wrong.got} in float32${of(wrong)}`, first };
}

const of = ({ tensor }: Trouble): string => (tensor === null ? '' : ` for "${tensor}"`);

function upTo(source: ExampleSource, count: number): ExampleSource {
  return function* (batch, dtype) {
    let left = count;
    for (const examples of source(Math.min(batch, count), dtype)) {
      if (left <= 0) return;
      left -= examples.n;
      yield examples;
    }
  };
}

function notFinite(
  { tensor, got }: Trouble,
  dtype: string,
  fault: { example: number; node: string | null } | null,
): FimError {
  const at = fault ? `, example ${fault.example}${fault.node === null ? '' : `, ${fault.node}`}` : '';
  return new FimError({
    code: 'fisher/not-finite',
    where: `${tensor === null ? 'result' : `tensor "${tensor}"`}${at}`,
    rule: 'every number of a result must be finite',
    got: `${got} in ${dtype}`,
    cause: fault
      ? 'the derivative does not exist at this example (a root, a power or a norm at 0, say)'
      : `numbers beyond the range of ${dtype}`,
    next: fault
      ? `leave example ${fault.example} out, or keep the operand away from 0 (√(x + ε))`
      : `${dtype === 'float64' ? '' : "`dtype: 'float64'`, or "}inputs scaled so that they are about 1; check the settings of the likelihood too`,
  });
}

/** The largest entry below which squares and fourth powers of scores fall under what float32 holds. */
const TINY = 1e-18;

/**
 * Names of the tensors where all entries of all of them are below `limit` in size; none where some entry is above: what is so much
 * smaller than the rest is rounding (a bias that Softmax cancels, say).
 */
export function below(
  tensors: readonly { readonly name: string; readonly fisher: ArrayLike<number> }[],
  limit = TINY,
): string[] {
  const small = ({ fisher }: { readonly fisher: ArrayLike<number> }) => {
    for (let i = 0; i < fisher.length; i++) if (!(Math.abs(fisher[i]) <= limit)) return false;
    return true;
  };
  return tensors.every(small) ? tensors.map((t) => t.name) : [];
}

/** What of a diagonal is not finite: an entry of a tensor, else a figure. */
export function estimateTrouble(e: DiagonalEstimate): Trouble | null {
  // Interrupted before the first batch: nothing is known, and nothing is said.
  if (e.examples === 0) return null;
  for (const t of e.tensors) {
    const arrays = { fisher: t.fisher, label_se: t.labelError, data_se: t.dataError, se: t.standardError };
    for (const [what, values] of Object.entries(arrays)) {
      const odd = values && oddNumber(values);
      if (odd) return { tensor: t.name, got: `${odd} in ${what}` };
    }
  }
  const asked = [...(e.functionals ?? []), ...(e.quadratics ?? [])];
  const figures = [
    ['trace', e.trace],
    ...[...e.layers, ...e.tensors].map((l) => [l.name, l.trace]),
    ...asked.map((f) => [f.name, f]),
  ] as const;
  for (const [name, f] of figures as readonly (readonly [string, Figure])[]) {
    const numbers = [f.value, f.standardError, f.labelError, f.dataError, ...(f.interval ?? [])];
    const odd = oddNumber(numbers.filter((x) => x !== null));
    if (odd) return { tensor: null, got: `${odd} in the figures of ${name}` };
  }
  return null;
}

/** The checks of a result that `of` makes a diagonal of; null: of no example, which cannot be wrong. */
export function diagonalChecks<R>(
  of: (result: R) => DiagonalEstimate | null,
): Pick<Attempt<R>, 'trouble' | 'lost' | 'zero'> {
  const checked =
    <T>(check: (e: DiagonalEstimate) => T, otherwise: T) =>
    (result: R) => {
      const e = of(result);
      return e === null ? otherwise : check(e);
    };
  return {
    trouble: checked(estimateTrouble, null),
    lost: checked((e) => below(e.tensors), []),
    zero: checked((e) => below(e.tensors, 0), []),
  };
}

/** The first entry that is not finite, as it is written; null: none. */
export function oddNumber(values: ArrayLike<number>): string | null {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return String(values[i]);
  return null;
}
