/**
 * @module cli/commands/inspect
 *
 * `fim inspect MODEL`: what an estimate of this model would cover. Layers, which tensors are parameters and which are not, with the
 * reason, where each meets data, and every operator that is not covered.
 */
import { dirname, join } from 'node:path';
import { FimError } from '../../core/errors.js';
import { sizeOf } from '../../core/tensor.js';
import { readBytes } from '../../data/files.js';
import { showShape } from '../../graph/index.js';
import {
  chooseOutput,
  describeUncovered,
  type ImportedModel,
  importModel,
  type OutputLikelihood,
} from '../../graph/onnx/index.js';
import { layersOf } from '../../model/layers.js';
import { readMetadata } from '../../model/metadata.js';
import { type Judged, judgeParameters } from '../../model/parameters.js';
import { type Site, sitesOf } from '../../model/sites.js';
import { formatCount } from '../../report/format.js';
import type { Context, Run } from '../command.js';
import { renderTable } from '../terminal/table.js';

interface Inspected {
  readonly output: { readonly name: string; readonly removed: readonly string[]; readonly shape: string };
  readonly judged: readonly Judged[];
  readonly sites: ReadonlyMap<string, Site>;
  readonly layers: ReturnType<typeof layersOf>;
  readonly notes: readonly string[];
}

export const run: Run<'inspect'> = async (context) => {
  const { options, positionals, io } = context;
  const file = positionals.model;
  const model = importModel(readBytes(file), {
    file,
    dtype: 'float32',
    external: (location) => readBytes(join(dirname(file), location)),
  });
  const likelihood = options.likelihood ?? readMetadata(model.metadata)?.likelihood;
  let inspected: Inspected | null = null;
  let missing = model.coverage();
  try {
    inspected = inspect(model, likelihood as OutputLikelihood | undefined, context);
    missing = [];
  } catch (e) {
    if (!(e instanceof FimError) || e.code !== 'onnx/operators') throw e;
  }
  const facts = {
    file,
    opset: model.opset,
    producer: model.producer,
    inputs: model.inputs.map(({ name, value }) => ({
      name,
      dtype: value.dtype,
      shape: showShape(value.shape),
    })),
    outputs: model.outputs,
    likelihood: likelihood ?? null,
    covered: missing.length === 0,
    missing: missing.map(describeUncovered),
    notes: [...model.notes, ...(inspected?.notes ?? [])],
  };
  if (options.json) io.stdout.write(`${JSON.stringify({ ...facts, ...details(inspected) })}\n`);
  else io.stdout.write(text(facts, inspected, io.stdout.columns));
  return 0;
};

function inspect(
  model: ImportedModel,
  likelihood: OutputLikelihood | undefined,
  { options }: Context<'inspect'>,
): Inspected {
  const natural = options.outputIs ?? (likelihood === undefined ? 'natural' : undefined);
  const chosen = chooseOutput(model, {
    likelihood: likelihood ?? 'gaussian',
    ...(options.output === undefined ? {} : { outputName: options.output }),
    ...(natural === undefined ? {} : { outputIs: natural }),
  });
  const known = readMetadata(model.metadata);
  const judged = judgeParameters(chosen.h, chosen.candidates, {
    ...(options.parameters.length ? { include: options.parameters } : {}),
    ...(options.freeze.length ? { freeze: options.freeze } : {}),
    ...(known ? { known: known.parameters } : {}),
  });
  const parameters = new Map(judged.filter((j) => j.counted).map((j) => [j.name, j.value]));
  const network = { inputs: new Map(), h: chosen.h, parameters, fixed: new Map(), weights: new Map() };
  const sites = sitesOf([chosen.h], [...parameters.values()]);
  const notes =
    likelihood === undefined ? ['no --likelihood: the output is shown as it stands, nothing removed'] : [];
  return {
    output: { name: chosen.name, removed: chosen.removed, shape: showShape(chosen.h.shape) },
    judged,
    sites: new Map([...parameters.keys()].map((name, i) => [name, sites[i]])),
    layers: layersOf(network),
    notes: [...notes, ...chosen.notes, ...chosen.warnings],
  };
}

