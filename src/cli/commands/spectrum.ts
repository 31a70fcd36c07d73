/**
 * @module cli/commands/spectrum
 *
 * `fim spectrum MODEL DATA` and `fim spectrum FISHER`: eigenvalues and what follows from them, with errors.
 */
import { FimError } from '../../core/errors.js';
import { quote } from '../../core/shell.js';
import { writeAtomic } from '../../disk/files.js';
import { notApart } from '../../jobs/matrix/draws-apart.js';
import { requirePopulation, shareLeft, usualDamping } from '../../jobs/matrix/file.js';
import { turn } from '../../jobs/yielding.js';
import { figuresOf } from '../../matrix/index.js';
import { renderSpectrumReport, type SpectrumFound } from '../../report/spectrum-report.js';
import type { Run } from '../command.js';
import { isFisher, openFisher } from '../matrix/fisher-file.js';
import { spectrumJson, spectrumText } from '../matrix/spectrum.js';
import { spectrumOfModel } from '../matrix/spectrum-model.js';
import { sayUnused } from '../matrix/unused.js';
import { jsonLine } from '../mentions.js';
import { checkOutputs } from '../outputs.js';
import { messagesOf } from '../terminal/messages.js';

/** Throws `usage/spectrum` for data beside a file of a Fisher. */
export const run: Run<'spectrum'> = async (context) => {
  const { positionals, options, io, signal, given } = context;
  const { model, data } = positionals;
  const { top, level, json } = options;
  if (isFisher(model) && data !== undefined) {
    throw new FimError({
      code: 'usage/spectrum',
      kind: 'usage',
      where: `fim spectrum ${quote(model)} ${quote(data)}`,
      rule: 'takes MODEL and DATA, or the file of a Fisher alone',
      next: `fim spectrum ${quote(model)}`,
    });
  }
  checkOutputs(
    { '--report': options.report },
    { MODEL: model, ...(data === undefined ? {} : { DATA: data }) },
  );
  const print = (found: SpectrumFound): void => {
    if (options.report !== undefined) {
      const page = renderSpectrumReport(found, {
        version: context.version,
        commandLine: context.commandLine,
      });
      writeAtomic(options.report, new TextEncoder().encode(page));
    }
    io.stdout.write(json ? jsonLine(spectrumJson(found)) : spectrumText(found, io.stdout));
  };
  if (data === undefined) {
    const file = openFisher(model, `fim spectrum ${quote(model)} DATA.npz`);
    const { fisher, facts, where } = file;
    const population = given.has('population') ? options.population : facts.population;
    requirePopulation(file, population);
    const damping = options.damping ?? (await usualDamping(fisher));
    const left = shareLeft(facts, population);
    sayUnused(messagesOf(io, options), given, ['top', 'report']);
    const again = `fim spectrum MODEL DATA --population data --labels ${Math.max(2, facts.labels)}`;
    const notes = population === 'data' && facts.labels > 0 ? [notApart('a file', again)] : [];
    for (const note of notes) messagesOf(io, options).note(note);
    const layers = facts.layers ?? ('regions' as const);
    const asked = { damping, top, level, left, layers, density: true };
    const figures = await figuresOf(fisher, { ...asked, pause: turn, signal });
    const { whole, counts } = fisher;
    const groups = counts.length;
    const { estimator, examples } = facts;
    print({
      figures,
      notes,
      damping,
      level,
      form: whole.form,
      parameters: whole.size,
      groups,
      estimator,
      examples,
      of: where,
      interrupted: figures.interrupted,
    });
    return figures.interrupted ? 130 : 0;
  }
  const found = await spectrumOfModel({ ...context, positionals: { model, data } });
  print(found);
  return found.interrupted ? 130 : 0;
};
