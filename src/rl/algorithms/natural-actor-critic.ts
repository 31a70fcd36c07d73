/**
 * @module rl/algorithms/natural-actor-critic
 *
 * A natural policy step and a critic fitted on its own: the frame of NPG, diagonal, Woodbury and SMAC, and of plain A2C as their control.
 */
import type { PreconditionerFactory } from '../../optim/preconditioner.js';
import type { Segment } from '../rollout/collector.js';
import { AllOrNothing, type OwnState } from './all-or-nothing.js';
import { Critic, type CriticOptions } from './critic.js';
import { explainedVariance } from './joint.js';
import { type NaturalOptions, NaturalPolicy } from './natural.js';
import { prefixed, under } from './prefix.js';
import { scheduled } from './schedule.js';
import type { Algorithm, AlgorithmContext, AlgorithmName, Moment, UpdateMetrics } from './types.js';

export interface NaturalActorCriticOptions extends NaturalOptions, CriticOptions {}

/** One step of the policy a segment: the proposal as it is, or whatever an algorithm makes of it. */
export type Stride = (
  policy: NaturalPolicy,
  segment: Segment,
  proposal: NonNullable<Awaited<ReturnType<NaturalPolicy['propose']>>>,
) => Promise<UpdateMetrics>;

const plainStride: Stride = (policy, segment, proposal) => policy.take(segment, proposal);

/** `preconditioner` null: plain gradient ascent. Throws `rl/shared-value`. */
export async function naturalActorCritic(
  name: AlgorithmName,
  context: AlgorithmContext,
  options: NaturalActorCriticOptions,
  preconditioner: PreconditionerFactory | null,
  stride: Stride = plainStride,
): Promise<Algorithm> {
  const critic = await Critic.compile(context, options, name);
  const policy = await NaturalPolicy.compile(context, options, preconditioner);
  const own: OwnState = {
    save: () => ({ ...critic.save(), ...prefixed('inverse/', policy.preconditioner?.save() ?? {}) }),
    load(state) {
      critic.load(state);
      policy.preconditioner?.load(under('inverse/', state));
    },
  };
  const whole = new AllOrNothing(context, own);
  const update = async (segment: Segment, moment: Moment): Promise<UpdateMetrics> => {
    const proposal = await policy.propose(segment, moment);
    const metrics = proposal === null ? { step_norm: 0 } : await stride(policy, segment, proposal);
    const rate = scheduled(1, options.schedule, moment.progress);
    const value_loss = await critic.fit(segment, moment.update, rate);
    const explained_variance = explainedVariance(segment.values, segment.returns);
    return { ...metrics, value_loss, explained_variance };
  };
  return {
    name,
    ...own,
    update: (segment, moment) => whole.run(() => update(segment, moment)),
    removes: (u, segment, moment) => policy.removes(u, segment, moment),
    dispose() {
      policy.dispose();
      critic.dispose();
    },
  };
}
