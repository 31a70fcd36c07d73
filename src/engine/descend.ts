/**
 * @module engine/descend
 *
 * One step of a first-order optimiser on a slot, in place: what stores share of `descend`. d = g · scale throughout.
 *
 *   sgd      u ← μu + d                                        θ ← θ − ηu   (u = d where there is no momentum)
 *   rmsprop  v ← αv + (1−α)d²                                  θ ← θ − ηd/√(v + ε), or ηd/(√v + ε)
 *   adam     m ← β₁m + (1−β₁)d,  v ← β₂v + (1−β₂)d²            θ ← θ − ηm/(√v + ε)
 */
import { FimError } from '../core/errors.js';
import type { FloatArray, TypedArray } from '../core/tensor.js';

/** A first-order rule with its settings; the formulas stand at the head of engine/descend. */
export type DescentRule =
  | {
      /** Gradient descent, with momentum where that is not 0. */
      readonly kind: 'sgd';
      /** Learning rate η. */
      readonly rate: number;
      /** Momentum μ. */
      readonly momentum: number;
    }
  | {
      /** By the root of a running mean square. */
      readonly kind: 'rmsprop';
      /** Learning rate η. */
      readonly rate: number;
      /** Decay α of the running mean square. */
      readonly alpha: number;
      /** ε. */
      readonly epsilon: number;
      /** Whether ε is added under the root, √(v + ε), as TensorFlow does; else outside it, √v + ε, as PyTorch does. */
      readonly epsilonInside: boolean;
    }
  | {
      /** By running means of the gradient and of its square. */
      readonly kind: 'adam';
      /** Learning rate η, bias corrections included. */
      readonly rate: number;
      /** Decay β₁ of the running mean of the gradient. */
      readonly beta1: number;
      /** Decay β₂ of the running mean of its square. */
      readonly beta2: number;
      /** ε, added to √v. */
      readonly epsilon: number;
    };

/** One step of one parameter. */
export interface DescentStep {
  /** Slot names; state: u where there is momentum, v, or m and v. */
  readonly parameter: string;
  /** Names of the slots that hold the rule's state, each as long as the parameter. */
  readonly state: readonly string[];
  /** ∂L/∂θ in the slot's type, an output of a program of the same engine or any other array [size of the parameter]. */
  readonly gradient: TypedArray;
  /** Of the gradient. */
  readonly scale: number;
}

/** Slots that a rule keeps beside a parameter. */
export function stateCount(rule: DescentRule): number {
  return rule.kind === 'adam' ? 2 : rule.kind === 'rmsprop' || rule.momentum !== 0 ? 1 : 0;
}

/** Throws `engine/slot` unless state (its lengths: `a`, `b`) and gradient are as long as the parameter. Allocates nothing. */
export function checkDescent(
  rule: DescentRule,
  step: DescentStep,
  length: number,
  a = length,
  b = length,
): void {
  const { state, gradient, parameter } = step;
  const count = stateCount(rule);
  if (state.length === count && a === length && b === length && gradient.length === length) return;
  throw new FimError({
    code: 'engine/slot',
    where: `store.descend("${parameter}")`,
    rule: `${rule.kind} takes ${count} state slots and a gradient, each of ${length} elements`,
    got: `${state.length} state slots, lengths ${[a, b].slice(0, state.length).join(', ') || '(none)'}, and a gradient of ${gradient.length}`,
  });
}

/** The step in plain loops. */
export function descendPlainly(
  rule: DescentRule,
  p: FloatArray,
  [a, b]: readonly FloatArray[],
  g: FloatArray,
  scale: number,
): void {
  const { rate } = rule;
  switch (rule.kind) {
    case 'sgd':
      for (let i = 0; i < p.length; i++) {
        let d = g[i] * scale;
        if (rule.momentum !== 0) d = a[i] = a[i] * rule.momentum + d;
        p[i] -= d * rate;
      }
      return;
    case 'rmsprop': {
      const { alpha, epsilon, epsilonInside } = rule;
      for (let i = 0; i < p.length; i++) {
        const d = g[i] * scale;
        a[i] = a[i] * alpha + d * d * (1 - alpha);
        p[i] -= (d * rate) / (epsilonInside ? Math.sqrt(a[i] + epsilon) : Math.sqrt(a[i]) + epsilon);
      }
      return;
    }
    case 'adam': {
      const { beta1, beta2, epsilon } = rule;
      for (let i = 0; i < p.length; i++) {
        const d = g[i] * scale;
        a[i] = a[i] * beta1 + d * (1 - beta1);
        b[i] = b[i] * beta2 + d * d * (1 - beta2);
        p[i] -= (a[i] * rate) / (Math.sqrt(b[i]) + epsilon);
      }
    }
  }
}
