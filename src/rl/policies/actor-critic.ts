/**
 * @module rl/policies/actor-critic
 *
 * A policy as a likelihood of the core: a network whose output h is the natural parameter (or a head's coordinates) of p(action | x),
 * so that its scores, Fisher, KL and errors are those of any other network. A value network stands beside it or shares its trunk.
 *
 *   actions       likelihood         h
 *   Discrete(A)   categorical        A logits
 *   Box(m)        gaussian-mv        m means, m log σ (link log-sd)
 *
 * σ either is the same in every state: the last bias is 2m long, its second half is log σ, and the weights reach the means only;
 * or comes from the network, 2m outputs. Weights are orthogonal with gain √2, the last layer 0.01 (policy) and 1 (value); biases 0.
 * Source of the gains: OpenAI baselines; L. Engstrom et al., ICLR 2020.
 */
import { FimError } from '../../core/errors.js';
import { Sequence } from '../../core/random.js';
import { castTensor, type FloatType, type Tensor, tensor } from '../../core/tensor.js';
import { input, N, ops as b, type Value } from '../../graph/index.js';
import { getLikelihood, type Likelihood } from '../../likelihood/index.js';
import { activation, type Activation } from '../../model/activations.js';
import type { Network } from '../../model/network.js';
import type { Space } from '../types.js';
import { featureLength } from './features.js';
import { orthogonal } from './orthogonal.js';

/** Shape of a policy and of its value. */
export interface ActorCriticOptions {
  /** What it observes. */
  observationSpace: Space;
  /** What it does. */
  actionSpace: Space;
  /** Widths of the hidden layers. Default [64, 64]. */
  hidden?: readonly number[];
  /** Default `tanh`. */
  activation?: Activation;
  /** `independent` (default) of the state, or from the `network`. Continuous actions only. */
  sigma?: 'independent' | 'network';
  /** Default 0: σ = 1. */
  initialLogSigma?: number;
  /** Default `separate`: two networks. `shared`: one trunk with two heads. `none`: no value. */
  value?: 'separate' | 'shared' | 'none';
  /** Seed of the first weights; default 0. */
  seed?: number;
  /** Precision; default float32. */
  dtype?: FloatType;
}

/** A policy, as a network with a likelihood of actions, and the value beside it. */
export interface ActorCritic {
  /** h(x; θ), the natural parameter of the distribution of actions. */
  readonly policy: Network;
  /** h [N, 1], the expected return; null without. Under `shared` it has the policy's trunk, parameters and all. */
  readonly value: Network | null;
  /** p(a|h): categorical for discrete actions, Gaussian for continuous ones. */
  readonly likelihood: Likelihood;
  /** What it observes. */
  readonly observationSpace: Space;
  /** What it does. */
  readonly actionSpace: Space;
}

/**
 * A fresh policy with its value network. Throws `rl/policy`.
 * @throws FimError with `graph/shape`, `likelihood/link`, `likelihood/option`, `likelihood/unknown`, `model/activation`, `random/seed`,
 * `random/sequence`, `tensor/size`
 */
export function actorCritic(options: ActorCriticOptions): ActorCritic {
  const {
    observationSpace,
    actionSpace,
    hidden = [64, 64],
    value: kind = 'separate',
    sigma = 'independent',
  } = options;
  const { seed = 0, dtype = 'float32', initialLogSigma = 0 } = options;
  if (hidden.some((w) => !Number.isSafeInteger(w) || w < 1)) {
    throw complaint('hidden widths are positive whole numbers', `[${hidden.join(', ')}]`);
  }
  if (!Number.isFinite(initialLogSigma))
    throw complaint('initialLogSigma is a finite number', String(initialLogSigma));
  const phi = activation(options.activation ?? 'tanh');
  const x = input('x', dtype, [N, featureLength(observationSpace)]);
  const store = new Weights(dtype, seed);
  const trunk = (prefix: string): Value =>
    hidden.reduce((a, width, l) => phi(store.dense(`${prefix}/fc${l + 1}`, a, width, Math.SQRT2)), x);
  const own = kind === 'shared' ? 'trunk' : 'policy';
  const body = trunk(own);
  const trunkNames = [...store.parameters.keys()];
  const h = head(store, body, actionSpace, sigma, initialLogSigma);
  const policyNames = [...store.parameters.keys()];
  const v =
    kind === 'none' ? null : store.dense('value/out', kind === 'shared' ? body : trunk('value'), 1, 1);
  const shared = kind === 'shared' ? trunkNames : [];
  const valueNames = [
    ...shared,
    ...[...store.parameters.keys()].filter((name) => !policyNames.includes(name)),
  ];
  return {
    policy: store.network(x, h, policyNames),
    value: v && store.network(x, v, valueNames),
    likelihood:
      actionSpace.kind === 'discrete'
        ? getLikelihood('categorical')
        : getLikelihood('gaussian-mv', {}, 'log-sd'),
    observationSpace,
    actionSpace,
  };
}

function head(store: Weights, body: Value, space: Space, sigma: string, logSigma: number): Value {
  if (space.kind === 'discrete') {
    if (space.n < 2) throw complaint('a policy has at least two actions to choose from', `${space.n}`);
    return store.dense('policy/out', body, space.n, 0.01);
  }
  const m = space.size;
  const bias = Float64Array.from({ length: 2 * m }, (_, i) => (i < m ? 0 : logSigma));
  if (sigma === 'network') return store.dense('policy/out', body, 2 * m, 0.01, bias);
  if (sigma !== 'independent') throw complaint("sigma is 'independent' or 'network'", sigma);
  const means = store.product('policy/out', body, m, 0.01);
  return b.add(b.pad(means, 1, 0, m), store.hold('policy/out.bias', [2 * m], bias));
}

/** Makes parameters and remembers them. */
class Weights {
  readonly parameters = new Map<string, Value>();
  private readonly tensors = new Map<string, Tensor>();

  constructor(
    private readonly dtype: FloatType,
    private readonly seed: number,
  ) {}

  hold(name: string, shape: number[], data: Float64Array): Value {
    const v = input(name, this.dtype, shape);
    this.parameters.set(name, v);
    this.tensors.set(name, castTensor(tensor('float64', shape, data), this.dtype));
    return v;
  }

  /** a Wᵀ. */
  product(name: string, a: Value, width: number, gain: number): Value {
    const from = a.shape[1] as number;
    const weight = orthogonal(width, from, gain, new Sequence(this.seed, `initialise/${name}`));
    return b.matmul(a, b.transpose(this.hold(`${name}.weight`, [width, from], weight), [1, 0]));
  }

  dense(name: string, a: Value, width: number, gain: number, bias = new Float64Array(width)): Value {
    const z = this.product(name, a, width, gain);
    return b.add(z, this.hold(`${name}.bias`, [width], bias));
  }

  network(x: Value, h: Value, names: readonly string[]): Network {
    return {
      inputs: new Map([['x', x]]),
      h,
      parameters: new Map(names.map((name) => [name, this.parameters.get(name) as Value])),
      fixed: new Map(),
      weights: new Map(names.map((name) => [name, this.tensors.get(name) as Tensor])),
    };
  }
}

function complaint(rule: string, got: string): FimError {
  return new FimError({ code: 'rl/policy', kind: 'usage', where: 'actorCritic', rule, got });
}
