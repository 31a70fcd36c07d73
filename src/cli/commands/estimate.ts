/**
 * @module cli/commands/estimate
 *
 * `fim estimate MODEL DATA`: the diagonal Fisher with its errors, as text or JSON, arrays and a page.
 */
import { basename } from 'node:path';
import { parameterCount } from '../../model/network.js';
import { formatCount, formatEstimate } from '../../report/format.js';
import { type DiagonalEstimate, entriesNote, type Figure } from '../../fisher/index.js';
import { networkDigests } from '../../fisher/sums/digests.js';
import { runEstimate } from '../../jobs/estimate.js';
import type { LayersOutcome } from '../../jobs/layers.js';
import { askedRoot } from '../../jobs/asked-root.js';
import { checkRequest } from '../../jobs/chosen.js';
import type { GramMade } from '../../jobs/matrix/gram.js';
import { OutOfReach } from '../../jobs/out-of-reach.js';
import type { Run } from '../command.js';
import { denseBeside, wantsErrors } from '../estimate/dense.js';
import {
  type EstimateFacts,
  factsOf,
  jsonOf,
  thetaArrays,
  thetaNote,
  writeResult,
} from '../estimate/facts.js';
import { listOf } from '../estimate/lists.js';
import { settingsOf, writeReport } from '../estimate/files.js';
import { groupsAsked, sayGroups } from '../estimate/groups.js';
import { printResult } from '../estimate/print.js';
import { readSoFar } from '../estimate/reading.js';
import { rowsBeside } from '../estimate/rows.js';
import { requestOf, showsEntries } from '../estimate/request.js';
import { estimateLayersBeside } from '../estimate/layers.js';
import { checkFirstExamples } from '../estimate/session.js';
import { runShard } from '../estimate/shard.js';
import { type EstimateContext, openSubject, type OpenedSubject } from '../estimate/subject.js';
import { estimateInTasks, requireFolder } from '../tasks/estimate-run.js';
import { checkOutputs } from '../outputs.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf } from '../terminal/messages.js';

/** What came of it. */
interface Outcome {
  readonly estimate: DiagonalEstimate;
  readonly dense: Awaited<ReturnType<typeof denseBeside>>;
  readonly layers: LayersOutcome | null;
  /** Rows of the examples. */
  readonly gram: GramMade | null;
  /** The answer is no, after the estimate that the data allow. */
  readonly refusal: OutOfReach | null;
}

/** Estimates, with a live line; gives the engine back. */
async function estimateSubject(context: EstimateContext, subject: OpenedSubject): Promise<Outcome> {
  const { options, io, signal } = context;
  const { engine, network, likelihood, dataset, targets, wholeMatrix, byLayer, rows } = subject;
  const progress = startProgress(io, 'estimate', options.quiet);
  const live = messagesOf(io, options, progress.log);
  try {
    await checkFirstExamples(engine, network, dataset, {
      outputIs: options.outputIs,
      likelihood: likelihood.name,
    });
    const request = requestOf(context, subject);
    const listener = {
      signal,
      say: live.say,
      progress: (share: number, trace: () => Figure) =>
        progress.update(share, () => {
          const { value, standardError } = trace();
          return `trace ${formatEstimate(value, standardError)}${readSoFar(dataset.reading)}`;
        }),
    };
    const of = { engine, network, likelihood, dataset, targets };
    checkRequest(of, request);
    // Once for the diagonal and for what is kept beside it.
    const root = await askedRoot(of, request, listener);
    const { estimate, refusal } = await runEstimate(of, { ...request, root }, listener).then(
      (made) => ({ estimate: made, refusal: null }),
      (error: unknown) => {
        if (!(error instanceof OutOfReach)) throw error;
        return { estimate: error.estimate, refusal: error };
      },
    );
    const none = { estimate, refusal, dense: null, layers: null, gram: null };
    if (!(wholeMatrix || byLayer || rows) || refusal || estimate.examples === 0 || estimate.interrupted)
      return none;
    progress.end();
    if (rows) {
      const gram = await rowsBeside(context, subject, estimate, root);
      return { ...(gram?.interrupted ? withoutGroups(none) : none), gram };
    }
    if (byLayer) {
      const layers = await estimateLayersBeside(context, subject, estimate, root);
      return { ...(layers?.estimate.interrupted ? withoutGroups(none) : none), layers };
    }
    const dense = await denseBeside(
      of,
      estimate,
      {
        order: options.order,
        root,
        classWeights: listOf(options.classWeights),
        errors: wantsErrors(options),
        groupSums: groupsAsked(options, subject),
        memory: options.memory,
      },
      { io, quiet: options.quiet, signal },
    );
    return { ...none, dense };
  } finally {
    progress.end();
    engine.dispose();
  }
}

