/**
 * @module cli/estimate/shard
 *
 * `fim estimate --shard I/N --out FILE`: the sums of a part of the examples as a file that `fim merge` reads. A file that stands there
 * already is replaced only where it is of the same command.
 */
import { FimError } from '../../core/errors.js';
import type { ExitCode } from '../../core/errors.js';
import { exists } from '../../disk/paths.js';
import type { Figure } from '../../fisher/index.js';
import { basisArrays } from '../../fisher/forms/layers/arrays.js';
import { decideEstimate, denseShardSums, shardSums } from '../../jobs/shard.js';
import { gramShardRows } from '../../jobs/gram-shards.js';
import { layersShardSums } from '../../jobs/layer-shards.js';
import { turn } from '../../jobs/yielding.js';
import { weighingOf } from '../../jobs/weighing.js';
import type { Network } from '../../model/network.js';
import { formatCount, formatEstimate } from '../../report/format.js';
import { commandLine } from '../manifest.js';
import { jsonLine } from '../mentions.js';
import type { ParsedCommand } from '../parse.js';
import { startProgress } from '../terminal/live.js';
import { type Messages, messagesOf } from '../terminal/messages.js';
import { factsOf, thetaArrays, thetaNote } from './facts.js';
import { readSoFar } from './reading.js';
import { keepsScales, layersAsked } from './layers.js';
import { requestOf } from './request.js';
import { checkFirstExamples } from './session.js';
import { type Claim, claimOf, writeShardFile } from './shard-file.js';
import { type EstimateContext, openSubject, type OpenedSubject } from './subject.js';

/** I of N, I from 1. */
export interface ShardName {
  readonly index: number;
  readonly count: number;
}

/** Reads `3/16`. Throws `usage/shard`. */
export function readShard(text: string): ShardName {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, count] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (Number.isSafeInteger(count) && index >= 1 && index <= count) return { index, count };
  throw new FimError({
    code: 'usage/shard',
    kind: 'usage',
    where: `--shard ${text}`,
    rule: 'is I/N, part I of N, both whole numbers with I from 1 to N',
    got: match
      ? index === 0
        ? 'part 0: the first is 1'
        : `part ${index} of ${count}`
      : JSON.stringify(text),
    next: match && count >= 1 ? `--shard ${index === 0 ? 1 : count}/${count}` : '--shard 1/4',
  });
}

/** The line of the whole. */
function withoutPart({ positionals, options, given }: EstimateContext): string {
  const own = new Set([...given].filter((name) => !['shard', 'out', 'run', 'prepare'].includes(name)));
  return commandLine({
    kind: 'command',
    command: 'estimate',
    positionals,
    options,
    given: own,
  } as ParsedCommand);
}

/** Before anything is opened. Throws `usage/shard`. */
function checkShard(context: EstimateContext): { name: ShardName; out: string } {
  const { options } = context;
  const prepared = `${withoutPart(context)} --run DIR --prepare`;
  const name = readShard(options.shard as string);
  const refuse = (beside: string, rule: string, next: string) =>
    new FimError({
      code: 'usage/shard',
      kind: 'usage',
      where: `--shard ${name.index}/${name.count} ${beside}`,
      rule,
      next,
    });
  if (options.out === undefined)
    throw refuse(
      'without --out',
      'writes the sums of its part to a file',
      `--out part-${name.index}.sums.npz`,
    );
  if (options.report !== undefined)
    throw refuse('--report', 'has no page: that is of all examples together', 'leave --report out');
  if (options.estimator === 'auto')
    throw refuse(
      '--estimator auto',
      'goes with one estimator for all layers: a pilot chooses for each, once for all parts',
      prepared,
    );
  if (options.parameterRanges !== undefined)
    throw refuse('--parameter-ranges', 'cuts the visits alone: a folder has tasks of both', prepared);
  if (options.targetError !== undefined)
    throw refuse(
      '--target-error',
      'goes with a number of examples: a pilot decides on it for a target, once for all parts',
      prepared,
    );
  return { name, out: options.out };
}

/** Throws `usage/shard` where a pilot over all examples comes first. */
function checkExamples(context: EstimateContext, { dataset }: OpenedSubject): void {
  const { options } = context;
  const { n } = weighingOf(dataset);
  if (options.examples === undefined || options.examples >= n) return;
  const whole = withoutPart(context);
  throw new FimError({
    code: 'usage/shard',
    kind: 'usage',
    where: `--shard ${options.shard ?? ''} --examples ${options.examples}`,
    rule: 'goes with all examples: of fewer, a forward pass over all tells which to visit and what the others are like, once for all parts',
    got: `${options.examples} of ${n}`,
    next: `${whole} --run DIR --prepare`,
  });
}

