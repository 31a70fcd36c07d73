/**
 * @module cli/matrix/products
 *
 * MODEL and DATA in place of the file of a Fisher: the network and the data opened, and products with their Fisher over the examples.
 */
import { FimError } from '../../core/errors.js';
import type { FloatType } from '../../core/tensor.js';
import { implicitOf } from '../../jobs/matrix/implicit.js';
import type { EstimateSubject } from '../../jobs/request.js';
import type { ImplicitFisher } from '../../matrix/index.js';
import type { Likelihood } from '../../likelihood/types.js';
import type { Network } from '../../model/network.js';
import {
  checkFirstExamples,
  type DataOptions,
  type ModelOptions,
  openData,
  openEngine,
  openModel,
} from '../estimate/session.js';
import { isFisher } from './fisher-file.js';
import { type Messages, sayEngine } from '../terminal/messages.js';

const BATCH = 256;

/** Settings that the products depend on. */
export type ProductOptions = ModelOptions &
  Omit<DataOptions, 'exampleWeights'> & {
    readonly examples?: number | undefined;
    readonly batch?: number | undefined;
    readonly order?: 'seed' | 'file';
    readonly seed: number;
    readonly dtype?: FloatType;
  };

/** Products over the examples of a network, opened. */
export interface OpenedProducts {
  readonly fisher: ImplicitFisher;
  readonly subject: EstimateSubject;
  readonly network: Network;
  readonly likelihood: Likelihood;
  /** How the examples are gone through. */
  readonly visits: {
    readonly examples: number;
    readonly order: 'seed' | 'file';
    readonly seed: number;
    readonly batch: number;
  };
  /** Examples that there are. */
  readonly populationSize: number;
  /** Frees programs and engine. */
  dispose(): void;
}

/** Throws `usage/products` where MODEL is a file of a Fisher, and what opening throws. */
export async function openProducts(
  model: string,
  data: string,
  options: ProductOptions & Omit<Parameters<typeof openEngine>[2], 'batch'>,
  { messages, signal, hear }: { messages: Messages; signal: AbortSignal; hear(products: number): void },
): Promise<OpenedProducts> {
  if (isFisher(model))
    throw new FimError({
      code: 'usage/products',
      kind: 'usage',
      where: model,
      rule: 'beside DATA stands MODEL, an .onnx file; the file of a Fisher stands alone',
      got: 'a file of arrays',
      next: `leave ${data} out`,
    });
  const { network, likelihood, loaded, notes } = await openModel(model, options, data);
  for (const note of notes) messages.note(note);
  const dataset = await openData(data, network, { ...options, exampleWeights: undefined }, false, loaded);
  for (const note of dataset.notes) messages.note(note);
  likelihood.checkOutputs(network.h.shape[1] as number);
  const batch = Math.min(options.batch ?? BATCH, dataset.n);
  const choice = await openEngine(network, likelihood, { ...options, batch });
  sayEngine(messages, choice);
  const { engine } = choice;
  try {
    await checkFirstExamples(engine, network, dataset, {
      outputIs: options.outputIs,
      likelihood: likelihood.name,
    });
    const examples = Math.min(options.examples ?? dataset.n, dataset.n);
    const { order = 'seed', seed } = options;
    const subject = { engine, network, likelihood, dataset, targets: null };
    const visits = { examples, order, seed, batch };
    const fisher: ImplicitFisher = await implicitOf(subject, visits, {
      signal,
      hear: () => hear(fisher.passes),
    });
    return {
      ...{ fisher, subject, network, likelihood, visits },
      populationSize: dataset.n,
      dispose() {
        fisher.dispose();
        engine.dispose();
      },
    };
  } catch (e) {
    engine.dispose();
    throw e;
  }
}
