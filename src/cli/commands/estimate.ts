/**
 * @module cli/commands/estimate
 *
 * `fim estimate MODEL DATA`: the diagonal Fisher with its errors, as text or JSON, arrays and a page.
 */
import { basename } from 'node:path';
import { parameterCount } from '../../model/network.js';
import { formatEstimate } from '../../report/format.js';
import { type DiagonalEstimate, entriesNote, type Figure } from '../../fisher/index.js';
import { readArrays } from '../../disk/index.js';
import { readEntryWeights } from '../../jobs/entry-weights.js';
import { runEstimate } from '../../jobs/estimate.js';
import { type PerPosition, perPosition } from '../../jobs/per-position.js';
import { OutOfReach } from '../../jobs/out-of-reach.js';
import type { Run } from '../command.js';
import { checkDense, denseBeside, denseJson, denseText, wantsErrors } from '../estimate/dense.js';
import { denseArrays } from '../../fisher/forms/dense/arrays.js';
import { settingsOf, writeEstimate, writeReport, zeroArrays } from '../estimate/files.js';
import { estimateJson } from '../estimate/json.js';
import { checkFirstExamples, openData, openEngine, openModel } from '../estimate/session.js';
import { estimateText } from '../estimate/text.js';
import { likelihoodText } from '../likelihood.js';
import { checkOutputs } from '../outputs.js';
import { startProgress } from '../terminal/live.js';
import { type Messages, messagesOf, sayEngine } from '../terminal/messages.js';
import { inFlags, jsonLine } from '../mentions.js';

/** Several numbers of a flag; one is a list of one. */
const listOf = (given: number | readonly number[] | undefined): readonly number[] | undefined =>
  given === undefined ? undefined : [given].flat();

/** Examples per pass where nothing is said. */
const BATCH = 256;

/** Whether entries are asked for, in a file or on a page. */
const showsEntries = ({
  out,
  report,
}: {
  readonly out?: string | undefined;
  readonly report?: string | undefined;
}) => out !== undefined || report !== undefined;

type Context = Parameters<Run<'estimate'>>[0];

/** What is measured, opened and checked. */
async function openSubject(context: Context, messages: Messages) {
  const { options, positionals } = context;
  const wholeMatrix = options.form === 'dense';
  const opened = await openModel(positionals.model, options, positionals.data);
  const { network, likelihood, loaded } = opened;
  for (const node of loaded.output.removed)
    messages.note(`removed ${node} behind output "${loaded.output.name}"`);
  for (const note of opened.notes) messages.note(note);
  const empirical = options.estimator === 'empirical';
  const dataset = await openData(positionals.data, network, options, empirical, loaded);
  for (const note of dataset.notes) messages.note(note);
  likelihood.checkOutputs(network.h.shape[1] as number);
  if (wholeMatrix) checkDense(network, likelihood, options);
  const targets =
    dataset.targets && empirical
      ? likelihood.readTargets(dataset.targets, dataset.n, network.h.shape[1] as number, {
          where: `${positionals.data}: targets`,
          ...(options.softTargets ? { soft: options.softTargets } : {}),
        })
      : null;
  const [functionals, quadratics] = [options.functional, options.quadratic].map((path) =>
    path === undefined ? [] : readEntryWeights(readArrays(path), network, loaded.unused),
  );
  const batch = Math.min(options.batch ?? BATCH, dataset.n);
  const choice = await openEngine(network, likelihood, { ...options, batch });
  sayEngine(messages, choice);
  return { ...opened, dataset, targets, batch, wholeMatrix, functionals, quadratics, ...choice };
}

type Subject = Awaited<ReturnType<typeof openSubject>>;

/** What came of it. */
interface Outcome {
  readonly estimate: DiagonalEstimate;
  readonly dense: Awaited<ReturnType<typeof denseBeside>>;
  /** The answer is no, after the estimate that the data allow. */
  readonly refusal: OutOfReach | null;
}

/** Estimates, with a live line; gives the engine back. */
async function estimateSubject({ options, given, io, signal }: Context, subject: Subject): Promise<Outcome> {
  const { engine, network, likelihood, dataset, targets, batch, wholeMatrix } = subject;
  const progress = startProgress(io, 'estimate', options.quiet);
  const live = messagesOf(io, options, progress.log);
  try {
    await checkFirstExamples(engine, network, dataset, {
      outputIs: options.outputIs,
      likelihood: likelihood.name,
    });
    const request = {
      ...options,
      classWeights: listOf(options.classWeights),
      functionals: subject.functionals,
      quadratics: subject.quadratics,
      exactPairs: given.has('exactPairs') ? options.exactPairs : undefined,
      ...(showsEntries(options) ? { question: 'entries' as const } : {}),
      ...(wholeMatrix ? { visits: 'uniform' as const } : {}),
      ...(wholeMatrix && !options.estimator ? { estimator: 'exact' as const } : {}),
      batch,
    };
    const listener = {
      signal,
      say: live.say,
      progress: (share: number, trace: () => Figure) =>
        progress.update(share, () => {
          const { value, standardError } = trace();
          return `trace ${formatEstimate(value, standardError)}`;
        }),
    };
    const { estimate, refusal } = await runEstimate(
      { engine, network, likelihood, dataset, targets },
      request,
      listener,
    ).then(
      (made) => ({ estimate: made, refusal: null }),
      (error: unknown) => {
        if (!(error instanceof OutOfReach)) throw error;
        return { estimate: error.estimate, refusal: error };
      },
    );
    if (!wholeMatrix || refusal || estimate.examples === 0 || estimate.interrupted)
      return { estimate, refusal, dense: null };
    progress.end();
    const dense = await denseBeside(
      { engine, network, likelihood, dataset, targets },
      estimate,
      {
        order: options.order,
        root: options.root,
        classWeights: listOf(options.classWeights),
        errors: wantsErrors(options),
        memory: options.memory,
      },
      { io, quiet: options.quiet, signal },
    );
    return { estimate, refusal, dense };
  } finally {
    progress.end();
    engine.dispose();
  }
}

