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
import { openSubject, type SubjectOptions } from '../estimate/open-subject.js';
import { isFisher } from './fisher-file.js';
import type { Messages } from '../terminal/messages.js';

/** Settings that the products depend on. */
export type ProductOptions = Omit<SubjectOptions, 'exampleWeights'> & {
  readonly examples?: number | undefined;
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
  options: ProductOptions,
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
  const opened = await openSubject({ model, data }, { ...options, exampleWeights: undefined }, messages);
  const { network, likelihood, dataset, engine, batch } = opened;
  try {
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
