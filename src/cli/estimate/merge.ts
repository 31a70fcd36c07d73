/**
 * @module cli/estimate/merge
 *
 * `fim merge FILE…`: shards of an estimate, as `fim estimate --shard` writes them, made the estimate of the whole.
 */
import { type ExitCode, FimError } from '../../core/errors.js';
import { isFolder } from '../../disk/files.js';
import {
  type DiagonalEstimate,
  type DenseEstimate,
  entriesNote,
  type FisherSums,
} from '../../fisher/index.js';
import { spectrumOf } from '../../fisher/forms/dense/spectrum.js';
import { requireSame } from '../../fisher/sums/merge.js';
import { mergeDenseShards, type MergeOptions, mergeShards, missingSpans } from '../../jobs/merge-shards.js';
import { turn } from '../../jobs/yielding.js';
import type { DecidedEstimate } from '../../jobs/decided-estimate.js';
import type { Context } from '../command.js';
import { type EstimateFacts, type Found, jsonOf, writeResult } from './facts.js';
import { printResult } from './print.js';
import { readShardFile, type ShardFile } from './shard-file.js';
import { checkOutputs } from '../outputs.js';
import { messagesOf } from '../terminal/messages.js';

/** A shard with its path. */
interface Part extends ShardFile {
  readonly path: string;
}

/** Throws `usage/merge` for what is no file of sums by its name. */
function checkKind(path: string): void {
  const refuse = (rule: string, got: string, next: string) =>
    new FimError({ code: 'usage/merge', kind: 'usage', where: `fim merge ${path}`, rule, got, next });
  if (/\.onnx$/i.test(path))
    throw refuse(
      'adds up sums of one estimate, files that `fim estimate --shard` writes',
      'a network; to make one network of several is the work of a command `fim combine`, which this version of fim lacks',
      'fim estimate MODEL DATA --shard 1/4 --out part-1.sums.npz',
    );
  if (isFolder(path)) throw refuse('takes files of sums', 'a folder', `fim merge ${path}/*.sums.npz`);
}

/** Throws `fisher/sums-differ` and `usage/merge` with the file that does not belong, or comes twice. */
function checkTogether(parts: readonly Part[]): void {
  const [first] = parts;
  for (const part of parts) {
    try {
      requireSame(first.diagonal, part.diagonal);
      if (first.dense && part.dense) requireSame(first.dense, part.dense);
    } catch (error) {
      if (!(error instanceof FimError)) throw error;
      const where = `${part.path} beside ${first.path}: ${error.complaint.where.replace(/^sums: /, '')}`;
      throw new FimError({ ...error.complaint, where });
    }
    if ((first.dense === null) !== (part.dense === null)) throw without(first.dense ? part : first);
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
    rule: 'has sums of the whole matrix, as the other shards do',
    got: 'sums of the diagonal alone',
    next: 'make every shard with --form dense, or none',
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
function missingFrom(parts: readonly Part[]): string[] {
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

/** The facts of all parts: engines and notes of each once. */
function factsOf(parts: readonly Part[]): EstimateFacts {
  const all = parts.map(({ facts }) => facts);
  const each = (of: (facts: EstimateFacts) => string) => [...new Set(all.map(of))].join(', ');
  return {
    ...all[0],
    engine: each(({ engine }) => engine),
    build: each(({ build }) => build),
    notes: [...new Set(all.flatMap(({ notes }) => notes))],
    warnings: [...new Set(all.flatMap(({ warnings }) => warnings))],
  };
}

/** Merges; `missing`: of which the estimate takes no heed. */
async function merge(
  { options, given, signal }: Context<'merge'>,
  parts: readonly Part[],
  missing: readonly string[],
  decided: DecidedEstimate | undefined,
): Promise<Found> {
  const asked: MergeOptions = {
    partial: missing.length > 0,
    decided,
    ...(given.has('population') ? { population: options.population } : {}),
    ...(given.has('level') ? { level: options.level } : {}),
  };
  const noted = <E extends DiagonalEstimate | DenseEstimate>(made: E): E =>
    missing.length === 0
      ? made
      : { ...made, notes: [...made.notes, `partial: without the shards ${missing.join(', ')}`] };
  const estimate = noted(
    mergeShards(
      parts.map(({ diagonal }) => diagonal),
      asked,
    ),
  );
  const matrices = parts.flatMap(({ dense }): FisherSums<'dense'>[] => (dense ? [dense] : []));
  if (matrices.length === 0) return { estimate, dense: null };
  const matrix = noted(mergeDenseShards(matrices, asked));
  const spectrum = await spectrumOf(matrix.fisher, matrix.parameters, { signal, pause: turn });
  return { estimate, dense: { estimate: matrix, spectrum } };
}

function incomplete(missing: readonly string[], { commandLine }: Context<'merge'>): FimError {
  return new FimError({
    code: 'merge/missing',
    kind: 'answer-no',
    where: 'fim merge',
    rule: 'takes all shards of an estimate',
    got: `none of ${missing.join(', ')}`,
    next: `run those too, or take what there is: ${commandLine} --partial`,
  });
}

/** Merges the files that the command names; `decided` where the work was prepared, which weighted visits need. Throws `merge/missing`. */
export async function mergeFiles(context: Context<'merge'>, decided?: DecidedEstimate): Promise<ExitCode> {
  const { options, positionals, io } = context;
  const began = io.now();
  for (const path of positionals.file) checkKind(path);
  checkOutputs({ '--out': options.out }, Object.fromEntries(positionals.file.map((path) => [path, path])));
  const messages = messagesOf(io, options);
  const parts = positionals.file
    .map((path): Part => ({ ...readShardFile(path), path }))
    .sort((a, b) => (a.diagonal.visited?.spans[0]?.[0] ?? 0) - (b.diagonal.visited?.spans[0]?.[0] ?? 0));
  checkTogether(parts);
  const missing = missingFrom(parts);
  if (missing.length > 0 && !options.partial) throw incomplete(missing, context);
  const found = await merge(context, parts, missing, decided);
  const facts = factsOf(parts);
  const seconds = parts.reduce((sum, part) => sum + part.seconds, io.now() - began);
  const json = { ...jsonOf(facts, found, seconds), ...(missing.length > 0 ? { missing } : {}) };
  const note = entriesNote(found.estimate.entries);
  if (note !== null && options.out !== undefined) messages.warn(note);
  const theta = parts.flatMap((part) => [...part.theta]);
  if (options.out !== undefined) writeResult(options.out, facts, found, json, theta);
  printResult(io, messages, facts, found, options.json ? json : null);
  return 0;
}
