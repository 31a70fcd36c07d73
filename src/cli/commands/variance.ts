/**
 * @module cli/commands/variance
 *
 * `fim variance MODEL DATA`: per layer, the Fisher, the deviations of both types, their tightest bounds, and what to use.
 */
import { type Tensor, tensor } from '../../core/tensor.js';
import { batches } from '../../data/batches.js';
import { writeArrays } from '../../disk/index.js';
import { pilotSize } from '../../fisher/index.js';
import { formatCount, formatEstimate } from '../../report/format.js';
import { measureSeconds } from '../../jobs/plan.js';
import { type Jackknifed, type LayerStructure, type Structure, structureOf } from '../../jobs/profile.js';
import type { Run } from '../command.js';
import type { Writer } from '../io.js';
import { checkFirstExamples, openData, openEngine, openModel } from '../estimate/session.js';
import { messagesOf, sayEngine } from '../terminal/messages.js';
import { styleOf, wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { inFlags, jsonLine } from '../mentions.js';

const BATCH = 256;

export const run: Run<'variance'> = async (context) => {
  const { options, positionals, io, signal } = context;
  const began = io.now();
  const messages = messagesOf(io, options);
  const opened = await openModel(positionals.model, options);
  const { network, likelihood, loaded } = opened;
  for (const node of loaded.output.removed)
    messages.note(`removed ${node} behind output "${loaded.output.name}"`);
  for (const note of opened.notes) messages.note(note);
  const dataset = await openData(positionals.data, network, options, false, loaded);
  for (const note of dataset.notes) messages.note(note);
  const T = network.h.shape[1] as number;
  likelihood.checkOutputs(T);
  const batch = Math.min(options.batch ?? BATCH, dataset.n);
  const choice = await openEngine(network, likelihood, { ...options, batch });
  sayEngine(messages, choice);
  const { engine } = choice;
  try {
    await checkFirstExamples(engine, network, dataset, {
      outputIs: options.outputIs,
      likelihood: likelihood.name,
    });
    const subject = { engine, network, likelihood, dataset };
    const { order, seed } = options;
    const examples = options.examples ?? dataset.n;
    const structure = await structureOf(
      engine,
      network,
      likelihood,
      (b, dtype) => batches(dataset, { batch: b, dtype, order, seed, examples }),
      { examples, batch, signal },
    );
    for (const note of structure.notes) messages.note(note);
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
      const seconds = structure.interrupted
        ? null
        : await measureSeconds(
            subject,
            { targetError: 0.01, population: 'distribution', seed, order, batch, now: () => io.now() },
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
          interrupted: structure.interrupted,
          notes: [...opened.notes, ...structure.notes],
          secondsPerExample: seconds,
          entryByEntry: structure.profile.slow,
          layers: structure.layers.map(layerJson),
          seconds: io.now() - began,
        }),
      );
    } else io.stdout.write(text(structure, likelihood.name, io.stdout));
    return structure.interrupted ? 130 : 0;
  } finally {
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

function layerJson(l: LayerStructure): Record<string, unknown> {
  const pair = (name: string, f: Jackknifed | null) => ({
    [name]: f?.value ?? null,
    [`${name}_se`]: f && Number.isFinite(f.se) ? f.se : null,
  });
  // Why a number is null.
  const missing = [
    ...(Number.isFinite(l.fisher.se) ? [] : ['too few inputs for standard errors']),
    ...(l.bound1 && l.bound2 ? [] : ['no certified bound of this family and type is finite']),
  ];
  return {
    name: l.name,
    parameters: l.parameters,
    ...pair('fisher', l.fisher),
    ...pair('sd1', l.sd1),
    ...pair('sd2', l.sd2),
    ...pair('bound1', l.bound1),
    ...pair('bound2', l.bound2),
    bound1Name: l.bound1Name,
    bound2Name: l.bound2Name,
    recommended: l.recommended,
    reason: l.reason,
    paperRule: l.paperRule,
    ...(missing.length === 0 ? {} : { missing: missing.join('; ') }),
  };
}

function text(structure: Structure, likelihood: string, screen: Writer): string {
  const width = screen.columns;
  const figure = (f: Jackknifed | null) =>
    f ? formatEstimate(f.value, Number.isFinite(f.se) ? f.se : null) : '–';
  const table = renderTable(
    [
      { title: 'layer', shrink: true },
      { title: 'Fisher', align: 'estimate' },
      { title: 'sd type 1', align: 'estimate' },
      { title: 'bound', align: 'right', drop: 1 },
      { title: 'sd type 2', align: 'estimate' },
      { title: 'bound', align: 'right', drop: 1 },
      { title: 'use' },
      { title: 'paper', drop: 2 },
    ],
    structure.layers.map((l) => [
      l.name,
      figure(l.fisher),
      figure(l.sd1),
      l.bound1 ? `${formatEstimate(l.bound1.value, null)} ${l.bound1Name ?? ''}` : '–',
      figure(l.sd2),
      l.bound2 ? `${formatEstimate(l.bound2.value, null)} ${l.bound2Name ?? ''}` : '–',
      l.recommended,
      l.paperRule,
    ]),
    { width, style: styleOf(screen) },
  );
  return [
    wrap(
      `Fisher and deviations of one label, mean over the diagonal of each layer and ${formatCount(structure.examples)} inputs · ${likelihood}`,
      width,
    ),
    '',
    table,
    '',
    ...structure.layers.map((l) =>
      wrap(`${l.name}: ${l.recommended}. ${inFlags(l.reason)}`, width - 2, '  '),
    ),
    '',
  ].join('\n');
}
