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
import { openSubject } from '../estimate/open-subject.js';
import { formsJson } from '../forms/json.js';
import { formsText } from '../forms/text.js';
import { likelihoodText } from '../likelihood.js';
import { inFlags, jsonLine } from '../mentions.js';
import { checkOutputs } from '../outputs.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf } from '../terminal/messages.js';

export const run: Run<'forms'> = async (context) => {
  const { options, positionals, io, signal } = context;
  checkOutputs({ '--report': options.report }, { MODEL: positionals.model, DATA: positionals.data });
  const began = io.now();
  const messages = messagesOf(io, options);
  const { network, likelihood, dataset, engine, batch } = await openSubject(positionals, options, messages, {
    targets: options.estimator === 'empirical',
  });
  const progress = startProgress(io, 'forms', options.quiet);
  try {
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
