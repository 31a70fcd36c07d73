/**
 * @module cli/inspect/text
 *
 * Text and JSON of what `fim inspect` found.
 */
import { sizeOf } from '../../core/tensor.js';
import type { ImportedModel } from '../../graph/onnx/index.js';
import { NAMES_LINE, type ParameterDoubt } from '../../model/doubts.js';
import type { Obstacle } from '../../model/obstacles.js';
import { quotedNames } from '../../model/front/index.js';
import type { Judged } from '../../model/parameters.js';
import type { Site, Use } from '../../model/sites.js';
import { formatCount } from '../../report/format.js';
import { totalsLines } from '../inspect-totals.js';
import { quote } from '../../core/shell.js';
import { wrap } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { inFlags } from '../mentions.js';
import type { Inspected, WorksNow } from './look.js';

/** Where a parameter meets data, in words. */
function siteText(site: Site): string {
  const where = site.uses.map((u) => u.node.origin || u.node.op).join(', ');
  const form = site.form === 'dense' && site.transposed ? 'dense, stored [out, in]' : site.form;
  return site.reason ? `${form} (${site.reason}) at ${where}` : `${form} at ${where}`;
}

/** Fields of `--json` on the parameters. */
export function details(inspected: Inspected | null): Record<string, unknown> {
  if (!inspected) return {};
  const { output, judged, excluded, sites, layers } = inspected;
  const counted = judged.filter((j) => j.counted);
  return {
    output,
    parameterCount: counted.reduce((sum, j) => sum + sizeOf(j.tensor.shape), 0),
    layers,
    ...(inspected.cost ? { exactFisher: inspected.cost } : {}),
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
    excluded,
    parameterDoubts: inspected.doubts.map(({ name, shape, counted, reason }) => ({
      name,
      shape,
      counted,
      reason,
    })),
  };
}

/** What is known of the file. */
export interface Facts {
  readonly file: string;
  readonly opset: number;
  readonly producer: string;
  readonly inputs: readonly { name: string; dtype: string; shape: string }[];
  readonly outputs: ImportedModel['outputs'];
  readonly likelihood: string | null;
  readonly obstacles: readonly Obstacle[];
  readonly worksNow?: WorksNow;
  readonly notes: readonly string[];
}

/** As lines. */
export function text(facts: Facts, inspected: Inspected | null, width: number): string {
  const lines = [
    `${facts.file}: ONNX opset ${facts.opset}, by ${facts.producer || 'an unknown exporter'}`,
    ...facts.inputs.map((i) => `input   ${i.name} ${i.dtype}${i.shape}`),
    ...facts.outputs.map((o) => `output  ${o.name} ${o.type}`),
    ...(facts.likelihood === null ? [] : [`likelihood: ${facts.likelihood}`]),
  ];
  if (facts.obstacles.length > 0) {
    const what = facts.obstacles.map(({ kind, text }) => wrap(`  ${kind}: ${text}`, width, '    '));
    lines.push('', 'It cannot be estimated as it is:', ...what);
    if (facts.worksNow) lines.push('', wrap(worksText(facts.worksNow), width, '  '));
  }
  if (inspected) lines.push(...inspectedLines(inspected, width));
  if (facts.notes.length > 0) lines.push('', ...facts.notes.map((n) => wrap(`note: ${n}`, width - 2, '  ')));
  return `${lines.join('\n')}\n`;
}

/** `What works now: --from val_3 keeps 1290 of 55000 parameters; …` */
const worksText = ({ from, parameters, of }: WorksNow): string =>
  `What works now: --from ${quote(from)} keeps ${parameters} of ${of} parameters: the network then begins at ${quotedNames([from])}, and ONNX Runtime runs what is before it`;

