/**
 * @module optim/optimiser
 *
 * A first-order optimiser says which rule a step follows, at which rates, and what it keeps beside each parameter; stores do the step
 * (`Store.descend`).
 */
import type { DescentRule } from '../engine/index.js';

/** What an optimiser keeps beside a parameter. */
export interface StateSlot {
  /** Name of the slot. */
  readonly slot: string;
  /** What every element starts at. */
  readonly initial: number;
}

/** A rule for a step from a gradient, as a graph with its state in slots. */
export interface Optimiser {
  /** Its name, for logs. */
  readonly name: string;
  /** State of parameter `name`, in the order of the rule. */
  state(name: string): readonly StateSlot[];
  /** The rule of step t = 1, 2, … at a learning rate. */
  rule(step: number, learningRate: number): DescentRule;
}
