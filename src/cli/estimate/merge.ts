/**
 * @module cli/estimate/merge
 *
 * `fim merge FILE…`: shards of an estimate, as `fim estimate --shard` writes them, made the estimate of the whole. The files are read one
 * after another: memory holds the sum, one part and no more.
 */
import { type ExitCode, FimError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import {
  type DiagonalEstimate,
  type DenseEstimate,
  entriesNote,
  type FisherSums,
} from '../../fisher/index.js';
import type { LayersEstimate } from '../../fisher/forms/layers/estimate.js';
import { spectrumOf } from '../../fisher/forms/dense/spectrum.js';
import { absorbSums } from '../../fisher/sums/merge.js';
import { joinLayerRanges, joinRanges } from '../../fisher/sums/ranges.js';
import type { DecidedEstimate } from '../../jobs/decided-estimate.js';
import { joinedRows, mergeGramShards } from '../../jobs/gram-shards.js';
import type { GramMade } from '../../jobs/matrix/gram.js';
import {
  mergeDenseShards,
  mergeLayerShards,
  type MergeOptions,
  mergeShards,
} from '../../jobs/merge-shards.js';
import type { OutOfReach } from '../../jobs/out-of-reach.js';
import { turn } from '../../jobs/yielding.js';
import type { Context } from '../command.js';
import { bytesText, sizeText } from '../../core/settings/bytes.js';
import { checkOutputs } from '../outputs.js';
import { quote } from '../../core/shell.js';
import { type Messages, messagesOf } from '../terminal/messages.js';
import { type EstimateFacts, type Found, jsonOf, writeResult } from './facts.js';
import { sayGroups } from './groups.js';
import { byRange, checkKind, checkTogether, missingFrom, type Part, wholeParts } from './parts.js';
import { printResult } from './print.js';
import { readShardFile, readShardHead } from './shard-file.js';

/** All parts added up. */
export interface Sum {
  readonly diagonal: FisherSums<'diagonal'>;
  /** Null: the matrix was not asked for. */
  readonly dense: FisherSums<'dense'> | null;
  /** Null: no form by layer was asked for. */
  readonly layers: FisherSums<'layers'> | null;
  /** One below the other; null: no rows were asked for. */
  readonly rows: GramMade | null;
}

/** What the parts come to; `refusal` where the data do not reach the target error that was asked for. */
export interface Answer {
  readonly estimate: DiagonalEstimate;
  readonly dense: DenseEstimate | null;
  readonly refusal: OutOfReach | null;
}

/** Work that was prepared before it was cut. */
export interface PreparedWork {
  readonly decided: DecidedEstimate;
  /** Makes what the parts leave open of a target error. */
  readonly settle: (sum: Sum, level: number | undefined, messages: Messages) => Promise<Answer>;
}

/** Adds up in the order of the visits, and joins ranges of parameters. */
function addUp(parts: readonly Part[]): Sum & { readonly beside: ReadonlyMap<string, Tensor> } {
  const beside = new Map<string, Tensor>();
  const rows: GramMade[] = [];
  const read = (path: string): Sum => {
    const { diagonal, dense, layers, rows: own, theta, bases } = readShardFile(path);
    for (const [name, values] of [...theta, ...bases]) beside.set(name, values);
    if (own) rows.push(own);
    return { diagonal, dense, layers, rows: null };
  };
  const ranges = byRange(parts).map(([first, ...others]) => {
    let sum = read(first.path);
    for (const { path } of others) {
      const { diagonal, dense, layers } = read(path);
      sum = {
        rows: null,
        diagonal: absorbSums(sum.diagonal, diagonal),
        dense: sum.dense && dense && absorbSums(sum.dense, dense),
        layers: sum.layers && layers && absorbSums(sum.layers, layers),
      };
    }
    return sum;
  });
  const [{ diagonal, dense }] = ranges;
  if (!diagonal.range) return { ...ranges[0], rows: rows.length > 0 ? joinedRows(rows) : null, beside };
  const layers = ranges.flatMap((sum) => (sum.layers ? [sum.layers] : []));
  return {
    diagonal: joinRanges(ranges.map((sum) => sum.diagonal)),
    dense,
    layers: layers.length > 0 ? joinLayerRanges(layers) : null,
    rows: null,
    beside,
  };
}

/** The facts of all parts: engines and notes of each once, the command that merges. */
function factsOf(parts: readonly Part[], context: Context<'merge'>): EstimateFacts {
  const all = parts.map(({ facts }) => facts);
  const each = (of: (facts: EstimateFacts) => string) => [...new Set(all.map(of))].join(', ');
  return {
    ...all[0],
    engine: each(({ engine }) => engine),
    build: each(({ build }) => build),
    notes: [...new Set(all.flatMap(({ notes }) => notes))],
    warnings: [...new Set(all.flatMap(({ warnings }) => warnings))],
    command: context.manifest,
  };
}

/** Merges; `missing`: of which the estimate takes no heed. */
async function merge(
  context: Context<'merge'>,
  sum: Sum,
  order: 'seed' | 'file',
  missing: readonly string[],
  work: PreparedWork | undefined,
  messages: Messages,
): Promise<Found & Pick<Answer, 'refusal'>> {
  const { options, given, signal } = context;
  const asked: MergeOptions = {
    partial: missing.length > 0,
    decided: work?.decided,
    ...(given.has('population') ? { population: options.population } : {}),
    ...(given.has('level') ? { level: options.level } : {}),
  };
  const noted = <E extends DiagonalEstimate | DenseEstimate | LayersEstimate>(made: E): E =>
    missing.length === 0
      ? made
      : { ...made, notes: [...made.notes, `partial: without the shards ${missing.join(', ')}`] };
  const { estimate, dense, refusal } =
    work?.decided.target && missing.length === 0
      ? await work.settle(sum, asked.level, messages)
      : {
          estimate: noted(mergeShards([sum.diagonal], asked)),
          dense: sum.dense && noted(mergeDenseShards([sum.dense], asked)),
          refusal: null,
        };
  const spectrum = dense && (await spectrumOf(dense.fisher, dense.parameters, { signal, pause: turn }));
  const layers = sum.layers && noted(mergeLayerShards([sum.layers], asked));
  return {
    ...{ estimate, refusal, dense: dense && { estimate: dense, spectrum } },
    layers: layers && { estimate: layers, bases: null },
    gram: sum.rows && mergeGramShards([sum.rows], estimate, order),
  };
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

/** Throws `usage/merge` where visits were planned for one population and figures are asked for of another. */
function checkPopulation({ given, options }: Context<'merge'>, work: PreparedWork | undefined): void {
  if (!work?.decided.target || !given.has('population')) return;
  const planned = work.decided.request.population ?? 'distribution';
  if (options.population === planned) return;
  throw new FimError({
    code: 'usage/merge',
    kind: 'usage',
    where: `--population ${options.population ?? ''}`,
    rule: 'is that of the target error, by which the visits were planned',
    got: `visits planned for --population ${planned}`,
    next: `--population ${planned}, or leave it out`,
  });
}

/** Bytes of rows that are held where nothing is said. */
const MOST_ROWS = 2 ** 30;

/** Throws `usage/merge` where rows of all parts, which are held at once, take more memory than they may. */
function checkRoom(parts: readonly Part[], memory = MOST_ROWS): void {
  const bytes = parts.reduce((sum, { rows }) => sum + (rows?.bytes ?? 0), 0);
  if (bytes <= memory) return;
  throw new FimError({
    code: 'usage/merge',
    kind: 'usage',
    where: `--memory ${bytesText(memory)}`,
    rule: 'holds the rows of all parts, one below the other',
    got: `rows of ${sizeText(bytes)}`,
    next: `--memory ${bytesText(Math.ceil(bytes / 2 ** 20) * 2 ** 20)}, or fim spectrum MODEL DATA --form implicit, which holds no rows`,
  });
}

/** θ stands in the file of the first part. */
function sayTheta(messages: Messages, out: string, parts: readonly Part[]): void {
  const [{ facts, name }] = parts;
  if (name.index > 1 && facts.command.options['no-theta'] !== true)
    messages.warn(`${quote(out)} lacks the parameters θ: they stand in part 1, which is missing`);
}

/** Merges the files that the command names; `work` where it was prepared, which weighted visits need. Throws `merge/missing`. */
export async function mergeFiles(context: Context<'merge'>, work?: PreparedWork): Promise<ExitCode> {
  const { options, positionals, io } = context;
  const began = io.now();
  for (const path of positionals.file) checkKind(path);
  checkOutputs({ '--out': options.out }, Object.fromEntries(positionals.file.map((path) => [path, path])));
  checkPopulation(context, work);
  const messages = messagesOf(io, options);
  const given = positionals.file
    .map((path): Part => ({ ...readShardHead(path), path }))
    .sort((a, b) => (a.diagonal.visited?.spans[0]?.[0] ?? 0) - (b.diagonal.visited?.spans[0]?.[0] ?? 0));
  checkTogether(given);
  const parts = wholeParts(given);
  const missing = missingFrom(given, parts);
  if (missing.length > 0 && (!options.partial || parts.length === 0)) throw incomplete(missing, context);
  checkRoom(parts, options.memory);
  const { beside, ...sum } = addUp(parts);
  const facts = factsOf(parts, context);
  const found = await merge(context, sum, facts.order, missing, work, messages);
  const seconds = parts.reduce((all, part) => all + part.seconds, io.now() - began);
  const json = { ...jsonOf(facts, found, seconds), ...(missing.length > 0 ? { missing } : {}) };
  const note = entriesNote(found.estimate.entries);
  if (options.out !== undefined && !found.refusal) {
    if (note !== null) messages.warn(note);
    sayTheta(messages, options.out, parts);
    sayGroups(messages, options.out, found, facts);
    writeResult(options.out, facts, found, json, [...(found.gram?.arrays ?? []), ...beside]);
  }
  printResult(io, messages, facts, found, options.json ? json : null);
  if (found.refusal) throw found.refusal;
  return found.estimate.interrupted ? 130 : 0;
}
