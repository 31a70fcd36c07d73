/**
 * @module cli/tasks/estimate
 *
 * An estimate as tasks: what a pilot decides is decided once, into the folder; each task sums a stretch of the visits, and the sums merge to
 * the estimate of the single run.
 */
import { linkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { writeFailure } from '../../disk/failures.js';
import { readBytes, sha256, writeAtomic } from '../../disk/files.js';
import { makeFolder } from '../../disk/paths.js';
import { writeArrays } from '../../disk/index.js';
import { partFiles } from '../../disk/parts.js';
import { FimError } from '../../core/errors.js';
import { basisArrays } from '../../fisher/forms/layers/arrays.js';
import { absorbSums } from '../../fisher/sums/merge.js';
import { DECIDED_VERSION, type DecidedEstimate } from '../../jobs/decided-estimate.js';
import { gramShardRows, joinedRows, requireRowsFit } from '../../jobs/gram-shards.js';
import { decideBases, layersShardSums } from '../../jobs/layer-shards.js';
import { decideEstimate, denseShardSums, shardSums } from '../../jobs/shard.js';
import { turn } from '../../jobs/yielding.js';
import { scratchIn, taskFile, type TaskFolder } from '../../scale/folder.js';
import type { TaskRun } from '../../scale/kind.js';
import type { Json } from '../../store/points.js';
import type { Context } from '../command.js';
import { factsOf, THETA, thetaArrays } from '../estimate/facts.js';
import { mergeFiles } from '../estimate/merge.js';
import { keepsScales, layersAsked } from '../estimate/layers.js';
import { requestOf } from '../estimate/request.js';
import { checkFirstExamples } from '../estimate/session.js';
import { writeShardFile } from '../estimate/shard-file.js';
import { type EstimateContext, openSubject, type OpenedSubject } from '../estimate/subject.js';
import { fromManifest } from '../manifest.js';
import type { ParsedCommand } from '../parse.js';
import { messagesOf } from '../terminal/messages.js';
import type { KindContext, KindModule, MergeContext } from './kind.js';
import { Pieces } from './pieces.js';
import { manifestIn, prepareFolder } from './prepare.js';
import { hasTheta, type RangeTask, rangeTasks } from './ranges.js';
import { settleWork } from './settle.js';

/** Parts where nothing is said: what a kill costs is at most one of them. */
const TASKS = 16;

const DECIDED = 'decided.bin';
/** Its name among the files of `tasks.json`. */
const DECISIONS = 'decisions';
/** Bases of scales, made of factors over all visits. */
const BASES = 'basis.npz';

const estimated = ({ engine, network, likelihood, dataset, targets }: OpenedSubject) => ({
  engine,
  network,
  likelihood,
  dataset,
  targets,
});

/** What stands in `tasks.json` of a task. */
interface PartInput {
  /** From 0, of `count` parts of the visits. */
  readonly index: number;
  readonly count: number;
  /** Which of `rangeTasks`. */
  readonly range?: number;
}

/** Decides, and cuts the visits; null where it was interrupted. */
export async function prepareEstimate(context: EstimateContext, dir: string): Promise<TaskFolder | null> {
  const { options, io, signal } = context;
  const messages = messagesOf(io, options);
  const subject = await openSubject(context, messages);
  const { engine, network, likelihood, dataset } = subject;
  const of = estimated(subject);
  try {
    const ranges = rangeTasks(context, network);
    const { outputIs } = options;
    await checkFirstExamples(engine, network, dataset, { outputIs, likelihood: likelihood.name });
    const decided = await decideEstimate(of, requestOf(context, subject), { signal, say: messages.say });
    if (decided === null) return null;
    const { examples } = decided;
    const asked = layersAsked(options, network);
    const scales = asked && !asked.bases && keepsScales(asked, network);
    const bases = scales ? await decideBases(of, decided, asked, { signal, say: messages.say }) : null;
    if (scales && bases === null) return null;
    const count = Math.min(options.tasks ?? Math.ceil(TASKS / ranges.length), examples);
    if (subject.rows) await requireRowsFit(of, decided, count);
    const timed: { task: RangeTask; seconds: number }[] = [];
    for (const task of ranges) {
      // A stretch for the time it takes, the second of two: the first warms up.
      const pilot = { from: 0, to: Math.min(subject.batch, examples) };
      await shardSums(of, decided, pilot, { signal }, task.names);
      const began = io.now();
      await shardSums(of, decided, pilot, { signal }, task.names);
      timed.push({ task, seconds: ((io.now() - began) / pilot.to) * (examples / count) });
      if (signal.aborted) return null;
    }
    makeFolder(dir);
    writeAtomic(join(dir, DECIDED), serialize(decided));
    if (bases) writeArrays(join(dir, BASES), basisArrays(bases));
    return prepareFolder(context, dir, {
      kind: 'estimate',
      files: filesOf(context, subject, dir, bases !== null),
      decided: summaryOf(decided),
      tasks: Array.from({ length: count }, (_, index) =>
        timed.map(({ task: { words, range }, seconds }) => ({
          name: `part ${index + 1} of ${count}${words}`,
          seconds,
          input: { index, count, ...(range === undefined ? {} : { range }) },
        })),
      ).flat(),
    });
  } finally {
    engine.dispose();
  }
}

/** What was decided, for whoever reads `tasks.json`; tasks go by the file of decisions, whose digest stands there too. */
function summaryOf({ estimator, labels, error, layers, examples, list, target }: DecidedEstimate): Json {
  return {
    ...(layers
      ? { estimator: 'auto', layers: Object.fromEntries(layers.map((l) => [l.name, l.estimator])) }
      : { estimator, labels, error }),
    examples,
    visits: list ? 'weighted' : 'uniform',
    targetError: target && target.error,
  };
}

/** Files that every task reads. */
function filesOf(
  { options, positionals }: EstimateContext,
  { loaded }: OpenedSubject,
  dir: string,
  bases: boolean,
) {
  const { weights, names, functional, quadratic, basis } = options;
  const { model, data } = positionals;
  // Beside data of one array they are files, else arrays or columns of the same file.
  const { targets, exampleWeights } = NAMED.test(partFiles(data)?.[0].path ?? data)
    ? { targets: undefined, exampleWeights: undefined }
    : options;
  const paths = {
    ...{ MODEL: model, DATA: data, targets, exampleWeights, weights, names, functional, quadratic },
    [DECISIONS]: join(dir, DECIDED),
    basis: bases ? join(dir, BASES) : basis,
  };
  const read = Object.entries(paths).flatMap(([name, path]) => {
    if (path === undefined) return [];
    const parts = SEVERAL.has(name) ? partFiles(path) : null;
    return (parts ?? [{ path }]).map((part) => taskFile(name, part.path));
  });
  const beside = loaded.external.map((location) =>
    taskFile(`MODEL ${location}`, join(dirname(model), location), 'MODEL'),
  );
  return [...read, ...beside];
}

/** Files of several arrays, whose names say which. */
const NAMED = /\.(npz|csv|safetensors|parquet)$/i;
/** What may be several files. */
const SEVERAL = new Set(['DATA', 'targets', 'exampleWeights']);

/** Throws `tasks/damaged` for decisions that are not those of `tasks.json`, or of another layout. */
function decidedIn({ path, plan }: TaskFolder): DecidedEstimate {
  const file = join(path, DECIDED);
  const bytes = readBytes(file);
  const damaged = (rule: string, got: string, cause: string): FimError =>
    new FimError({
      code: 'tasks/damaged',
      where: file,
      rule,
      got,
      cause,
      next: 'prepare the work again in another folder',
    });
  const stored = plan.files.find(({ name }) => name === DECISIONS)?.sha256;
  const found = sha256(bytes);
  if (found !== stored)
    throw damaged(
      'holds the decisions that the tasks were prepared with',
      `sha256 ${found.slice(0, 12)}…`,
      'the disk, or another program, changed it',
    );
  const decided = deserialize(bytes) as DecidedEstimate;
  const version: number = decided.version;
  if (version === DECIDED_VERSION) return decided;
  throw damaged(
    `holds decisions of layout ${DECIDED_VERSION}`,
    `layout ${version}`,
    'another version of fim wrote it',
  );
}

/** The command that a folder's work was prepared with, as a context of its own. */
function contextIn(folder: TaskFolder, { io, signal, version }: KindContext): EstimateContext {
  const { plan } = folder;
  const manifest = manifestIn(folder);
  const parsed = fromManifest(manifest) as ParsedCommand<'estimate'>;
  // Files lie where the folder says, which on another machine need not be where the command said; several of one name are where it said.
  const several = (name: string): boolean => plan.files.filter((file) => file.name === name).length > 1;
  const lies = new Map(plan.files.filter(({ name }) => !several(name)).map(({ name, path }) => [name, path]));
  const { model, data } = parsed.positionals;
  const positionals = { model: lies.get('MODEL') ?? model, data: lies.get('DATA') ?? data };
  const { weights, names, functional, quadratic, basis } = parsed.options;
  const { targets, exampleWeights, threads = 1 } = parsed.options;
  const options = {
    ...parsed.options,
    weights: lies.get('weights') ?? weights,
    names: lies.get('names') ?? names,
    basis: lies.get('basis') ?? basis,
    functional: lies.get('functional') ?? functional,
    quadratic: lies.get('quadratic') ?? quadratic,
    targets: lies.get('targets') ?? targets,
    exampleWeights: lies.get('exampleWeights') ?? exampleWeights,
    // Workers share a machine: one thread each, unless somebody says.
    threads,
  };
  return { ...parsed, positionals, options, manifest, commandLine: plan.line, io, signal, version };
}

/** Gives a result a second name, by which it is known as a file of sums. Throws `file/…`. */
function nameAlso(path: string, name: string): void {
  try {
    linkSync(path, name);
  } catch (error) {
    throw writeFailure(name, error);
  }
}

/** The kind. */
export const estimateKind: KindModule = {
  async open(folder, kind) {
    const context = contextIn(folder, kind);
    const decided = decidedIn(folder);
    const subject = await openSubject(context, messagesOf(kind.io, { quiet: true }));
    const of = estimated(subject);
    const asked = layersAsked(context.options, subject.network);
    const facts = factsOf(context, subject, decided.digests.parameters);
    const ranges = rangeTasks(context, subject.network);
    return {
      async perform(run: TaskRun) {
        const { task, signal, say, workspace } = run;
        const part = task.input as unknown as PartInput;
        const own = ranges.find(({ range }) => range === part.range) as RangeTask;
        const { names } = own;
        const began = kind.io.now();
        const pieces = new Pieces(run, part, decided.examples);
        const rows = subject.rows
          ? await pieces.sum(
              'rows',
              (places) => gramShardRows(of, decided, places, { signal }),
              (above, next) => joinedRows([above, next]),
            )
          : null;
        if (subject.rows && rows === null) return null;
        const diagonal = await pieces.sum(
          'diagonal',
          (places, progress) => shardSums(of, decided, places, { signal, say, progress }, names),
          absorbSums,
        );
        if (diagonal === null) return null;
        const dense = subject.wholeMatrix
          ? await pieces.sum(
              'dense',
              (places) => denseShardSums(of, decided, places, { signal, say, pause: turn }),
              absorbSums,
            )
          : null;
        if (subject.wholeMatrix && dense === null) return null;
        const moments = names === null ? null : asked;
        const layers = moments
          ? await pieces.sum(
              'layers',
              (places) => layersShardSums(of, decided, moments, places, { signal, say }, names ?? undefined),
              absorbSums,
            )
          : null;
        if (moments && layers === null) return null;
        const file = join(workspace(), 'part.sums.npz');
        const name = { index: part.index + 1, count: part.count };
        const theta = new Map(
          context.options.noTheta || part.index > 0
            ? []
            : [...thetaArrays(subject)].filter(([key]) => hasTheta(own, key.slice(THETA.length))),
        );
        const seconds = kind.io.now() - began;
        const bases =
          asked?.bases && part.index === 0 && names !== null
            ? basisArrays(asked.bases)
            : new Map<string, never>();
        writeShardFile(file, { name, diagonal, dense, layers, rows, bases, facts, theta, seconds });
        return readBytes(file);
      },
      close: () => subject.engine.dispose(),
    };
  },
  async merge(folder, context) {
    const own = contextIn(folder, context);
    const decided = decidedIn(folder);
    const parts = scratchIn(folder);
    try {
      const files = [...folder.plan.tasks.keys()]
        .filter((index) => !context.missing.includes(index))
        .map((index) => {
          const path = join(parts.path, `${folder.nameOf(index)}.sums.npz`);
          nameAlso(folder.resultPath(index), path);
          return path;
        });
      const options = { ...context.options, out: context.options.out ?? own.options.out };
      return await mergeFiles(mergeContext(context, folder, options, files), {
        decided,
        settle: (sum, level, messages) => settleWork(own, decided, sum, level, messages),
      });
    } finally {
      parts.remove();
    }
  },
};

const mergeContext = (
  { io, signal, version, given }: MergeContext,
  folder: TaskFolder,
  options: Context<'merge'>['options'],
  file: readonly string[],
): Context<'merge'> => ({
  command: 'merge',
  positionals: { file },
  options,
  given,
  commandLine: folder.plan.line,
  manifest: manifestIn(folder),
  version,
  io,
  signal,
});
