/**
 * Compares two maps of leaves: what was added, removed, changed, and the largest relative difference. Numbers and arrays are equal
 * bit for bit. A difference of an array is relative to its largest entry, that of a number to the larger of the two.
 */
import { maskOf } from './masks.mjs';

const isArray = (leaf) => leaf !== null && typeof leaf === 'object';
const shown = (leaf) => (isArray(leaf) ? `${leaf.dtype}[${leaf.shape.join(',')}]` : JSON.stringify(leaf));

function relative(a, b) {
  if (Object.is(a, b) || a === b) return 0;
  const size = Math.max(Math.abs(a), Math.abs(b));
  return Number.isFinite(size) ? Math.abs(a - b) / size : Infinity;
}

function arrayDifference(a, b) {
  const scale = a.data.reduce((most, x, i) => {
    const one = Math.max(Math.abs(x), Math.abs(b.data[i]));
    return Number.isFinite(one) ? Math.max(most, one) : most;
  }, 0);
  let worst = { relative: 0, at: a.data.findIndex((x, i) => !Object.is(x, b.data[i])) };
  a.data.forEach((x, i) => {
    const y = b.data[i];
    if (Object.is(x, y) || x === y) return;
    const difference = Number.isFinite(x) && Number.isFinite(y) ? Math.abs(x - y) / scale : Infinity;
    if (difference > worst.relative) worst = { relative: difference, at: i };
  });
  return { ...worst, text: `[${worst.at}] ${a.data[worst.at]} → ${b.data[worst.at]}` };
}

/** What differs between two leaves, or null. `relative` is infinite where kinds differ. */
function difference(a, b) {
  if (isArray(a) && isArray(b)) {
    if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) {
      return { relative: Infinity, text: `${shown(a)} → ${shown(b)}` };
    }
    return a.bytes.equals(b.bytes) ? null : arrayDifference(a, b);
  }
  if (Object.is(a, b)) return null;
  const both = typeof a === 'number' && typeof b === 'number';
  return { relative: both ? relative(a, b) : Infinity, text: `${shown(a)} → ${shown(b)}` };
}

/** A longer list has the same entries and more of them: its length is told by what was added. */
const isLength = (path) => path.endsWith('.length');

/** `{ compared, masked, added, removed, changed: [{ path, relative, text }], worst }`. */
export function compare(before, after) {
  const result = { compared: 0, masked: 0, added: [], removed: [], changed: [], worst: 0 };
  for (const [path, a] of before) {
    if (maskOf(path)) {
      result.masked++;
      if (!after.has(path)) result.removed.push(path);
      continue;
    }
    if (!after.has(path)) {
      result.removed.push(path);
      continue;
    }
    result.compared++;
    const b = after.get(path);
    const found = isLength(path) && b > a ? null : difference(a, b);
    if (!found) continue;
    result.changed.push({ path, ...found });
    result.worst = Math.max(result.worst, found.relative);
  }
  for (const path of after.keys()) if (!before.has(path)) result.added.push(path);
  return result;
}

/** Whether nothing was changed or taken away. */
export const equal = ({ removed, changed }) => removed.length === 0 && changed.length === 0;