/** `per position  7.93 ± 0.10  (6 positions an example)` */
function perPositionText({ value, standardError, atMost, positions }: PerPosition): string {
  const mean = Number.isInteger(positions) ? String(positions) : positions.toPrecision(4);
  const bound = atMost ? ', the error at most' : '';
  return `per position  ${formatEstimate(value, standardError)}  (${mean} positions an example${bound})`;
}

/** The JSON of the outcome, which the manifest of `--out` holds too. */
function jsonOf(
  { options }: Context,
  subject: Subject,
  { estimate, dense }: Outcome,
  seconds: number,
): Record<string, unknown> {
  const { engine, loaded, likelihood, notes, dataset, network, wholeMatrix } = subject;
  const { exampleWeights, classWeights } = options;
  return {
    ...inFlags(
      estimateJson(estimate, {
        engine: engine.name,
        build: engine.build,
        output: loaded.output,
        likelihoodOptions: likelihood.options,
        seconds,
        notes: [...notes, ...dataset.notes],
        warnings: loaded.warnings,
      }),
    ),
    ...(network.positions
      ? { perPosition: perPosition(network, dataset, estimate.trace, estimate.population) }
      : {}),
    ...(exampleWeights === undefined ? {} : { exampleWeights }),
    ...(classWeights === undefined ? {} : { classWeights: listOf(classWeights) }),
    ...(wholeMatrix
      ? { form: 'dense', denseOrder: [...network.parameters.keys()], ...denseJson(dense) }
      : {}),
  };
}

/** `--out` and `--report`. */
function writeFiles(
  context: Context,
  subject: Subject,
  { estimate, dense }: Outcome,
  json: Readonly<Record<string, unknown>>,
  seconds: number,
): void {
  const { options, positionals } = context;
  const { network, likelihood, loaded, hash, dataset, engine, reason } = subject;
  if (options.out !== undefined) {
    const { layers: _layers, tensors: _tensors, ...facts } = json;
    const more = [...zeroArrays(estimate, loaded.unused), ...(dense ? denseArrays(dense.estimate) : [])];
    writeEstimate(options.out, estimate, new Map(more), {
      fim: context.version,
      ...facts,
      order: options.order,
      modelHash: hash,
      dataHash: dataset.hash,
      command: context.manifest,
    });
  }
  if (options.report === undefined) return;
  writeReport(options.report, estimate, {
    version: context.version,
    commandLine: context.commandLine,
    model: {
      name: basename(positionals.model),
      parameters: parameterCount(network),
      outputs: network.h.shape[1] as number,
      facts: [
        { name: 'Output', value: loaded.output.name },
        ...loaded.output.removed.map((value) => ({ name: 'Removed', value })),
        { name: 'ONNX opset', value: String(loaded.model.opset) },
        { name: 'Exported by', value: loaded.model.producer || 'unknown' },
        { name: 'Model SHA-256', value: hash },
        { name: 'Data SHA-256', value: dataset.hash ?? 'none' },
        { name: 'Engine', value: `${engine.name} (${engine.build})`, note: reason },
      ],
    },
    settings: settingsOf(context.manifest),
    seconds,
    ...(likelihood.options.variance === undefined ? {} : { variance: likelihood.options.variance }),
    warnings: loaded.warnings,
  });
}

export const run: Run<'estimate'> = async (context) => {
  const { options, positionals, io } = context;
  const began = io.now();
  checkOutputs(
    { '--out': options.out, '--report': options.report },
    {
      MODEL: positionals.model,
      DATA: positionals.data,
      '--weights': options.weights,
      '--functional': options.functional,
      '--quadratic': options.quadratic,
    },
  );
  const messages = messagesOf(io, options);
  const subject = await openSubject(context, messages);
  const outcome = await estimateSubject(context, subject);
  const { estimate, dense, refusal } = outcome;
  if (estimate.examples === 0) {
    io.stderr.write('interrupted before the first batch was done: nothing is known, nothing was written\n');
    return 130;
  }
  const seconds = io.now() - began;
  const json = jsonOf(context, subject, outcome, seconds);
  const entries = showsEntries(options) && !refusal ? entriesNote(estimate.entries) : null;
  if (entries !== null) messages.warn(entries);
  if (!refusal) writeFiles(context, subject, outcome, json, seconds);
  if (options.json) io.stdout.write(jsonLine(json));
  else {
    io.stdout.write(estimateText(estimate, likelihoodText(subject.likelihood), io.stdout));
    const own = perPosition(subject.network, subject.dataset, estimate.trace, estimate.population);
    if (own) io.stdout.write(`\n${perPositionText(own)}\n`);
    if (dense) io.stdout.write(`\n${denseText(dense)}`);
  }
  for (const note of new Set([...estimate.notes, ...(dense?.estimate.notes ?? [])])) messages.note(note);
  for (const warning of [...subject.loaded.warnings, ...estimate.warnings]) messages.warn(warning);
  if (refusal) throw refusal;
  const { wholeMatrix } = subject;
  if (wholeMatrix && !dense) messages.warn('interrupted before the matrix: only its diagonal is known');
  return estimate.interrupted || (wholeMatrix && (dense?.estimate.interrupted ?? true)) ? 130 : 0;
};
