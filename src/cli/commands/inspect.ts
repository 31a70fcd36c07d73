/**
 * @module cli/commands/inspect
 *
 * `fim inspect MODEL`: what an estimate of this model would cover. Layers, which tensors are parameters and which are not, with the
 * reason, where each meets data, and every operator that is not covered.
 */
import { turn } from '../../jobs/yielding.js';
import { readBeside } from '../../disk/beside.js';
import { readBytes } from '../../disk/files.js';
import { showShape } from '../../graph/index.js';
import { describeUncovered } from '../../graph/onnx/index.js';
import { fileFacts } from '../../model/obstacles.js';
import type { Run } from '../command.js';
import { inFlags, jsonLine } from '../mentions.js';
import { look, worksNow } from '../inspect/look.js';
import { details, text } from '../inspect/text.js';

export const run: Run<'inspect'> = async (context) => {
  const { options, positionals, io, signal } = context;
  const heard = async (): Promise<void> => {
    await turn();
    signal.throwIfAborted();
  };
  const file = positionals.model;
  const bytes = readBytes(file);
  const external = (location: string): Uint8Array => readBeside(file, location);
  const { uncovered, ...said } = fileFacts(bytes, file, external);
  await heard();
  const looked = await look(bytes, external, context, options.from);
  await heard();
  const obstacles = [...uncovered, ...(looked.obstacle ? [looked.obstacle] : [])];
  const { model, inspected } = looked;
  // Uncovered operators that no wanted output needs stand in nobody's way.
  const covered = inspected !== null;
  const works = covered ? null : await worksNow(bytes, external, context);
  const facts = {
    file,
    ...said,
    ...(model && {
      inputs: model.inputs.map(({ name, value }) => ({
        name,
        dtype: value.dtype,
        shape: showShape(value.shape),
      })),
    }),
    likelihood: looked.likelihood ?? null,
    covered,
    missing: covered ? [] : (model?.coverage() ?? []).map(describeUncovered),
    obstacles: covered ? [] : obstacles,
    ...(works ? { worksNow: works } : {}),
    ...(looked.cut ? { from: looked.cut.front.values, frozen: looked.cut.front.frozen } : {}),
    notes: [...looked.notes, ...(model?.notes ?? []), ...(inspected?.notes ?? [])],
  };
  if (options.json) io.stdout.write(jsonLine({ ...facts, ...details(inspected) }));
  else io.stdout.write(text(inFlags(facts), inspected, io.stdout.columns));
  return covered ? 0 : 1;
};

/** As far as the file can be read. */
