/**
 * @module jobs/by-layer
 *
 * Estimators by layer, as a pilot's closed forms recommend them (`estimator: 'auto'`), and the settings of the estimate by them.
 */
import { FimError } from '../core/errors.js';
import { chooseByLayer, type DiagonalOptions, type LayerChoice, type LayerOptions } from '../fisher/index.js';
import { diagonalOptions, sourceOf } from './diagonal-options.js';
import type { EstimateListener, RootedRequest, Weighed } from './request.js';

/** The choice for each layer, said with its reason. Throws `usage/auto` beside settings that go with one estimator for all layers. */
export async function choicesFor(
  subject: Weighed,
  request: RootedRequest,
  examples: number,
  listener: EstimateListener,
): Promise<LayerChoice[]> {
  const { network, likelihood } = subject;
  if (request.labels !== undefined || request.error === 'closed-form' || request.targetError !== undefined) {
    throw new FimError({
      code: 'usage/auto',
      kind: 'usage',
      where: "`estimator: 'auto'`",
      rule: "chooses draws and errors by layer; it goes with no `labels`, `error: 'closed-form'` or `targetError`",
      next: 'name an estimator, or leave those options out',
    });
  }
  const { question = 'trace', root, memory } = request;
  const asked = { question, examples, root, memory };
  const choices = await chooseByLayer(network, likelihood, sourceOf(subject, request, examples), asked);
  for (const c of choices) listener.say?.(`${c.name}: ${c.estimator} (${c.reason})`);
  return choices;
}

/** Settings of an estimate by layers. */
export function layerOptions(
  subject: Weighed,
  request: RootedRequest,
  listener: EstimateListener,
): LayerOptions {
  const {
    estimator: _1,
    labels: _2,
    error: _3,
    targets: _4,
    quadratics: _5,
    ...options
  }: DiagonalOptions = diagonalOptions(
    subject,
    request,
    { estimator: 'exact', labels: 0, error: 'none' },
    listener,
  );
  return options;
}