/** The sums of groups are of all examples, and do not go with a form of some. */
function withoutGroups(outcome: Outcome): Outcome {
  const { groupSums: _, ...estimate } = outcome.estimate;
  return { ...outcome, estimate };
}

/** What is said of a form that was interrupted, or that an interrupt came before; null: neither. */
function endedBefore(
  { layers, gram, dense, estimate }: Outcome,
  { rows, byLayer, wholeMatrix }: OpenedSubject,
  form: string,
): string | null {
  const soFar = layers?.estimate ?? gram;
  if (soFar?.interrupted)
    return `interrupted: ${form} is of ${formatCount(soFar.examples)} of ${formatCount(estimate.examples)} examples, without sums by group`;
  if (rows && !gram) return 'interrupted before the rows: only the diagonal is known';
  if (byLayer && !layers) return `interrupted before ${form}: only the diagonal is known`;
  return wholeMatrix && !dense ? 'interrupted before the matrix: only its diagonal is known' : null;
}

/** `--out` and `--report`. */
function writeFiles(
  context: EstimateContext,
  subject: OpenedSubject,
  facts: EstimateFacts,
  { estimate, dense, layers, gram }: Outcome,
  json: Readonly<Record<string, unknown>>,
  seconds: number,
): void {
  const { options, positionals } = context;
  const { network, likelihood, loaded, hash, dataset, engine, reason } = subject;
  if (options.out !== undefined)
    writeResult(options.out, facts, { estimate, dense, layers }, json, [
      ...(gram?.arrays ?? []),
      ...(options.noTheta ? [] : thetaArrays(subject)),
    ]);
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
    ...(layers ? { forms: layers.estimate.arrays } : {}),
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
  if (options.shard !== undefined) return runShard(context, messages);
  if (options.run !== undefined) return estimateInTasks(context, options.run);
  requireFolder(context);
  const subject = await openSubject(context, messages);
  const outcome = await estimateSubject(context, subject);
  const { estimate, refusal } = outcome;
  if (estimate.examples === 0) {
    io.stderr.write('interrupted before the first batch was done: nothing is known, nothing was written\n');
    return 130;
  }
  const seconds = io.now() - began;
  const facts = factsOf(context, subject, networkDigests(subject.network).parameters);
  const ended = refusal ? null : endedBefore(outcome, subject, options.form);
  const made = jsonOf(facts, outcome, seconds);
  const json =
    ended === null
      ? made
      : { ...made, interrupted: true, warnings: [...(made.warnings as readonly string[]), ended] };
  const entries = showsEntries(options) && !refusal ? entriesNote(estimate.entries) : null;
  if (entries !== null) messages.warn(entries);
  if (options.out !== undefined && !refusal && !options.noTheta) messages.say(thetaNote(options.out));
  if (options.out !== undefined && !refusal) sayGroups(messages, options.out, outcome, facts);
  if (!refusal) writeFiles(context, subject, facts, outcome, json, seconds);
  printResult(io, messages, facts, outcome, options.json ? json : null);
  if (refusal) throw refusal;
  if (ended !== null) messages.warn(ended);
  const dense = outcome.dense?.estimate.interrupted ?? false;
  return estimate.interrupted || ended !== null || dense ? 130 : 0;
};
