/**
 * @module cli/commands/compile
 *
 * `fim compile MODEL`: the graph of a Fisher statistic as an ONNX file of its own.
 */
import { writeAtomic } from '../../disk/files.js';
import { compiled } from '../../fisher/compile/compile.js';
import type { CompiledMetadata } from '../../fisher/compile/metadata.js';
import type { Run } from '../command.js';
import { openModel } from '../estimate/session.js';
import { likelihoodText } from '../likelihood.js';
import { inFlags, jsonLine } from '../mentions.js';
import { checkOutputs } from '../outputs.js';
import { messagesOf } from '../terminal/messages.js';

const OUT = 'fisher.onnx';

/** `x float32 [n, 64]` */
const inputText = ({ name, dtype, shape, otherwise }: CompiledMetadata['inputs'][number]): string =>
  `${name} ${dtype} [${shape.join(', ')}]${otherwise === undefined ? '' : `, ${otherwise} where there is none`}`;

/** `h, examples, trace, sum/… (4)` */
function outputsText({ outputs }: CompiledMetadata): string {
  const single = outputs.filter(({ parameter }) => parameter === undefined).map(({ name }) => name);
  const kinds = new Map<string, number>();
  for (const { name, parameter } of outputs) {
    if (parameter === undefined) continue;
    const kind = name.replace(parameter, '…');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return [...single, ...[...kinds].map(([kind, count]) => `${kind} (${count})`)].join(', ');
}

export const run: Run<'compile'> = async ({ options, positionals, io, version }) => {
  const path = options.out ?? OUT;
  checkOutputs(
    { '--out': path },
    { MODEL: positionals.model, '--weights': options.weights, '--names': options.names },
  );
  const messages = messagesOf(io, options);
  const { network, likelihood, loaded, hash, notes } = await openModel(positionals.model, options);
  for (const node of loaded.output.removed)
    messages.note(`removed ${node} behind output "${loaded.output.name}"`);
  for (const note of notes) messages.note(note);
  const { bytes, metadata } = compiled(network, likelihood, {
    statistic: options.statistic,
    estimator: options.estimator,
    labels: options.labels,
    sharing: options.sharing,
    opset: options.opset,
    source: hash,
    version,
  });
  writeAtomic(path, bytes);
  if (options.json) {
    io.stdout.write(
      jsonLine(inFlags({ file: path, bytes: bytes.length, opset: options.opset, ...metadata })),
    );
  } else {
    const { statistic, estimator, dtype } = metadata;
    io.stdout.write(
      [
        `${path}: ${statistic} of the Fisher, ${estimator}, ${likelihoodText(likelihood)}, ${dtype}, opset ${options.opset}`,
        ...metadata.inputs.map((given, i) => `${i === 0 ? 'inputs ' : '       '}  ${inputText(given)}`),
        `outputs  ${outputsText(metadata)}`,
        '',
      ].join('\n'),
    );
  }
  for (const warning of loaded.warnings) messages.warn(warning);
};
