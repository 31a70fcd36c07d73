/**
 * @module jobs/signs
 *
 * Settings of random signs in an estimate: the number of exact pairs where it is left to be chosen, and what is said of the root.
 */
import { chooseExactPairs, EXAMPLES_OF_PAIRS, type Estimator, type ExampleSource } from '../fisher/index.js';
import { METRIC_EXAMPLES } from '../fisher/proxy/metric.js';
import { type RootChoice, rootFor } from '../likelihood/roots/index.js';
import type { Likelihood } from '../likelihood/types.js';
import type { Engine } from '../engine/types.js';
import type { Network } from '../model/network.js';

/** What the choice depends on. */
interface SignRequest {
  readonly estimator?: Estimator | 'auto' | undefined;
  readonly root?: RootChoice | undefined;
  readonly exactPairs?: number | 'auto' | undefined;
  readonly labels?: number | undefined;
  /** Fewest pairs where the number is left open; default 0. */
  readonly atLeast?: number | undefined;
}

/** The number of exact pairs: as given, 0 by default or what `auto` says where some are wanted, and for `auto` what a forward pass over a few examples says is worth its price. */
export async function exactPairsOf(
  subject: { readonly engine: Engine; readonly network: Network; readonly likelihood: Likelihood },
  { estimator, root, atLeast = 0, exactPairs = atLeast > 0 ? 'auto' : 0, labels = 1 }: SignRequest,
  source: ExampleSource,
  listener: { say?(line: string): void },
): Promise<number> {
  if (exactPairs !== 'auto') return exactPairs;
  if (estimator !== undefined && estimator !== 'rademacher') return 0;
  const { engine, network, likelihood } = subject;
  const signs = rootFor(likelihood, outputsOf(network), root);
  const { pairs, left } = await chooseExactPairs(engine, network, likelihood, source, {
    root: signs,
    draws: labels,
    atLeast,
  });
  const columns = signs.columnCount(outputsOf(network));
  if (pairs === 0 && labels + 1 >= columns) {
    listener.say?.(
      `exact pairs: 0, as ${labels} ${labels === 1 ? 'draw' : 'draws'} of signs beside one take no fewer passes than the exact Fisher with its ${columns}`,
    );
    return 0;
  }
  listener.say?.(
    `exact pairs: ${pairs}, which leave ${Number((100 * left).toPrecision(2))} % of the outputs' information to the signs (${EXAMPLES_OF_PAIRS} examples)`,
  );
  return pairs;
}

const ROOT_WORDS = {
  eigen: 'eigen-root',
  'stick-breaking': 'stick-breaking root',
  kernel: `root whose scores are orthogonal under the mean tangent kernel of ${METRIC_EXAMPLES} examples,`,
} as const;

/** What is said where signs are drawn. */
export function signNotes(
  likelihood: Likelihood,
  network: Network,
  chosen: { readonly estimator: Estimator; readonly root?: RootChoice | undefined },
): string[] {
  if (chosen.estimator !== 'rademacher' || chosen.root === 'class') return [];
  const { name } = rootFor(likelihood, outputsOf(network), chosen.root);
  if (name !== 'class') return [`signs on the ${ROOT_WORDS[name]} of I(h)`];
  return [
    `signs by output: under ${likelihood.name} outputs are independent, so that no other root has less error`,
  ];
}

const outputsOf = (network: Network): number => network.h.shape[1] as number;
