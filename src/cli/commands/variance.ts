/**
 * @module cli/commands/variance
 *
 * `fim variance MODEL DATA`: per layer, the Fisher, the deviations of both types, their bounds, and what to use;
 * layers and the network as whole blocks in Frobenius norm, and how many inputs they take.
 */
import { requireExample } from '../estimate/room.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import { batches } from '../../data/batches.js';
import { writeArrays } from '../../disk/index.js';
import { pilotSize } from '../../fisher/index.js';
import { measureSeconds } from '../../jobs/pass-seconds.js';
import type { Structure } from '../../jobs/profile.js';
import { varianceReport } from '../../jobs/variance-report.js';
import { zeroWarnings } from '../../fisher/warnings.js';
import type { Run } from '../command.js';
import { openSubject } from '../estimate/open-subject.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf } from '../terminal/messages.js';
import { jsonLine } from '../mentions.js';
import { layerJson, wholeJson } from '../variance/json.js';
import { varianceText } from '../variance/text.js';

/** Relative error that sample sizes are for, left open. */
const TARGET = 0.1;

export const run: Run<'variance'> = async (context) => {
  const { options, positionals, io, signal } = context;
  const began = io.now();
  const messages = messagesOf(io, options);
  const opened = await openSubject(positionals, options, messages, {
    check: (network) => requireExample(network, positionals.model),
  });
  const { network, likelihood, loaded, dataset, engine, batch } = opened;
  const T = network.h.shape[1] as number;
  const progress = startProgress(io, 'variance', options.quiet);
  const live = messagesOf(io, options, progress.log);
  try {
    const subject = { engine, network, likelihood, dataset };
    const { order, seed } = options;
    const examples = options.examples ?? dataset.n;
    const goal = { target: options.targetError ?? TARGET, level: options.level };
    const report = await varianceReport(
      subject,
      (b, dtype) => batches(dataset, { batch: b, dtype, order, seed, examples }),
      { examples, batch, seed, goal, memory: options.memory, signal },
      { say: live.say, progress: progress.update },
    );
    progress.end();
    const { structure, interrupted, notes } = report;
    for (const note of notes) messages.note(note);
    const warnings = zeroWarnings(structure.layers.reduce((sum, { fisher }) => sum + fisher.value, 0));
    for (const line of warnings) messages.warn(line);
    if (options.out !== undefined) {
      writeArrays(options.out, arraysOf(structure), {
        fim: context.version,
        likelihood: likelihood.name,
        likelihoodOptions: likelihood.options,
        examples: structure.examples,
        scale: 'mean over examples, sum over outputs; errors of one label per example over these examples',
        modelHash: opened.hash,
        dataHash: dataset.hash,
        command: context.manifest,
      });
    }
    if (options.json) {
      // For readers of the JSON only: what is advised goes by operations, which no busy machine changes.
      const seconds = interrupted
        ? null
        : await measureSeconds(
            subject,
            {
              seed,
              order,
              batch,
              memory: options.memory,
              now: () => io.now(),
            },
            pilotSize(examples),
          );
      io.stdout.write(
        jsonLine({
          examples: structure.examples,
          outputs: T,
          likelihood: likelihood.name,
          scale: 'one label per example, over diagonal entries, averaged over inputs',
          seed,
          dtype: options.dtype,
          engine: engine.name,
          output: loaded.output,
          interrupted,
          notes: [...opened.notes, ...notes],
          warnings,
          secondsPerExample: seconds,
          entryByEntry: structure.profile.slow,
          layers: structure.layers.map((l, i) => layerJson(l, report.layers[i], report.advice.layers[i])),
          ...wholeJson(report),
          seconds: io.now() - began,
        }),
      );
    } else io.stdout.write(varianceText(report, likelihood.name, io.stdout));
    return interrupted ? 130 : 0;
  } finally {
    progress.end();
    engine.dispose();
  }
};

/** Errors of one label per example over the given data: √(E𝒱/n). */
function arraysOf({ profile }: Structure): Map<string, Tensor> {
  const arrays = new Map<string, Tensor>();
  const error = (v: Float64Array) => v.map((x) => Math.sqrt(Math.max(0, x) / profile.examples));
  for (const t of profile.tensors) arrays.set(`fisher/${t.name}`, tensor('float64', t.shape, t.fisher));
  for (const t of profile.tensors)
    arrays.set(`type1_label_se/${t.name}`, tensor('float64', t.shape, error(t.type1)));
  for (const t of profile.tensors)
    arrays.set(`type2_label_se/${t.name}`, tensor('float64', t.shape, error(t.type2)));
  return arrays;
}
