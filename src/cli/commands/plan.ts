/**
 * @module cli/commands/plan
 *
 * `fim plan MODEL DATA --target-error 2%`: what each estimator takes, in inputs, labels and seconds, before anything is spent.
 */
import { formatCount, formatDuration, formatPercent } from '../../report/format.js';
import { type Plan, planEstimate } from '../../run/plan.js';
import type { Run } from '../command.js';
import { checkFirstExamples, openData, openEngine, openModel } from '../estimate/session.js';
import { messagesOf, sayEngine } from '../terminal/messages.js';
import { renderTable } from '../terminal/table.js';

const BATCH = 256;
/** Where no target is named. */
const TARGET = 0.02;

export const run: Run<'plan'> = async (context) => {
  const { options, positionals, io, signal } = context;
  const messages = messagesOf(io, options);
  const opened = await openModel(positionals.model, options);
  const { network, likelihood, loaded } = opened;
  for (const node of loaded.output.removed)
    messages.note(`removed ${node} behind output "${loaded.output.name}"`);
  const dataset = await openData(positionals.data, network, options, false, loaded);
  for (const note of dataset.notes) messages.note(note);
  likelihood.checkOutputs(network.h.shape[1] as number);
  const batch = Math.min(options.batch ?? BATCH, dataset.n);
  const choice = await openEngine(network, likelihood, { ...options, batch });
  sayEngine(messages, choice);
  const { engine } = choice;
  try {
    await checkFirstExamples(engine, network, dataset, {
      outputIs: options.outputIs,
      likelihood: likelihood.name,
    });
    const targetError = options.targetError ?? TARGET;
    const plan = await planEstimate(
      { engine, network, likelihood, dataset },
      {
        targetError,
        population: options.population,
        seed: options.seed,
        order: options.order,
        examples: options.examples,
        batch,
        now: () => io.now(),
        signal,
      },
    );
    for (const note of plan.notes) messages.note(note);
    const available = options.examples ?? dataset.n;
    if (options.json) {
      io.stdout.write(
        `${JSON.stringify({
          targetError,
          population: options.population,
          available,
          pilot: plan.pilot,
          likelihood: likelihood.name,
          engine: engine.name,
          recommended: plan.recommended,
          estimators: plan.estimators,
          notes: plan.notes,
        })}\n`,
      );
    } else io.stdout.write(text(plan, targetError, available, io.stdout.columns));
    return plan.recommended === null ? 1 : 0;
  } finally {
    engine.dispose();
  }
};

function text(plan: Plan, target: number, available: number, width: number): string {
  const table = renderTable(
    [
      { title: 'estimator' },
      { title: 'inputs', align: 'right' },
      { title: 'draws each', align: 'right' },
      { title: 'time here', align: 'right' },
      { title: 'sd of an input', align: 'right' },
      { title: 'of a draw', align: 'right' },
      { title: '' },
    ],
    plan.estimators.map((e) => [
      e.estimator,
      formatCount(e.examples),
      e.labels === 0 ? '–' : String(e.labels),
      formatDuration(e.seconds),
      formatPercent(e.dataDeviation),
      e.labels === 0 ? '–' : formatPercent(e.labelDeviation),
      e.feasible ? '' : `there are ${formatCount(available)}: they reach ${formatPercent(e.attainable)}`,
    ]),
    { width },
  );
  const verdict =
    plan.recommended === null
      ? 'No estimator reaches the target with these inputs.'
      : `Least time: ${plan.recommended}.`;
  return [
    `For a standard error of ${formatPercent(target)} of the trace, by a pilot of ${plan.pilot} inputs:`,
    '',
    table,
    '',
    verdict,
    '',
  ].join('\n');
}