function inspectedLines(inspected: Inspected, width: number): string[] {
  const { output, judged, excluded, ending } = inspected;
  const counted = judged.filter((j) => j.counted);
  const total = counted.reduce((sum, j) => sum + sizeOf(j.tensor.shape), 0);
  const removed = output.removed.length ? `, behind which ${output.removed.join(', ')} was removed` : '';
  const lines = [
    `${ending === null ? 'natural parameter' : 'output'}: "${output.name}" ${output.shape}${removed}`,
    ...(ending === null ? [] : [wrap(ending, width)]),
    '',
    `${formatCount(total)} parameters in ${counted.length} tensors, ${inspected.layers.length} layers`,
    ...parameterTable(inspected, counted, width),
    ...totalsLines(inspected.layers, inspected.cost, width),
  ];
  if (excluded.length > 0) {
    lines.push(
      '',
      'Not parameters',
      renderTable(
        [{ title: 'tensor' }, { title: 'shape' }, { title: 'reason', shrink: true }],
        excluded.map((j) => [j.name, shapeOf(j), inFlags(j.reason)]),
        { width },
      ),
    );
  }
  return [...lines, ...doubtLines(inspected.doubts, width)];
}

/** What might as well be read the other way, and how a list of names is written that settles it. */
function doubtLines(doubts: readonly ParameterDoubt[], width: number): string[] {
  if (doubts.length === 0) return [];
  return [
    '',
    'In doubt',
    renderTable(
      [{ title: 'parameter' }, { title: 'shape' }, { title: 'now' }, { title: 'why', shrink: true }],
      doubts.map((d) => [d.name, shapeOf(d), d.counted ? 'counted' : 'not counted', inFlags(d.reason)]),
      { width },
    ),
    '',
    'the names of a PyTorch model settle it; this writes them:',
    `  ${NAMES_LINE}`,
  ];
}

const shapeOf = ({ shape }: { readonly shape: readonly number[] }): string => `[${shape.join(', ')}]`;

/** What counts, layer by layer; beneath it why some sites have no structured form. */
function parameterTable({ layers, sites }: Inspected, counted: readonly Judged[], width: number): string[] {
  const layerOf = new Map(layers.flatMap((l) => l.parameters.map((p) => [p, l.name] as const)));
  // `fc1` says nothing beside `fc1.weight`.
  const telling = counted.some((j) => !j.name.startsWith(layerOf.get(j.name) ?? ''));
  const rows = counted.map((j) => {
    const site = sites.get(j.name) as Site;
    const cells = [j.name, shapeOf(j.tensor), j.reason, site.form, nodesText(site)];
    return telling ? [layerOf.get(j.name) ?? '', ...cells] : cells;
  });
  const columns = [
    { title: 'parameter' },
    { title: 'shape' },
    { title: 'counts as' },
    { title: 'site' },
    { title: 'node', shrink: true },
  ];
  const table = renderTable(telling ? [{ title: 'layer' }, ...columns] : columns, rows, { width });
  const reasons = new Map<string, string[]>();
  for (const j of counted) {
    const { reason } = sites.get(j.name) as Site;
    if (reason !== '') reasons.set(reason, [...(reasons.get(reason) ?? []), j.name]);
  }
  const fallbacks = [...reasons].map(([reason, names]) =>
    wrap(
      `fallback: ${reason} (${listed(names)}): exact, from explicit per-example scores, slower`,
      width,
      '  ',
    ),
  );
  return fallbacks.length > 0 ? [table, '', ...fallbacks] : [table];
}

/** Names in a sentence; the rest counted. */
const listed = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;

/** Names of the nodes where a parameter meets data; the operator too where the name does not tell it. */
function nodesText(site: Site): string {
  const one = ({ node }: Use): string => {
    const [, op, name] = /^(\S+) "(.+)"$/.exec(node.origin) ?? [];
    if (op === undefined) return node.origin || node.op;
    return name.toLowerCase().includes(op.toLowerCase()) ? name : `${op} ${name}`;
  };
  return site.uses.map(one).join(', ');
}
