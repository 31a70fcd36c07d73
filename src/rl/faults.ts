/**
 * @module rl/faults
 *
 * Faults inside an environment of the user's own are said as theirs: what they wrote and threw, which of many environments it was,
 * after how many steps. Every one is a `bad-input` complaint, so that a command ends with 3 and never calls it a fault of fim.
 */
import { errorStack, errorText } from '../core/error-text.js';
import { FimError } from '../core/errors.js';
import { nearest } from '../core/suggest.js';
import type { Sequence } from '../core/random.js';

/** Where an environment stands when something goes wrong. */
export interface Moment {
  /** The file it comes from, else its name. */
  readonly name: string;
  /** Steps of all environments before this one. */
  readonly steps: number;
  readonly random: Sequence | null;
}

/** The parts of dynamics that are called in a run. */
export type Part = 'reset' | 'step' | 'observe';

/** The fields of an outcome. */
export const OUTCOME_FIELDS = ['reward', 'terminated', 'truncated'] as const;

const FAULTS = new Set(['rl/environment-threw', 'rl/environment-number', 'rl/environment-returns']);

/** Whether `error` is the user's environment's: a comparison counts it and goes on. */
export function isEnvironmentFault(error: unknown): error is FimError {
  return error instanceof FimError && FAULTS.has(error.code);
}

function place({ random }: Moment): string {
  return `environment ${random?.index ?? 0}, seed ${random?.seed ?? 0}`;
}

/** What the user's code threw in `part`; an outcome's unknown field is answered with the known ones. */
export function threw(moment: Moment, part: Part, error: unknown): FimError {
  if (error instanceof ExitCalled) return exited(moment, part, error);
  const field = /Cannot add property (\S+), object is not extensible/.exec(messageOf(error))?.[1];
  if (part === 'step' && field !== undefined) return unknownOutcome(moment.name, field, error);
  const at = firstFrame(error);
  return new FimError(
    {
      code: 'rl/environment-threw',
      where: `${moment.name} threw in ${part} after ${moment.steps.toLocaleString('en')} steps (${place(moment)})`,
      rule: messageOf(error),
      ...(at === null ? {} : { got: at }),
    },
    { cause: error },
  );
}

function exited(moment: Moment, part: Part, error: ExitCalled): FimError {
  return new FimError(
    {
      code: 'rl/environment-threw',
      where: `${moment.name} called process.exit in ${part} after ${moment.steps.toLocaleString('en')} steps (${place(moment)})`,
      rule: 'an environment may end an episode, not the process',
      got: error.message,
      next: 'outcome.terminated = true, or throw an error that says what happened',
    },
    { cause: error },
  );
}

/** A reward or an observation that is no finite number, or an observation outside a discrete space. */
export function badNumber(
  moment: Moment,
  what: string,
  value: unknown,
  step: number,
  rule: string,
): FimError {
  const when = step === 0 ? 'at reset' : `at step ${step.toLocaleString('en')}`;
  return new FimError({
    code: 'rl/environment-number',
    where: moment.name,
    rule: `${what} ${String(value)} from environment ${moment.random?.index ?? 0} ${when}: ${rule}`,
    cause: `the environment gave it (seed ${moment.random?.seed ?? 0}, after ${moment.steps.toLocaleString('en')} steps in all); no learning rate did`,
    next: `look at what ${step === 0 ? 'reset' : 'step'} computes there: a root or logarithm of a negative number, a division by 0`,
  });
}

/** What a `step`, `reset` or `observe` returned that shows it was written for another interface. Null for anything harmless. */
export function badReturn(moment: Moment, part: Part, back: unknown): FimError | null {
  const says = returnProblem(part, back);
  if (says === null) return null;
  return new FimError({
    code: 'rl/environment-returns',
    where: moment.name,
    rule: says.text,
    got: says.got,
    next: says.next,
  });
}

/** As `badReturn`, in words. */
export function returnProblem(
  part: Part,
  back: unknown,
): { code: string; text: string; got: string; next: string } | null {
  if (typeof back !== 'object' || back === null) return null;
  if (typeof (back as { then?: unknown }).then === 'function') {
    // What it will reject with is said here already.
    (back as PromiseLike<unknown>).then(
      () => {},
      () => {},
    );
    return {
      code: `${part}-async`,
      text: `${part} must not be async: it has done its work when it returns`,
      got: 'a promise (a thenable) came back',
      next: `write ${part} without async and await; what takes time belongs into an async factory`,
    };
  }
  const fields = ['reward', 'terminated', 'truncated', 'done', 'observation', 'info', 'next_state'];
  if (part === 'step' && (Array.isArray(back) || fields.some((name) => name in back))) {
    return {
      code: 'step-returns',
      text: 'what step returns is not read: it sets outcome.reward, outcome.terminated and outcome.truncated, and observe writes the observation',
      got: Array.isArray(back)
        ? `a list of ${back.length} came back`
        : `an object with ${Object.keys(back).join(', ')} came back`,
      next: 'step(action, outcome, random) { outcome.reward = …; outcome.terminated = …; }',
    };
  }
  return null;
}

/** A field of an outcome that is none. */
export function unknownOutcome(name: string, field: string, cause?: unknown): FimError {
  return new FimError(
    {
      code: 'rl/environment-returns',
      where: name,
      rule: `an outcome has the fields ${OUTCOME_FIELDS.join(', ')}; step set another`,
      got: `outcome.${field}`,
      next: `outcome.${likeliestField(field)} = …`,
    },
    cause === undefined ? undefined : { cause },
  );
}

/** What was meant by an outcome's field. */
export function likeliestField(field: string): (typeof OUTCOME_FIELDS)[number] {
  if (/trunc|time|limit/i.test(field)) return 'truncated';
  if (/done|end|over|finish|fail/i.test(field)) return 'terminated';
  return (nearest(field, OUTCOME_FIELDS) ?? 'terminated') as (typeof OUTCOME_FIELDS)[number];
}

export function messageOf(error: unknown): string {
  const text = errorText(error);
  return text === '' ? 'an error without a message' : text.split('\n')[0];
}

/** The first line of a stack, `at step (env.mjs:7:13)`; null where there is none. Paths of modules are shown as the file's own. */
export function firstFrame(error: unknown): string | null {
  const stack = error instanceof Error ? errorStack(error) : '';
  const line = stack.split('\n').find((l) => /^\s*at /.test(l));
  return line?.trim() ?? null;
}

/** What the factory threw. A class is answered with the function that makes one. */
export function factoryThrew(name: string, error: unknown): FimError {
  const at = firstFrame(error);
  const isClass = /^Class constructor (\S+) cannot be invoked without 'new'/.exec(messageOf(error));
  return new FimError(
    {
      code: 'rl/environment-threw',
      where: `${name} threw in its factory`,
      rule: messageOf(error),
      ...(at === null ? {} : { got: at }),
      ...(isClass ? { next: `export default () => new ${isClass[1]}();` } : {}),
    },
    { cause: error },
  );
}

/** Thrown in place of a `process.exit` in the user's code. */
export class ExitCalled extends Error {}
