/**
 * Steps per second of environments beside a plain loop over the bare simulator, interleaved in one run; medians of CPU time, which
 * a busy machine does not inflate. The ratio of workers is of wall time, since that is what they are for.
 * Usage: npx vite-node bench/environments.ts [rounds] [ID …] (after a build: workers run dist/)
 */
import { availableParallelism } from 'node:os';
import { Sequence } from '../src/core/random.js';
import type { Creature } from '../src/rl/mujoco/creature.js';
import { listEnvironments, make, randomAction, type VectorEnvironment } from '../src/rl/index.js';
// Workers need compiled code, and so does a comparison with them.
const built = (await import(
  new URL('../dist/rl/index.js', import.meta.url).href
)) as typeof import('../src/rl/index.js');

const only = process.argv.slice(2).filter((a) => /-v\d+$/.test(a));
const rounds = Number(process.argv.find((a) => /^\d+$/.test(a)) ?? 5);

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/** Steps a second of CPU time. */
function rate(steps: number, run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (steps / (user + system)) * 1e6;
}

const count = (v: number): string => (v >= 1e6 ? `${(v / 1e6).toFixed(1)} M` : `${(v / 1e3).toFixed(1)} k`);
const row = (...cells: (string | number)[]): void => console.log(`| ${cells.join(' | ')} |`);

console.log(`node ${process.version}, ${availableParallelism()} cores, ${rounds} rounds\n`);
row('environment', 'stepInto', 'step', 'bare simulator', 'stepInto / bare');
row('---', '---:', '---:', '---:', '---:');
for (const { id, family } of listEnvironments()) {
  if (only.length > 0 && !only.includes(id)) continue;
  const env = await make(id);
  const physical = family === 'MuJoCo';
  const steps = physical ? 500 : 400_000;
  const random = new Sequence(1, 'bench');
  const actions = Array.from({ length: 256 }, () => randomAction(env.actionSpace, random));
  const observation = env.reset({ seed: 0 }).observation;
  const out = { observation, reward: 0, terminated: false, truncated: false };
  const outcome = { reward: 0, terminated: false };
  // Where episodes ended in the first pass: the bare loop starts anew at the same places, on the same trajectory.
  const ends: number[] = [];
  const { dynamics } = env;
  const tasks = [
    () => {
      ends.length = 0;
      env.resetInto(observation, 0, { seed: 0 });
      for (let i = 0; i < steps; i++) {
        env.stepInto(actions[i & 255], out);
        if (!out.terminated && !out.truncated) continue;
        ends.push(i);
        env.resetInto(observation, 0);
      }
    },
    () => {
      env.reset({ seed: 0 });
      for (let i = 0; i < steps; i++) {
        const r = env.step(actions[i & 255]);
        if (r.terminated || r.truncated) env.reset();
      }
    },
    () => {
      // Nothing but the simulator: no checks, time limits, observations, rewards of the wrapper.
      const stream = new Sequence(0, `environment ${id}`);
      dynamics.reset(stream);
      let next = 0;
      const frames = physical
        ? Math.round((dynamics as Creature).dt / (dynamics as Creature).simulation.timestep)
        : 0;
      for (let i = 0; i < steps; i++) {
        if (physical) {
          const { simulation } = dynamics as Creature;
          simulation.ctrl.now.set(actions[i & 255]);
          simulation.advance(frames);
        } else dynamics.step(actions[i & 255], outcome, stream);
        if (ends[next] !== i) continue;
        next++;
        dynamics.reset(stream);
      }
    },
  ];
  const seen: number[][] = tasks.map(() => []);
  for (const task of tasks) task();
  for (let r = 0; r < rounds; r++) tasks.forEach((task, k) => seen[k].push(rate(steps, task)));
  const [into, whole, bare] = seen.map(median);
  row(id, count(into), count(whole), count(bare), (into / bare).toFixed(2));
  env.close();
}

console.log(
  '\nWorkers, 16 environments, wall time; only rounds in which the machine gave every thread its core:\n',
);
row('environment', '1 (in process)', '2 workers', 'ratio');
row('---', '---:', '---:', '---:');
for (const [id, steps, busy] of [
  // What share of a core a thread is busy, of the wall time: a free one takes nearly all, waiting for tiny steps less.
  ['CartPole-v1', 5_000, 0.7],
  ['HalfCheetah-v5', 60, 0.9],
] as const) {
  const random = new Sequence(1, 'bench');
  const seen: number[][] = [[], []];
  const vectors: VectorEnvironment[] = [];
  for (const workers of [1, 2]) vectors.push(await built.makeVector(id, { n: 16, workers }));
  const actions = Array.from({ length: 64 }, () =>
    Float64Array.from(
      Array.from({ length: 16 }, () => [...randomAction(vectors[0].actionSpace, random)]).flat(),
    ),
  );
  const begun = performance.now();
  for (let r = 0; performance.now() - begun < 60_000 && seen.some((s) => s.length < 3 * rounds); r++) {
    vectors.forEach((v, k) => {
      v.reset({ seed: r });
      const cpu = process.cpuUsage();
      const start = performance.now();
      for (let i = 0; i < steps; i++) v.step(actions[i & 63]);
      const seconds = (performance.now() - start) / 1e3;
      const { user, system } = process.cpuUsage(cpu);
      const given = (user + system) / 1e6 / seconds;
      if (r > 1 && given > busy * v.workers) seen[k].push((16 * steps) / seconds);
    });
  }
  for (const v of vectors) v.close();
  const [one, two] = seen.map((s) => (s.length > 0 ? median(s) : NaN));
  row(id, count(one), count(two), (two / one).toFixed(2));
  console.error(`${id}: ${seen[0].length} and ${seen[1].length} such rounds`);
}
