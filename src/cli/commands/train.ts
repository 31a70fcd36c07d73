/**
 * @module cli/commands/train
 *
 * `fim train [DATA]`: a dense network by maximum likelihood, written as ONNX with its likelihood as metadata.
 */
import { quote } from '../../core/shell.js';
import { FimError } from '../../core/errors.js';
import { bytesOf, type FloatType, sizeOf } from '../../core/tensor.js';
import { type Dataset, makeDataset, split, subset } from '../../data/index.js';
import { loadDataset, loadDigits, loadIdxFolder } from '../../disk/index.js';
import { writeAtomic } from '../../disk/files.js';
import { requireMemory } from '../../disk/machine-memory.js';
import { createEngine } from '../../engine/index.js';
import type { Likelihood } from '../../likelihood/types.js';
import { denseNetwork, networkToOnnx, parameterCount } from '../../model/index.js';
import { describeLink, resolveLink } from '../../model/links.js';
import { adam, sgd } from '../../optim/index.js';
import { formatCount, formatDuration, formatNumber, formatPercent } from '../../report/format.js';
import { yielding } from '../../jobs/yielding.js';
import { fit, labelled } from '../../jobs/fit.js';
import type { Context, Run } from '../command.js';
import { openTracking } from '../tracking.js';
import { likelihoodSettings } from '../likelihood.js';
import { checkOutputs } from '../outputs.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf, sayEngine } from '../terminal/messages.js';
import { jsonLine } from '../mentions.js';

const BATCH = 64;
const OUT = 'model.onnx';

export const run: Run<'train'> = async (context) => {
  const { options, positionals, io, signal } = context;
  const began = io.now();
  const path = options.out ?? OUT;
  checkOutputs({ '--out': path }, { DATA: positionals.data });
  const { train, test } = readData(context);
  const linked = resolveLink(options.likelihood ?? 'categorical', likelihoodSettings(options), options.link);
  const { likelihood } = linked;
  const [inputName, x] = [...train.inputs][0];
  const T = outputsFor(train, likelihood, options.classes, positionals.data ?? 'DATA');
  const widths = [sizeOf(x.shape.slice(1)), ...options.hidden, T];
  requireWeights(widths, options.dtype);
  const bare = denseNetwork({
    widths,
    activation: options.activation,
    seed: options.seed,
    dtype: options.dtype,
  });
  const network = { ...bare, h: linked.apply(bare.h) };
  const batch = Math.min(options.batch ?? BATCH, train.n);
  const made = await createEngine({
    engine: options.engine,
    dtype: options.dtype,
    threads: options.threads ?? 1,
    flops: 6 * parameterCount(network) * batch,
  });
  const engine = yielding(made.engine);
  const messages = messagesOf(io, options);
  sayEngine(messages, made);
  const { say } = messages;
  const linkNote = describeLink(linked);
  if (linkNote !== null) say(linkNote);
  say(
    `${formatCount(parameterCount(network))} parameters, ${formatCount(train.n)} examples, ${formatCount(test.n)} held out`,
  );
  const rate = options.learningRate ?? (options.optimizer === 'sgd' ? 0.1 : 0.001);
  const optimiser = options.optimizer === 'sgd' ? sgd({ momentum: options.momentum ?? 0.9 }) : adam();
  const steps = options.epochs * Math.ceil(train.n / batch);
  const tracking = openTracking(context, engine, likelihood, test, steps);
  const progress = startProgress(io, 'train', options.quiet);
  let scores = '';
  try {
    const fitted = await fit(
      engine,
      network,
      likelihood,
      labelled(train, likelihood, T),
      labelled(test, likelihood, T),
      {
        epochs: options.epochs,
        batch,
        optimiser,
        learningRate: rate,
        seed: options.seed,
        signal,
        ...(tracking ? { look: tracking.look } : {}),
        onStep: (share) => progress.update(share, scores),
        onEpoch: ({ epoch, test: e }) => {
          scores = `epoch ${epoch}: ${score(e)}`;
          if (!options.quiet && io.stderr.isTTY) progress.log(scores);
        },
      },
    );
    progress.end();
    writeAtomic(
      path,
      networkToOnnx(fitted.network, likelihood, {
        ...(train.columns === null ? {} : { columns: train.columns }),
        ...(options.classes.length === 0 ? {} : { classes: options.classes }),
      }),
    );
    const seconds = io.now() - began;
    const tracked = tracking?.finish({ seconds, interrupted: fitted.interrupted, test: fitted.test }) ?? null;
    if (options.json) {
      io.stdout.write(
        jsonLine({
          model: path,
          input: inputName,
          parameters: parameterCount(network),
          likelihood: likelihood.name,
          examples: train.n,
          test: {
            examples: test.n,
            ...fitted.test,
            ...(fitted.test.accuracy === null ? { reason: 'accuracy: of classes alone' } : {}),
          },
          epochs: options.epochs,
          seed: options.seed,
          engine: engine.name,
          interrupted: fitted.interrupted,
          ...(tracked ? { tracked } : {}),
          seconds,
        }),
      );
    } else {
      io.stdout.write(
        `${path}: ${score(fitted.test)} on ${formatCount(test.n)} held-out examples, in ${formatDuration(seconds)}\n`,
      );
      if (tracked) {
        io.stdout.write(
          `${tracked.folder}/index.html: ${tracked.records} records, ${formatPercent(tracked.share)} of the time\n`,
        );
      }
      if (!options.quiet) say(`\nhint: fim inspect ${quote(path)}`);
    }
    return fitted.interrupted ? 130 : 0;
  } finally {
    progress.end();
    engine.dispose();
  }
};