/** Where a parameter meets data, in words. */
function siteText(site: Site): string {
  const where = site.uses.map((u) => u.node.origin || u.node.op).join(', ');
  const form = site.form === 'dense' && site.transposed ? 'dense, stored [out, in]' : site.form;
  return site.reason ? `${form} (${site.reason}) at ${where}` : `${form} at ${where}`;
}

function details(inspected: Inspected | null): Record<string, unknown> {
  if (!inspected) return {};
  const { output, judged, sites, layers } = inspected;
  const counted = judged.filter((j) => j.counted);
  return {
    output,
    parameterCount: counted.reduce((sum, j) => sum + sizeOf(j.tensor.shape), 0),
    layers,
    parameters: counted.map((j) => {
      const site = sites.get(j.name) as Site;
      return {
        name: j.name,
        shape: j.tensor.shape,
        reason: j.reason,
        site: site.form,
        where: siteText(site),
      };
    }),
    excluded: judged
      .filter((j) => !j.counted)
      .map(({ name, tensor, reason }) => ({ name, shape: tensor.shape, reason })),
  };
}

interface Facts {
  readonly file: string;
  readonly opset: number;
  readonly producer: string;
  readonly inputs: readonly { name: string; dtype: string; shape: string }[];
  readonly outputs: ImportedModel['outputs'];
  readonly missing: readonly string[];
  readonly notes: readonly string[];
}

function text(facts: Facts, inspected: Inspected | null, width: number): string {
  const lines = [
    `${facts.file}: ONNX opset ${facts.opset}, by ${facts.producer || 'an unknown exporter'}`,
    ...facts.inputs.map((i) => `input   ${i.name} ${i.dtype}${i.shape}`),
    ...facts.outputs.map((o) => `output  ${o.name} ${o.type}`),
  ];
  if (facts.missing.length > 0) {
    lines.push('', 'Not covered:', ...facts.missing.map((m) => `  ${m}`));
  }
  if (inspected) lines.push(...inspectedLines(inspected, width));
  if (facts.notes.length > 0) lines.push('', ...facts.notes.map((n) => `note: ${n}`));
  return `${lines.join('\n')}\n`;
}

function inspectedLines({ output, judged, sites, layers }: Inspected, width: number): string[] {
  const counted = judged.filter((j) => j.counted);
  const excluded = judged.filter((j) => !j.counted);
  const total = counted.reduce((sum, j) => sum + sizeOf(j.tensor.shape), 0);
  const layerOf = new Map(layers.flatMap((l) => l.parameters.map((p) => [p, l.name] as const)));
  const lines = [
    `natural parameter: "${output.name}" ${output.shape}${output.removed.length ? `, behind which ${output.removed.join(', ')} was removed` : ''}`,
    '',
    `${formatCount(total)} parameters in ${counted.length} tensors`,
    renderTable(
      [
        { title: 'layer' },
        { title: 'parameter' },
        { title: 'shape' },
        { title: 'counts as' },
        { title: 'meets data', shrink: true },
      ],
      counted.map((j) => [
        layerOf.get(j.name) ?? '',
        j.name,
        `[${j.tensor.shape.join(', ')}]`,
        j.reason,
        siteText(sites.get(j.name) as Site),
      ]),
      { width },
    ),
  ];
  if (excluded.length > 0) {
    lines.push(
      '',
      'Not parameters',
      renderTable(
        [{ title: 'tensor' }, { title: 'shape' }, { title: 'reason', shrink: true }],
        excluded.map((j) => [j.name, `[${j.tensor.shape.join(', ')}]`, j.reason]),
        { width },
      ),
    );
  }
  return lines;
}
