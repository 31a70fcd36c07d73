/**
 * @module cli/estimate/parts
 *
 * Parts that `fim merge` is given, by their heads: of one estimate, none twice, and what is missing of it.
 */
import { FimError } from '../../core/errors.js';
import { isFolder } from '../../disk/files.js';
import { requireSame } from '../../fisher/sums/merge.js';
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

/** Throws `fisher/sums-differ` and `usage/merge` with the file that does not belong, or comes twice. */
export function checkTogether(parts: readonly Part[]): void {
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
    for (const form of ['dense', 'layers'] as const)
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

/** Shards that are not there, by their names where all files are of one cut, else by the places of their visits. */
export function missingFrom(parts: readonly Part[]): string[] {
  const [{ count }, ...others] = parts.map(({ name }) => name);
  const holes = missingSpans(parts.map(({ diagonal }) => diagonal));
  if (holes.length === 0) return [];
  if (others.some((other) => other.count !== count))
    return holes.map(([from, to]) => `visits ${from} to ${to - 1}`);
  const there = new Set(parts.map(({ name }) => name.index));
  return Array.from({ length: count }, (_, i) => i + 1)
    .filter((index) => !there.has(index))
    .map((index) => `${index}/${count}`);
}