/** Throws `usage/shard` where every part would take a basis of its own. */
function checkBasis(context: EstimateContext, network: Network): void {
  const { options } = context;
  if (options.basis !== undefined) return;
  const asked = layersAsked(options, network);
  if (!asked || !keepsScales(asked, network)) return;
  throw new FimError({
    code: 'usage/shard',
    kind: 'usage',
    where: `--shard ${options.shard ?? ''} --form ${options.form}`,
    rule: 'takes the basis of scales from a file: it is one for all parts',
    next: `${withoutPart(context)} --run DIR --prepare, or --basis FILE of an estimate with --form kfac`,
  });
}

/** Runs it. */
export async function runShard(context: EstimateContext, messages: Messages): Promise<ExitCode> {
  const { options, io, signal } = context;
  const { name, out } = checkShard(context);
  const began = io.now();
  const subject = await openSubject(context, messages);
  const { engine, network, likelihood, dataset, targets, wholeMatrix } = subject;
  const progress = startProgress(io, `shard ${name.index}/${name.count}`, options.quiet);
  const live = messagesOf(io, options, progress.log);
  try {
    checkExamples(context, subject);
    checkBasis(context, network);
    await checkFirstExamples(engine, network, dataset, {
      outputIs: options.outputIs,
      likelihood: likelihood.name,
    });
    const of = { engine, network, likelihood, dataset, targets };
    const decided = await decideEstimate(of, requestOf(context, subject), { signal, say: live.say });
    if (decided === null) return interrupted(context);
    const facts = factsOf(context, subject, decided.digests.parameters);
    if (exists(out)) requireOwn(out, name, facts.command);
    const listener = {
      signal,
      say: live.say,
      progress: (share: number, trace: () => Figure) =>
        progress.update(share, () => {
          const { value, standardError } = trace();
          return `trace ${formatEstimate(value, standardError)}${readSoFar(dataset.reading)}`;
        }),
    };
    const part = { index: name.index - 1, count: name.count };
    // Rows come first: where they do not fit, nothing was computed in vain.
    const rows = subject.rows ? await gramShardRows(of, decided, part, { signal }) : null;
    if (rows?.interrupted) return interrupted(context);
    const diagonal = await shardSums(of, decided, part, listener);
    const asked = layersAsked(options, network);
    const layers =
      asked && !diagonal.interrupted
        ? await layersShardSums(of, decided, asked, part, { signal, say: live.say })
        : null;
    const dense =
      wholeMatrix && !diagonal.interrupted
        ? await denseShardSums(of, decided, part, { signal, say: live.say, pause: turn })
        : null;
    progress.end();
    if (diagonal.interrupted || dense?.interrupted || layers?.interrupted) return interrupted(context);
    const seconds = io.now() - began;
    const theta = options.noTheta || name.index > 1 ? new Map<string, never>() : thetaArrays(subject);
    if (theta.size > 0) messages.say(thetaNote(out));
    const bases = asked?.bases && name.index === 1 ? basisArrays(asked.bases) : new Map<string, never>();
    writeShardFile(out, { name, diagonal, dense, layers, rows, bases, facts, theta, seconds });
    const [[from, to] = [0, 0]] = diagonal.visited?.spans ?? [];
    const said = {
      shard: name.index,
      shards: name.count,
      examples: to - from,
      of: decided.examples,
      out,
      seconds,
    };
    const { estimator, labels } = decided;
    io.stdout.write(
      options.json
        ? jsonLine({ ...said, estimator, labels })
        : `shard ${name.index} of ${name.count}: ${formatCount(to - from)} of ${formatCount(decided.examples)} examples, their sums in ${out}\n`,
    );
    return 0;
  } finally {
    progress.end();
    engine.dispose();
  }
}

function interrupted({ io }: EstimateContext): ExitCode {
  io.stderr.write('interrupted: a part is whole or not at all, nothing was written\n');
  return 130;
}

/** Where the result goes and what is printed: the sums do not depend on it. */
const ASIDE = new Set(['out', 'json', 'quiet', 'verbose', 'threads', 'memory', 'batch']);

/** What the file says that it is; null where it cannot be read. */
function claimIn(path: string): Claim | null {
  try {
    return claimOf(path);
  } catch (error) {
    if (error instanceof FimError) return null;
    throw error;
  }
}

/** Throws `output/stranger` where the file is of something else. */
function requireOwn(
  path: string,
  name: ShardName,
  command: { readonly arguments: unknown; readonly options: object },
): void {
  const told = ({ arguments: places, options }: typeof command) =>
    JSON.stringify([places, Object.entries(options).filter(([key]) => !ASIDE.has(key))]);
  const claim = claimIn(path);
  if (
    claim?.name.index === name.index &&
    claim.name.count === name.count &&
    told(claim.command) === told(command)
  )
    return;
  const got =
    claim === null
      ? 'a file of another kind'
      : `shard ${claim.name.index}/${claim.name.count} of \`fim estimate ${Object.values(claim.command.arguments).join(' ')}\` with other settings`;
  throw new FimError({
    code: 'output/stranger',
    kind: 'usage',
    where: `--out ${path}`,
    rule: 'replaces no file but that of the same shard of the same command',
    got,
    next: 'name another file, or remove that one',
  });
}
