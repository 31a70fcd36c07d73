/**
 * @module cli/commands/plan
 *
 * `fim plan MODEL DATA --target-error 2%`: what each estimator takes, in inputs, labels and seconds, before anything is spent.
 */
import { formatCount, formatDuration, formatPercent } from '../../report/format.js';
import { type Plan, planEstimate } from '../../jobs/plan.js';
import { draws } from '../../jobs/out-of-reach.js';
import type { Run } from '../command.js';
import { openSubject } from '../estimate/open-subject.js';
import { messagesOf } from '../terminal/messages.js';
import { wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { jsonLine } from '../mentions.js';

/** Where no target is named. */
const TARGET = 0.02;

export const run: Run<'plan'> = async (context) => {
  const { options, positionals, io, signal } = context;
  const messages = messagesOf(io, options);
  const { network, likelihood, dataset, engine, batch } = await openSubject(positionals, options, messages);
  try {
    const targetError = options.targetError ?? TARGET;
    const plan = await planEstimate(
      { engine, network, likelihood, dataset },
      {
        targetError,
        population: options.population,
        seed: options.seed,
        order: options.order,
        examples: options.examples,
        visits: options.visits,
        batch,
        memory: options.memory,
        now: () => io.now(),
        say: messages.detail,
        signal,
      },
    );
    if (plan === null) {
      io.stderr.write('interrupted before the pilots were done: nothing is known\n');
      return 130;
    }
    for (const note of plan.notes) messages.note(note);
    const available = options.examples ?? dataset.n;
    if (options.json) {
      io.stdout.write(
        jsonLine({
          targetError,
          population: options.population,
          available,
          pilot: plan.pilot,
          likelihood: likelihood.name,
          engine: engine.name,
          recommended: plan.recommended,
          ...(plan.reachable ? { reachable: plan.reachable } : {}),
          estimators: plan.estimators,
          notes: [...plan.typeTwo, ...plan.notes],
        }),
      );
    } else io.stdout.write(text(plan, targetError, available, io.stdout.columns));
    return plan.recommended === null ? 1 : 0;
  } finally {
    engine.dispose();
  }
};

function text(plan: Plan, target: number, available: number, width: number): string {
  const [exact] = plan.estimators;
  const table = renderTable(
    [
      { title: 'estimator' },
      { title: 'inputs', align: 'right' },
      { title: 'visits', drop: 3 },
      { title: 'draws each', align: 'right' },
      { title: 'time here', align: 'right' },
      { title: 'sd of a draw', align: 'right', drop: 2 },
      ...(plan.estimators.every((e) => e.feasible) ? [] : [{ title: 'reach of all', drop: 1 }]),
    ],
    plan.estimators.map((e) => [
      e.estimator,
      Number.isFinite(e.examples) ? formatCount(e.examples) : '∞',
      e.visits,
      e.labels === 0 ? '–' : String(e.labels),
      e.feasible ? formatDuration(e.seconds) : '–',
      e.labels === 0 || e.labelDeviation === 0 ? '–' : formatPercent(e.labelDeviation),
      e.feasible ? '' : `${formatPercent(e.attainable)}: not reachable`,
    ]),
    { width },
  );
  const { reachable: best } = plan;
  const verdict =
    best === null
      ? `Least variance for its work, and what an estimate takes by default: ${plan.recommended as string}.`
      : `Not reachable with these ${formatCount(available)} inputs; ${formatPercent(best.targetError)} is reachable: ${best.estimator}, N = ${formatCount(best.examples)}${best.labels > 0 ? `, ${draws(best.labels)}` : ''}.`;
  const lines = [
    `For a standard error of ${formatPercent(target)} of the trace, by a pilot of ${formatCount(plan.pilot)} inputs:`,
    '',
    table,
    '',
    `Inputs to visit, of ${formatCount(available)}; draws for each of labels or signs; time of this machine, as measured on the pilot. The numbers are those that an estimate takes: upper limits, which a pilot exceeds in one of ten. In shares of the trace, the trace of one input has a standard deviation (sd) of ${formatPercent(exact.dataDeviation)} from input to input, and one draw adds its own.${plan.typeTwo.map((t) => ` T${t.slice(1)}.`).join('')}`,
    '',
    verdict,
  ];
  return `${lines.map((line) => (line === table ? line : wrap(line, width))).join('\n')}\n`;
}
