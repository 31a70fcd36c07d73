/**
 * @module cli/estimate/parts
 *
 * Parts that `fim merge` is given, by their heads: of one estimate, none twice, and what is missing of it.
 */
import { FimError } from '../../core/errors.js';
import { isFolder } from '../../disk/paths.js';
import { requireSame } from '../../fisher/sums/merge.js';
import type { SumsVisits } from '../../fisher/forms/sums.js';
import { rangeKey, requireOneWhole } from '../../fisher/sums/ranges.js';
import { missingSpans } from '../../jobs/merge-shards.js';
import { quote } from '../../core/shell.js';
import type { ShardHead } from './shard-file.js';

/** A shard's head with its path. */
export interface Part extends ShardHead {
  readonly path: string;
}

/** Throws `usage/merge` for what is no file of sums by its name. */
export function checkKind(path: string): void {
  const refuse = (rule: string, got: string, next: string) =>
    new FimError({ code: 'usage/merge', kind: 'usage', where: `fim merge ${quote(path)}`, rule, got, next });
  if (/\.onnx$/i.test(path))
    throw refuse(
      'adds up sums of one estimate, files that `fim estimate --shard` writes',
      'a network; to make one network of several is the work of a command `fim combine`, which this version of fim lacks',
      'fim estimate MODEL DATA --shard 1/4 --out part-1.sums.npz',
    );
  if (isFolder(path)) throw refuse('takes files of sums', 'a folder', `fim merge ${quote(path)}/*.sums.npz`);
}

/** Parts by their ranges of parameters, in the order of those: one list where they are of all. */
export function byRange(parts: readonly Part[]): Part[][] {
  const ranges = new Map<string | null, Part[]>();
  for (const part of parts) {
    const key = rangeKey(part.diagonal);
    ranges.set(key, [...(ranges.get(key) ?? []), part]);
  }
  const totals = parts.find(({ diagonal }) => diagonal.range?.parameters === null);
  const names = totals?.diagonal.subject.tensors.map(({ name }) => name) ?? [];
  const placeOf = ([{ diagonal }]: Part[]): number => names.indexOf(diagonal.range?.parameters?.[0] ?? '');
  return [...ranges.values()].sort((a, b) => placeOf(a) - placeOf(b));
}

/** Throws `fisher/sums-differ`, `fisher/ranges` and `usage/merge` with the file that does not belong, or comes twice, `merge/missing` for a range without any. */
export function checkTogether(parts: readonly Part[]): void {
  const ranges = byRange(parts);
  for (const range of ranges) checkRange(range);
  if (ranges.length === 1 && !parts[0].diagonal.range) return;
  // Parts may be missing of each.
  requireOneWhole(
    ranges.map(([{ diagonal }]) => ({ ...diagonal, visited: { ...visitsIn(parts), spans: [] } })),
  );
  const held = new Set(ranges.flatMap(([{ diagonal }]) => diagonal.range?.parameters ?? []));
  const totals = parts.find(({ diagonal }) => diagonal.range?.parameters === null);
  if (!totals) throw rangeMissing('the totals');
  const lost = totals.diagonal.subject.tensors.find(({ name }) => !held.has(name));
  if (lost) throw rangeMissing(`the range with ${lost.name}`);
}

function rangeMissing(what: string): FimError {
  return new FimError({
    code: 'merge/missing',
    kind: 'answer-no',
    where: 'fim merge',
    rule: 'takes all ranges of the parameters, and their totals',
    got: `nothing of ${what}`,
    next: 'run those too',
  });
}

/** Of one range. */
function checkRange(parts: readonly Part[]): void {
  const [first] = parts;
  for (const part of parts) {
    try {
      requireSame(first.diagonal, part.diagonal);
      if (first.dense && part.dense) requireSame(first.dense, part.dense);
      if (first.layers && part.layers) requireSame(first.layers, part.layers);
    } catch (error) {
      if (!(error instanceof FimError)) throw error;
      const where = `${part.path} beside ${first.path}: ${error.complaint.where.replace(/^sums: /, '')}`;
      throw new FimError({ ...error.complaint, where });
    }
    for (const form of ['dense', 'layers', 'rows'] as const)
      if ((first[form] === null) !== (part[form] === null)) throw without(first[form] ? part : first);
  }
  const spans = parts.flatMap((part) => (part.diagonal.visited?.spans ?? []).map((span) => ({ part, span })));
  spans.sort((a, b) => a.span[0] - b.span[0]);
  spans.forEach(({ part, span }, i) => {
    const last = spans[i - 1];
    if (last && span[0] < last.span[1]) throw twice(last.part, part);
  });
}

const titleOf = ({ name, path }: Part): string => `shard ${name.index}/${name.count} in ${path}`;

function without(part: Part): FimError {
  return new FimError({
    code: 'fisher/sums-differ',
    where: part.path,
    rule: 'has the sums of the form that the other shards have',
    got: 'sums of the diagonal alone',
    next: 'make every shard with the same --form',
  });
}

function twice(one: Part, other: Part): FimError {
  return new FimError({
    code: 'fisher/sums-overlap',
    kind: 'usage',
    where: 'fim merge',
    rule: 'takes every example once',
    got: `${titleOf(one)} and ${titleOf(other)} hold the same examples`,
    next: 'leave one of them out',
  });
}

/** Those of parts of the visits of which every range is there. */
export function wholeParts(parts: readonly Part[]): Part[] {
  const ranges = byRange(parts);
  const inAll = (part: Part): boolean =>
    ranges.every((range) => range.some((other) => spansOf(other) === spansOf(part)));
  return parts.filter(inAll);
}

const spansOf = ({ diagonal }: Part): string => JSON.stringify(diagonal.visited?.spans);

/** Shards that are not there, of all files that were given and those that go in: by their names where all are of one cut, else by the places of their visits. */
export function missingFrom(given: readonly Part[], parts: readonly Part[]): string[] {
  const [{ count }, ...others] = given.map(({ name }) => name);
  const [first = []] = byRange(parts);
  const holes = missingSpans(
    first.length > 0
      ? first.map(({ diagonal }) => diagonal)
      : [{ visited: { ...visitsIn(given), spans: [] } }],
  );
  if (holes.length === 0) return [];
  if (others.some((other) => other.count !== count))
    return holes.map(([from, to]) => `visits ${from} to ${to - 1}`);
  const there = new Set(parts.map(({ name }) => name.index));
  return Array.from({ length: count }, (_, i) => i + 1)
    .filter((index) => !there.has(index))
    .map((index) => `${index}/${count}`);
}

const visitsIn = ([{ diagonal }]: readonly Part[]): SumsVisits => diagonal.visited as SumsVisits;
