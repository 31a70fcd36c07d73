/**
 * @module likelihood/bernoulli
 *
 * T independent yes-or-no outputs; h the logits, t(y) = y, p = 1/(1 + e^(−h)), q = 1/(1 + e^h), F = log(1 + e^h).
 *
 *   v = pq,   κ3 = pq(q − p),   κ4 = pq(1 − 6pq),   c = κ4 + 2v² = pq(q − p)²,   E(δ² − v)³ = pq(q − p)⁴
 *
 * A target y between 0 and 1 (`soft: expectation`) counts as E t(y): δ = y − p = yq − (1 − y)p, the gradient of its cross-entropy.
 *
 * δ² is q² with probability p and p² with probability q, and q² − v = q(q − p), p² − v = −p(q − p): the last two follow.
 * q − p = −tanh(h/2) keeps its digits at h = 0, pq at h = ±700.
 */
import { sigmoid, softplus } from '../core/numeric.js';
import { trialsInGraph } from './graph/independent.js';
import { Independent, type Univariate } from './independent.js';
import { canonical } from './link.js';
import type { Family } from './types.js';

const variance = (h: number) => sigmoid(h) * sigmoid(-h);
const tilt = (h: number) => -Math.tanh(h / 2);

const univariate: Univariate = {
  name: 'bernoulli',
  options: {},
  logPartition: softplus,
  mean: sigmoid,
  variance,
  third: (h) => variance(h) * tilt(h),
  fourth: (h) => variance(h) * (1 - 6 * variance(h)),
  squareVariance: (h) => variance(h) * tilt(h) ** 2,
  squareThird: (h) => variance(h) * tilt(h) ** 4,
  logProbability: (h, y) =>
    y === 0 || y === 1 ? -softplus(y === 1 ? -h : h) : -y * softplus(-h) - (1 - y) * softplus(h),
  residual: (h, y) => y * sigmoid(-h) - (1 - y) * sigmoid(h),
  quantile: (h, u) => (u > sigmoid(-h) ? 1 : 0),
  discrete: {
    offMode: (h) => sigmoid(-Math.abs(h)),
    stepDistance: (h, u) => Math.abs(u - sigmoid(-h)),
  },
  domain: null,
  inGraph: trialsInGraph(1),
  refuse(y, soft) {
    if (y === 0 || y === 1) return null;
    if (y > 0 && y < 1) {
      if (soft === 'expectation') return null;
      return {
        rule: 'a bernoulli target is 0 or 1',
        cause: 'smoothed or averaged labels',
        next: "`softTargets: 'expectation'` takes them as expectations of the label",
      };
    }
    const rule = 'a bernoulli target is 0 or 1';
    if (y === -1) return { rule, cause: 'labels coded as -1 and 1', next: 'save (y + 1) / 2' };
    if (Number.isInteger(y) && y > 1) {
      return {
        rule,
        cause: 'class numbers of a problem of several classes',
        next: "`likelihood: 'categorical'`",
      };
    }
    return { rule };
  },
};

/** T independent labels in {0, 1}, h their logits: F = Σ log(1 + eʰ). */
export const bernoulli: Family = {
  name: 'bernoulli',
  summary: 'T independent yes-or-no outputs; outputs are logits',
  aliases: ['binary', 'sigmoid', 'logistic', 'multilabel', 'bce', 'binary-cross-entropy'],
  options: [],
  links: [canonical('output = logit')],
  end: { inside: 'sigmoid', called: 'sigmoid', output: 'logits, one for each yes or no' },
  defaultLink: 'canonical',
  create: () => new Independent(univariate),
};
