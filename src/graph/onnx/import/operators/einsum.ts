/**
 * @module graph/onnx/import/operators/einsum
 *
 * Einsum: a sum of products by letters, of any number of operands, as matrix products of two at a time. A letter twice in one operand is its
 * diagonal; one that no other operand and no result has is summed away at once; letters of both operands that are kept are the stack of
 * the product, those that are not its inner axis. An ellipsis stands for axes that broadcast. Source: onnx/onnx, Operators.md (Einsum,
 * opset 12); numpy.einsum.
 */
import * as b from '../../../build.js';
import { type Dim, isBatch, mulDim, type Shape } from '../../../dims.js';
import type { Value } from '../../../value.js';
import type { Normaliser, OpContext } from '../context.js';
import { pick } from '../pick.js';

/** A value and the letter of each of its axes. */
interface Term {
  readonly value: Value;
  readonly letters: readonly string[];
}

/** Letters of one operand; axes of an ellipsis are `…k`, counted from the last. */
function lettersOf(c: OpContext, text: string, rank: number): string[] {
  const [before, after] = text.split('...');
  const ends = [...before, ...(after ?? '')];
  const open = rank - ends.length;
  if (after === undefined ? open !== 0 : open < 0 || text.split('...').length > 2)
    throw c.refuse(`"${text}" does not name the ${rank} axes of an operand`, 'graph/shape');
  if (ends.some((l) => !/[A-Za-z]/.test(l))) throw c.refuse(`"${text}" has other signs than letters`);
  return [...before, ...Array.from({ length: open }, (_, i) => `…${open - 1 - i}`), ...(after ?? '')];
}

/** One axis for each letter: the diagonal of axes that have the same. */
function diagonal(c: OpContext, term: Term): Term {
  const again = term.letters.findIndex((l, i) => term.letters.indexOf(l) < i);
  if (again < 0) return term;
  const first = term.letters.indexOf(term.letters[again]);
  const { value } = term;
  const [p, q] = [value.shape[first], value.shape[again]];
  if (isBatch(p) || isBatch(q)) throw c.coupled('a diagonal of the examples');
  if (p !== q) throw c.refuse(`a diagonal of ${p} × ${q}`, 'graph/shape');
  const order = value.shape.map((_, i) => i).filter((i) => i !== first && i !== again);
  const behind = b.permute(value, [...order, first, again]);
  const rest = order.map((i) => value.shape[i]);
  const line = pick(
    b.reshape(behind, [...rest, p * p]),
    rest.length,
    Array.from({ length: p }, (_, i) => i * (p + 1)),
  );
  return diagonal(c, { value: line, letters: [...order.map((i) => term.letters[i]), term.letters[first]] });
}

/** Sums over the axes whose letters nothing else has. */
function summed(term: Term, kept: ReadonlySet<string>): Term {
  const axes = term.letters.flatMap((l, i) => (kept.has(l) ? [] : [i]));
  if (axes.length === 0) return term;
  return { value: b.reduceSum(term.value, axes), letters: term.letters.filter((l) => kept.has(l)) };
}

/** Axes in the order of letters, those that are missing with length 1. */
function arranged({ value, letters }: Term, order: readonly string[]): Value {
  const own = order.filter((l) => letters.includes(l));
  const moved = b.permute(
    value,
    own.map((l) => letters.indexOf(l)),
  );
  const missing = order.flatMap((l, i) => (letters.includes(l) ? [] : [i]));
  return b.unsqueeze(moved, missing);
}

const dimOf = (terms: readonly Term[], letter: string): Dim => {
  const dims = terms.flatMap((t) =>
    t.letters.includes(letter) ? [t.value.shape[t.letters.indexOf(letter)]] : [],
  );
  return dims.find((d) => d !== 1) ?? 1;
};