/** Weights, their gradients and two moments, in the working type, beside the draws in float64. Throws `memory/machine`. */
function requireWeights(widths: readonly number[], dtype: FloatType): void {
  const entries = widths.slice(1).reduce((sum, width, l) => sum + width * (widths[l] + 1), 0);
  requireMemory(
    entries * (4 * bytesOf(dtype) + 8),
    'fim train',
    `a network of ${entries} parameters`,
    '--hidden 64,64',
  );
}

function score({ accuracy, logProbability }: { accuracy: number | null; logProbability: number }): string {
  const log = `log-likelihood ${formatNumber(logProbability, 3)}`;
  return accuracy === null ? log : `accuracy ${formatPercent(accuracy, 3)}, ${log}`;
}

function readData({ options, positionals }: Context<'train'>): { train: Dataset; test: Dataset } {
  if (positionals.data === undefined) {
    const load = (part: 'train' | 'test') =>
      options.mnist === undefined ? loadDigits({ part }) : loadIdxFolder(options.mnist, { part });
    const [train, test] = [load('train'), load('test')];
    if (options.examples === undefined) return { train, test };
    return { train: subset(train, Math.min(options.examples, train.n), options.seed), test };
  }
  const all = flattened(
    loadDataset(positionals.data, {
      inputs: [{ name: 'x', dtype: options.dtype, shape: null }],
      targets: options.targets,
      targetColumn: options.targetColumn.length > 0 ? options.targetColumn : undefined,
      scale: options.scale,
      classes: options.classes.length > 0 ? options.classes : undefined,
      requireTargets: true,
    }),
  );
  const n = Math.min(options.examples ?? all.n, all.n);
  return split(all, {
    train: Math.max(1, Math.round(0.8 * n)),
    test: Math.max(1, n - Math.round(0.8 * n)),
    seed: options.seed,
  });
}

/** Inputs [N, …] as [N, d]. */
function flattened(dataset: Dataset): Dataset {
  const inputs = new Map(
    [...dataset.inputs].map(([name, t]) => [name, { ...t, shape: [dataset.n, sizeOf(t.shape.slice(1))] }]),
  );
  return makeDataset({ ...dataset, inputs });
}

/** T: one more than the largest class, or the width of the targets, twice that where outputs come in pairs. */
function outputsFor(
  dataset: Dataset,
  likelihood: Likelihood,
  classes: readonly string[],
  where: string,
): number {
  const targets = dataset.targets;
  if (!targets) return 1;
  const width = targets.shape.length > 1 ? sizeOf(targets.shape.slice(1)) : 1;
  if (likelihood.name !== 'categorical' || width > 1) {
    return likelihood.labelWidth(2 * width) === width ? 2 * width : width;
  }
  if (classes.length > 0) return classes.length;
  let top = 0;
  // What is no class at all is refused where targets are read.
  for (const y of targets.data) top = Math.max(top, Math.floor(Number(y)));
  if (top >= Math.max(FEW_CLASSES, dataset.n)) throw moreClasses(top, dataset.n, where);
  return Math.max(2, top + 1);
}

/** So many classes may be more than the examples. */
const FEW_CLASSES = 20;

const moreClasses = (top: number, n: number, where: string): FimError =>
  new FimError({
    code: 'train/classes',
    where: `${where}: targets`,
    rule: 'there are more examples than classes',
    got: `class ${top}, so ${top + 1} classes, of ${n} examples to train on`,
    cause: 'the column holds ids, or real targets that are whole numbers',
    next: '--target-column of another column, or --likelihood gaussian --variance 1; classes that are so many are said by --classes',
  });
