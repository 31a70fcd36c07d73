/**
 * The committed outputs: one file a cheap command in test/fixtures/golden, its numbers and, of each array, itself where it is
 * short, else its sum, its norm, a sum with fixed pseudo-random weights and its first entries. They are compared to 1e-12, so that
 * another version of Node may round a logarithm differently; sentences are left out.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from './commands.mjs';
import { SENTENCES, maskOf } from './masks.mjs';

export const TOLERANCE = 1e-12;

/** Arrays up to this length are kept whole. */
const WHOLE = 12;
const FIRST = 4;

/** Sentences, and digests that a rounding would change. */
const WORDS = new RegExp(
  `${SENTENCES.source.slice(0, -1)}\\[|[.:](reason|where|cause|hint|title|graph|configHash|digest)$`,
);

/** Of a comparison the table and the curves; its runs are like those that are kept whole. */
const BESIDE = /^run\/(summary\.json|runs\/.*(checkpoint|policy|manifest|result)[^/]*):/;

const encode = (x) => (typeof x === 'number' && !Number.isFinite(x) ? String(x) : x);
const decode = (x) => (['NaN', 'Infinity', '-Infinity'].includes(x) ? Number(x) : x);

/** Of entry i, in (−1, 1): Weyl's sequence of the golden ratio, in whole numbers. */
const weight = (i) => (Math.imul(i + 1, 2654435769) >>> 0) / 2 ** 31 - 1;

/** An array in few numbers; `size` is the sum of moduli, which errors of the sums are relative to. */
function sketch({ dtype, shape, data }) {
  if (data.length <= WHOLE) return { dtype, shape, data: data.map(encode) };
  const finite = data.filter(Number.isFinite);
  const sum = (of) => finite.reduce((total, x, i) => total + of(x, i), 0);
  return {
    ...{
      dtype,
      shape,
      finite: finite.length,
      size: sum(Math.abs),
      sum: sum((x) => x),
      squares: sum((x) => x * x),
    },
    ...{ mixed: sum((x, i) => x * weight(i)), first: data.slice(0, FIRST).map(encode) },
  };
}

/** What is committed of a map of leaves. */
export function committedOf(leaves) {
  const kept = {};
  for (const [path, leaf] of leaves) {
    if (maskOf(path) || WORDS.test(path) || BESIDE.test(path)) continue;
    kept[path] = leaf !== null && typeof leaf === 'object' ? sketch(leaf) : encode(leaf);
  }
  return kept;
}

const near = (a, b, size) => Object.is(a, b) || Math.abs(a - b) <= TOLERANCE * size;
const largest = (list) => Math.max(0, ...list.map(decode).filter(Number.isFinite).map(Math.abs));

/** Numbers of two lists, each to `size`; other entries as they are. */
function same(was, is, size) {
  const [a, b] = [decode(was), decode(is)];
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return near(a, b, size ?? Math.max(Math.abs(a), Math.abs(b)));
}

function sameArray(was, is) {
  if (was.dtype !== is.dtype || String(was.shape) !== String(is.shape) || was.finite !== is.finite)
    return false;
  const list = was.data ? 'data' : 'first';
  const size = was.data ? largest(was.data) : Math.sqrt(was.squares);
  if (!was[list].every((x, i) => same(x, is[list][i], size))) return false;
  return (
    was.data !== undefined ||
    (same(was.sum, is.sum, was.size) && same(was.mixed, is.mixed, was.size) && same(was.squares, is.squares))
  );
}

/** Paths whose committed value is not met, one line each; what is new is no difference. */
export function differences(was, is) {
  const isArray = (x) => x !== null && typeof x === 'object';
  return Object.entries(was).flatMap(([path, a]) => {
    if (!(path in is)) return [`${path}: ${JSON.stringify(a)} is gone`];
    const b = is[path];
    if (path.endsWith('.length') && b >= a) return [];
    const equal = isArray(a) && isArray(b) ? sameArray(a, b) : same(a, b);
    return equal ? [] : [`${path}: ${JSON.stringify(a)} → ${JSON.stringify(b)}`];
  });
}

export const CHEAP = COMMANDS.filter((command) => command.cheap);

/** What `folder` holds of a command. */
export function readCommitted(folder, name) {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** Writes the outputs of every cheap command, one leaf a line. Returns the number of bytes. */
export function writeCommitted(folder, outputs) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let bytes = 0;
  for (const [name, leaves] of outputs) {
    const lines = Object.entries(committedOf(leaves)).map(
      ([path, leaf]) => `${JSON.stringify(path)}:${JSON.stringify(leaf)}`,
    );
    const text = `{\n${lines.join(',\n')}\n}\n`;
    writeFileSync(join(folder, `${name}.json`), text);
    bytes += text.length;
  }
  return bytes;
}