/** The product of two terms, summed over the letters that are not kept. */
function product(c: OpContext, p: Term, q: Term, kept: ReadonlySet<string>): Term {
  const both = p.letters.filter((l) => q.letters.includes(l));
  const inner = both.filter((l) => !kept.has(l));
  const stack = both.filter((l) => kept.has(l));
  const own = (t: Term): string[] => t.letters.filter((l) => !both.includes(l));
  const dims = (letters: readonly string[]): Dim[] => letters.map((l) => dimOf([p, q], l));
  if (inner.some((l) => isBatch(dimOf([p, q], l)))) throw c.coupled('the sum runs along the examples');
  const examplesFirst = (letters: readonly string[]): string[] =>
    [...letters].sort((l, m) => +isBatch(dimOf([p, q], m)) - +isBatch(dimOf([p, q], l)));
  const [rows, columns] = [examplesFirst(own(p)), examplesFirst(own(q))];
  if (columns.some((l) => isBatch(dimOf([p, q], l)))) {
    if (rows.some((l) => isBatch(dimOf([p, q], l))))
      throw c.coupled('two axes of the result hold the examples');
    return product(c, q, p, kept);
  }
  const size = (letters: readonly string[]): Dim => dims(letters).reduce((a, d) => mulDim(a, d) as Dim, 1);
  const matrix = (t: Term, order: readonly string[], ends: readonly [Dim, Dim]): Value => {
    const x = arranged(t, order);
    // An inner axis of length 1 against a longer one is repeated.
    const full: Shape = order.map((l, i) => (inner.includes(l) ? dimOf([p, q], l) : x.shape[i]));
    return b.reshape(b.expand(x, full), [...full.slice(0, stack.length), ...ends]);
  };
  const left = matrix(p, [...stack, ...rows, ...inner], [size(rows), size(inner)]);
  const right = matrix(q, [...stack, ...inner, ...columns], [size(inner), size(columns)]);
  const y = b.matmul(left, right);
  const letters = [...stack, ...rows, ...columns];
  return {
    value: b.reshape(y, [...y.shape.slice(0, stack.length), ...dims([...rows, ...columns])]),
    letters,
  };
}

/** Einsum. Throws `graph/shape`, `graph/examples-coupled`, `onnx/form`. */
export const einsum: Normaliser = (c) => {
  const equation = c.text('equation', '').replace(/\s/g, '');
  const [left, right, ...more] = equation.split('->');
  const texts = left.split(',');
  if (more.length > 0 || texts.length !== c.count) throw c.refuse(`equation "${equation}" does not fit`);
  let terms = texts.map((text, i): Term => {
    const value = c.real(i);
    return diagonal(c, { value, letters: lettersOf(c, text, value.shape.length) });
  });
  const all = terms.flatMap((t) => t.letters);
  const dots = [...new Set(all.filter((l) => l.startsWith('…')))].sort().reverse();
  const once = (l: string): boolean => !l.startsWith('…') && texts.join('').split(l).length === 2;
  const result =
    right === undefined
      ? [...dots, ...[...new Set(all)].filter(once).sort()]
      : right.split('...').flatMap((part, i) => [...(i > 0 ? dots : []), ...part]);
  if (result.some((l, i) => !all.includes(l) || result.indexOf(l) < i))
    throw c.refuse(`equation "${equation}" has a result that is none`);
  while (terms.length > 0) {
    const [p, q, ...rest] = terms;
    const kept = new Set([...result, ...rest.flatMap((t) => t.letters)]);
    const mine = summed(p, new Set([...kept, ...(q?.letters ?? [])]));
    if (!q) return finished(mine, result);
    terms = [product(c, mine, summed(q, new Set([...kept, ...p.letters])), kept), ...rest];
  }
  throw c.refuse('has no operands');
};

/** Axes in the order of the result. */
const finished = (term: Term, result: readonly string[]): Value =>
  b.permute(
    term.value,
    result.map((l) => term.letters.indexOf(l)),
  );
