/**
 * @module cli/commands/estimate
 *
 * `fim estimate MODEL DATA`: the diagonal Fisher with its errors, as text or JSON, arrays and a page.
 */
import { basename } from 'node:path';
import { parameterCount } from '../../model/network.js';
import { formatEstimate } from '../../report/format.js';
import type { DiagonalEstimate } from '../../fisher/index.js';
import { runEstimate } from '../../jobs/estimate.js';
import { OutOfReach } from '../../jobs/out-of-reach.js';
import type { Run } from '../command.js';
import { checkDense, checkDenseOutput, denseBeside, denseJson, denseText } from '../estimate/dense.js';
import { denseArrays } from '../../fisher/forms/dense/arrays.js';
import { settingsOf, writeEstimate, writeReport, zeroArrays } from '../estimate/files.js';
import { estimateJson } from '../estimate/json.js';
import { checkFirstExamples, openData, openEngine, openModel } from '../estimate/session.js';
import { estimateText } from '../estimate/text.js';
import { likelihoodText } from '../likelihood.js';
import { checkOutputs } from '../outputs.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf, sayEngine } from '../terminal/messages.js';
import { inFlags, jsonLine } from '../mentions.js';

/** Several numbers of a flag; one is a list of one. */
const listOf = (given: number | readonly number[] | undefined): readonly number[] | undefined =>
  given === undefined ? undefined : [given].flat();

/** Examples per pass where nothing is said. */
const BATCH = 256;

export const run: Run<'estimate'> = async (context) => {
  const { options, positionals, io, signal } = context;
  const began = io.now();
  checkOutputs(
    { '--out': options.out, '--report': options.report },
    { MODEL: positionals.model, DATA: positionals.data, '--weights': options.weights },
  );
  const messages = messagesOf(io, options);
  const wholeMatrix = options.form === 'dense';
  if (wholeMatrix) checkDenseOutput(options);
  const opened = await openModel(positionals.model, options);
  const { network, likelihood, loaded } = opened;
  for (const node of loaded.output.removed)
    messages.note(`removed ${node} behind output "${loaded.output.name}"`);
  for (const note of opened.notes) messages.note(note);
  const empirical = options.estimator === 'empirical';
  const dataset = await openData(positionals.data, network, options, empirical, loaded);
  for (const note of dataset.notes) messages.note(note);
  const T = network.h.shape[1] as number;
  likelihood.checkOutputs(T);
  if (wholeMatrix) checkDense(network, options.estimator);
  const targets =
    dataset.targets && empirical
      ? likelihood.readTargets(dataset.targets, dataset.n, T, {
          where: `${positionals.data}: targets`,
          ...(options.softTargets ? { soft: options.softTargets } : {}),
        })
      : null;
  const batch = Math.min(options.batch ?? BATCH, dataset.n);
  const choice = await openEngine(network, likelihood, { ...options, batch });
  sayEngine(messages, choice);
  const { engine, reason } = choice;
  const progress = startProgress(io, 'estimate', options.quiet);
  const live = messagesOf(io, options, progress.log);
  let estimate: DiagonalEstimate;
  let dense = null;
  let refusal: OutOfReach | null = null;
  try {
    await checkFirstExamples(engine, network, dataset, {
      outputIs: options.outputIs,
      likelihood: likelihood.name,
    });
    estimate = await runEstimate(
      { engine, network, likelihood, dataset, targets },
      {
        ...options,
        classWeights: listOf(options.classWeights),
        ...(wholeMatrix && !options.estimator ? { estimator: 'exact' as const } : {}),
        batch,
      },
      {
        signal,
        say: live.say,
        progress: (share, trace) =>
          progress.update(share, () => {
            const { value, standardError } = trace();
            return `trace ${formatEstimate(value, standardError)}`;
          }),
      },
    ).catch((error: unknown) => {
      if (!(error instanceof OutOfReach)) throw error;
      refusal = error;
      return error.estimate;
    });
    if (wholeMatrix && !refusal && estimate.examples > 0 && !estimate.interrupted) {
      progress.end();
      const subject = { engine, network, likelihood, dataset };
      dense = await denseBeside(subject, estimate, options.order, { io, quiet: options.quiet, signal });
    }
  } finally {
    progress.end();
    engine.dispose();
  }
  if (estimate.examples === 0) {
    io.stderr.write('interrupted before the first batch was done: nothing is known, nothing was written\n');
    return 130;
  }
  const seconds = io.now() - began;
  const json: Record<string, unknown> = inFlags(
    estimateJson(estimate, {
      engine: engine.name,
      build: engine.build,
      output: loaded.output,
      likelihoodOptions: likelihood.options,
      seconds,
      notes: [...opened.notes, ...dataset.notes],
      warnings: loaded.warnings,
    }),
  );
  const { exampleWeights, classWeights } = options;
  Object.assign(json, {
    ...(exampleWeights === undefined ? {} : { exampleWeights }),
    ...(classWeights === undefined ? {} : { classWeights: listOf(classWeights) }),
  });
  if (wholeMatrix) {
    Object.assign(json, { form: 'dense', denseOrder: [...network.parameters.keys()], ...denseJson(dense) });
  }
  if (options.out !== undefined && !refusal) {
    const { layers: _layers, tensors: _tensors, ...facts } = json;
    const more = [...zeroArrays(estimate, loaded.unused), ...(dense ? denseArrays(dense) : [])];
    writeEstimate(options.out, estimate, new Map(more), {
      fim: context.version,
      ...facts,
      order: options.order,
      modelHash: opened.hash,
      dataHash: dataset.hash,
      command: context.manifest,
    });
  }
  if (options.report !== undefined && !refusal) {
    writeReport(options.report, estimate, {
      version: context.version,
      commandLine: context.commandLine,
      model: {
        name: basename(positionals.model),
        parameters: parameterCount(network),
        outputs: T,
        facts: [
          { name: 'Output', value: loaded.output.name },
          ...loaded.output.removed.map((value) => ({ name: 'Removed', value })),
          { name: 'ONNX opset', value: String(loaded.model.opset) },
          { name: 'Exported by', value: loaded.model.producer || 'unknown' },
          { name: 'Model SHA-256', value: opened.hash },
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
  if (options.json) io.stdout.write(jsonLine(json));
  else {
    io.stdout.write(estimateText(estimate, likelihoodText(likelihood), io.stdout));
    if (dense) io.stdout.write(`\n${denseText(dense)}`);
  }
  for (const note of new Set([...estimate.notes, ...(dense?.notes ?? [])])) messages.note(note);
  for (const warning of [...loaded.warnings, ...estimate.warnings]) messages.warn(warning);
  // The answer is no, after the estimate that the data allow.
  if (refusal) throw refusal as OutOfReach;
  if (wholeMatrix && !dense) messages.warn('interrupted before the matrix: only its diagonal is known');
  return estimate.interrupted || (wholeMatrix && (dense?.interrupted ?? true)) ? 130 : 0;
};
