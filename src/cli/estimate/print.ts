/**
 * @module cli/estimate/print
 *
 * Result of an estimate on the terminal: text or JSON on standard output, notes and warnings beside it.
 */
import { formatEstimate } from '../../report/format.js';
import { type PerPosition, perPositionOf } from '../../jobs/per-position.js';
import type { Io } from '../io.js';
import { likelihoodText } from '../likelihood.js';
import { jsonLine } from '../mentions.js';
import type { Messages } from '../terminal/messages.js';
import { denseText } from './dense.js';
import type { EstimateFacts, Found } from './facts.js';
import { rowsText } from './rows.js';
import { layersText } from './layers-out.js';
import { estimateText } from './text.js';

/** `per position  7.93 ± 0.10  (6 positions an example)` */
function perPositionText({ value, standardError, atMost, positions }: PerPosition): string {
  const mean = Number.isInteger(positions) ? String(positions) : positions.toPrecision(4);
  const bound = atMost ? ', the error at most' : '';
  return `per position  ${formatEstimate(value, standardError)}  (${mean} positions an example${bound})`;
}

/** Prints it; `json`: in place of text. */
export function printResult(
  io: Io,
  messages: Messages,
  { positions, likelihood, warnings }: EstimateFacts,
  { estimate, dense, layers, gram }: Found,
  json: Readonly<Record<string, unknown>> | null,
): void {
  if (json) io.stdout.write(jsonLine(json));
  else {
    io.stdout.write(estimateText(estimate, likelihoodText(likelihood), io.stdout));
    const own = positions && perPositionOf(positions, estimate.trace, estimate.population);
    if (own) io.stdout.write(`\n${perPositionText(own)}\n`);
    if (dense) io.stdout.write(`\n${denseText(dense)}`);
    if (layers) io.stdout.write(`\n${layersText(layers)}`);
    if (gram) io.stdout.write(`\n${rowsText(gram)}`);
  }
  for (const note of new Set([
    ...estimate.notes,
    ...(dense?.estimate.notes ?? []),
    ...(layers?.estimate.notes ?? []),
  ]))
    messages.note(note);
  for (const warning of [...warnings, ...estimate.warnings]) messages.warn(warning);
}
