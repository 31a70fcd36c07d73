/**
 * @module rl/check-spy
 *
 * Dynamics that are looked at while they are checked: the same calls, with what they return and which fields of the outcome they set
 * written down, and whether Math.random was called meanwhile.
 */
import { returnProblem, OUTCOME_FIELDS, type Part } from './faults.js';
import type { Dynamics, Outcome } from './types.js';

export interface Seen {
  /** What came back that shows another interface, by its code. */
  readonly returned: Map<string, string>;
  /** Fields that were set on the outcome and are none. */
  readonly stray: Set<string>;
  /** Whether observe gave something back beside writing, or instead of it. */
  observeReturns: boolean;
  /** Which call is going on, or threw. */
  part: Part;
  /** Calls of step. */
  steps: number;
  /** Calls of Math.random. */
  mathRandom: number;
}

/** The dynamics with every call written down in `seen`. */
export function spied(dynamics: Dynamics): { readonly dynamics: Dynamics; readonly seen: Seen } {
  const seen: Seen = {
    returned: new Map(),
    stray: new Set(),
    observeReturns: false,
    part: 'reset',
    steps: 0,
    mathRandom: 0,
  };
  const look = (part: Part, back: unknown): void => {
    const problem = returnProblem(part, back);
    if (problem !== null) seen.returned.set(problem.code, `${problem.text} (${problem.got})`);
  };
  const own = {
    reset: (random) =>
      look(
        'reset',
        counted(seen, 'reset', () => dynamics.reset(random)),
      ),
    step(action, outcome, random) {
      const loose: Outcome = { reward: 0, terminated: false, truncated: false };
      look(
        'step',
        counted(seen, 'step', () => dynamics.step(action, loose, random)),
      );
      seen.steps++;
      for (const name of Object.keys(loose))
        if (!(OUTCOME_FIELDS as readonly string[]).includes(name)) seen.stray.add(name);
      outcome.reward = loose.reward;
      outcome.terminated = !!loose.terminated;
      outcome.truncated = !!loose.truncated;
    },
    observe(out, offset) {
      const back = counted(seen, 'observe', () => dynamics.observe(out, offset));
      look('observe', back);
      if (typeof back === 'object' && back !== null && back !== out && 'length' in back)
        seen.observeReturns = true;
    },
  } satisfies Partial<Dynamics>;
  // Everything else is the dynamics' own, `this` included. (The proxy is of nothing, since dynamics may be frozen.)
  const handler: ProxyHandler<Dynamics> = {
    get(_, name) {
      if (Object.hasOwn(own, name)) return own[name as keyof typeof own];
      const value: unknown = Reflect.get(dynamics, name, dynamics);
      return typeof value === 'function' ? (value as () => unknown).bind(dynamics) : value;
    },
  };
  return { dynamics: new Proxy({} as Dynamics, handler), seen };
}

/** Calls `f`, counting how often it calls Math.random. */
function counted(seen: Seen, part: Part, f: () => unknown): unknown {
  seen.part = part;
  // Watched, not used: whoever calls it breaks every promise of reproducibility.
  const source = Math as { random: () => number };
  const original = source.random;
  source.random = () => {
    seen.mathRandom++;
    return original.call(Math);
  };
  try {
    return f();
  } finally {
    source.random = original;
  }
}
