/** Where parameters meet data, in one pass for all: against one pass of `dependents` for each. */
import { describe, expect, it } from 'vitest';
import { Sequence } from '../core/random.js';
import * as b from './build.js';
import { dependents, nodesOf } from './derive.js';
import { batchAxis, N } from './dims.js';
import { meetingsOf, reaching, readersOf, type Use } from './readers.js';
import { input, type Value } from './value.js';

/** Values of parameters alone, of data, and of both, by operators with a derivative, without one, and of whole numbers. */
function randomGraph(s: Sequence): { h: Value; parameters: Value[] } {
  const parameters = Array.from({ length: 6 }, (_, i) => input(`p${i}`, 'float64', [3]));
  const values: Value[] = [...parameters, input('x', 'float64', [N, 3])];
  const pick = (): Value => values[s.integer(values.length)];
  for (let i = 0; i < 25; i++) {
    const one = pick();
    const made = [
      () => b.add(one, pick()),
      () => b.mul(one, one),
      () => b.tanh(one),
      () => b.sign(one),
      () => b.cast(b.cast(one, 'int64'), 'float64'),
      () => b.where(b.less(one, pick()), pick(), one),
    ][s.integer(6)]();
    values.push(made);
  }
  const last = values.slice(-4).reduce((sum, v) => b.add(sum, v));
  return { h: b.add(last, values[parameters.length]), parameters };
}

/** By the definition: nodes with the examples that a derivative reaches, by operands without them that it reaches. */
function bySearch(h: Value, parameter: Value): Use[] {
  const nodes = nodesOf([h]);
  const reached = dependents(nodes, [parameter]);
  return nodes.flatMap((node) =>
    batchAxis(node.output.shape) < 0 || !reached.has(node.output)
      ? []
      : node.inputs.flatMap((operand, inputIndex) =>
          batchAxis(operand.shape) < 0 && reached.has(operand) ? [{ node, inputIndex, operand }] : [],
        ),
  );
}

describe('readers', () => {
  it('meetings and reach of every parameter are those of a pass for each, in 200 random graphs', () => {
    const s = new Sequence(7, 'readers');
    let met = 0;
    let apart = 0;
    for (let k = 0; k < 200; k++) {
      const { h, parameters } = randomGraph(s);
      const nodes = nodesOf([h]);
      const meetings = meetingsOf(nodes, readersOf(nodes));
      const reach = reaching(nodes, h);
      for (const p of parameters) {
        const expected = bySearch(h, p);
        expect(meetings.get(p) ?? []).toEqual(expected);
        const reaches = dependents(nodes, [p]).has(h);
        expect(reach.has(p)).toBe(reaches);
        met += expected.length;
        apart += Number(!reaches);
      }
    }
    expect(met).toBeGreaterThan(500);
    expect(apart).toBeGreaterThan(50);
  });

  it('a chain of 50,000 parameters takes one pass', () => {
    let v = input('x', 'float64', [N, 3]);
    const parameters = Array.from({ length: 50_000 }, (_, i) => input(`p${i}`, 'float64', [3]));
    for (const p of parameters) v = b.add(v, p);
    let sum = parameters[0];
    for (const p of parameters) sum = b.mul(sum, p);
    const h = b.mul(v, sum);
    const nodes = nodesOf([h]);
    const meetings = meetingsOf(nodes, readersOf(nodes));
    expect(meetings.get(parameters[49_999])).toHaveLength(2);
    expect(meetings.get(parameters[0])).toHaveLength(2);
  });
});
