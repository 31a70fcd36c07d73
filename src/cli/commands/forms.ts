/**
 * @module cli/commands/forms
 *
 * `fim forms MODEL DATA`: layers by forms of the Fisher, each with its distance from the Fisher, what it keeps and what it takes.
 */
import { writeAtomic } from '../../disk/files.js';
import { compareForms } from '../../jobs/forms.js';
import { renderFormsReport } from '../../report/forms-report.js';
import type { Run } from '../command.js';
import { listOf } from '../estimate/lists.js';
import { checkFirstExamples, openData, openEngine, openModel } from '../estimate/session.js';
import { formsJson } from '../forms/json.js';
import { formsText } from '../forms/text.js';
import { likelihoodText } from '../likelihood.js';
import { inFlags, jsonLine } from '../mentions.js';
import { checkOutputs } from '../outputs.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf, sayEngine } from '../terminal/messages.js';

const BATCH = 256;

export const run: Run<'forms'> = async (context) => {
  const { options, positionals, io, signal } = context;
  checkOutputs({ '--report': options.report }, { MODEL: positionals.model, DATA: positionals.data });
  const began = io.now();
  const messages = messagesOf(io, options);
  const opened = await openModel(positionals.model, options, positionals.data);
  const { network, likelihood, loaded } = opened;
  for (const node of loaded.output.removed)
    messages.note(`removed ${node} behind output "${loaded.output.name}"`);
  for (const note of opened.notes) messages.note(note);
  const dataset = await openData(
    positionals.data,
    network,
    options,
    options.estimator === 'empirical',
    loaded,
  );
  for (const note of dataset.notes) messages.note(note);
  likelihood.checkOutputs(network.h.shape[1] as number);
  const batch = Math.min(options.batch ?? BATCH, dataset.n);
  const choice = await openEngine(network, likelihood, { ...options, batch });
  sayEngine(messages, choice);
  const { engine } = choice;
  const progress = startProgress(io, 'forms', options.quiet);
  try {
    await checkFirstExamples(engine, network, dataset, {
      outputIs: options.outputIs,
      likelihood: likelihood.name,
    });
    const { estimator, labels, seed, order, population, level, memory, examples, forms } = options;
    const asked = { estimator, labels, seed, order, population, level, memory, examples, forms, batch };
    const report = await compareForms(
      { engine, network, likelihood, dataset },
      {
        ...asked,
        classWeights: listOf(options.classWeights),
        signal,
        now: () => io.now(),
        onProgress: (share) => progress.update(share, 'layers'),
      },
    );
    progress.end();
    if (report.errors.interrupted) {
      io.stderr.write('interrupted before all layers were done: nothing is known\n');
      return 130;
    }
    for (const note of report.notes) messages.note(note);
    const facts = {
      model: positionals.model,
      data: positionals.data,
      likelihood: likelihoodText(likelihood),
      estimator: estimator ?? 'exact',
      population,
      available: dataset.n,
    };
    if (options.report !== undefined) {
      const page = renderFormsReport(report, {
        ...facts,
        version: context.version,
        commandLine: context.commandLine,
      });
      writeAtomic(options.report, new TextEncoder().encode(page));
    }
    if (options.json) {
      const seconds = io.now() - began;
      io.stdout.write(jsonLine(inFlags(formsJson(report, { ...facts, seed, engine: engine.name, seconds }))));
    } else io.stdout.write(formsText(report, facts, io.stdout));
    return 0;
  } finally {
    progress.end();
    engine.dispose();
  }
};
