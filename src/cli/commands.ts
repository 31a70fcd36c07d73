/**
 * @module cli/commands
 *
 * The commands by name: what they are for, what stands after them, what to try. Their bodies live in `commands/` and are
 * loaded when they run, so that `fim --help` answers at once. Their options are the rows of the settings table that
 * name them.
 */

import type { JobName } from '../settings/jobs.js';

/** An argument by place. */
export interface Positional {
  readonly name: string;
  readonly help: string;
  readonly optional?: boolean;
  /** Takes all words from here on, one at least; the last. */
  readonly many?: boolean;
}

export interface CommandSpec {
  readonly summary: string;
  /** Sentences for help and the manual, one paragraph each. */
  readonly description: readonly string[];
  readonly positionals: readonly Positional[];
  readonly examples: readonly { readonly line: string; readonly says: string }[];
}

export const COMMANDS = {
  demo: {
    summary: 'train a small network on digits and see what its Fisher estimate is worth',
    description: [
      'Trains a small network on handwritten digits, then estimates its Fisher information twice: from one sampled label per example, and by the exact sum over labels. Shows both with their intervals, how the error of the first grows as the network becomes confident, and how it closes as 1/√N.',
    ],
    positionals: [],
    examples: [{ line: 'fim demo', says: 'everything by default, in under a minute' }],
  },
  train: {
    summary: 'train a dense network and save it as ONNX',
    description: [
      'Trains a fully connected network on DATA (handwritten digits by default) and writes it as ONNX with its likelihood as metadata, ready for `fim inspect` and `fim estimate`.',
    ],
    positionals: [
      { name: 'data', help: '.npz, .csv, .parquet or IDX file with inputs and targets', optional: true },
    ],
    examples: [
      { line: 'fim train --hidden 128,128 --out digits.onnx', says: 'a digits network of two hidden layers' },
      {
        line: 'fim train mine.npz --likelihood gaussian --variance 1 --out mine.onnx',
        says: 'a regression on data of your own',
      },
    ],
  },
  inspect: {
    summary: 'list layers, parameters and sites of a network, and what fim covers',
    description: [
      'Reads MODEL and lists its layers, which initialisers are parameters and which are not, with the reason, where each parameter meets data. Where it cannot be estimated, all obstacles are listed at once (opset, inputs, batch, outputs, operators, those of bodies too), each with a next step, and the exit code is 1.',
    ],
    positionals: [{ name: 'model', help: '.onnx file' }],
    examples: [{ line: 'fim inspect model.onnx', says: 'what an estimate of this model would cover' }],
  },
  estimate: {
    summary: 'estimate the Fisher information of a network, every number with its error',
    description: [
      'Reads MODEL and DATA and estimates the diagonal of the Fisher information matrix: mean over examples, sum over outputs. Every number comes with its standard error, split into the part due to sampled labels and the part due to the finite data.',
      'Ctrl-C ends with what is known so far; examples are visited in random order, so that is a valid estimate too.',
    ],
    positionals: [
      { name: 'model', help: '.onnx file' },
      {
        name: 'data',
        help: '.npz, .csv, .parquet or IDX file with the inputs (and targets, for the empirical Fisher)',
      },
    ],
    examples: [
      {
        line: 'fim estimate model.onnx data.npz --likelihood categorical',
        says: 'the trace and each tensor’s share',
      },
      {
        line: 'fim estimate model.onnx data.npz --likelihood categorical --out fisher.npz --report fisher.html',
        says: 'every entry and its errors as arrays, and a page to look at',
      },
      {
        line: 'fim estimate model.onnx data.npz --likelihood gaussian --variance 0.5 --target-error 2%',
        says: 'as many examples as a 2 % error needs',
      },
      {
        line: 'fim estimate model.onnx data.npz --likelihood categorical --shard 1/4 --out part-1.sums.npz',
        says: 'a quarter of the examples, for `fim merge`',
      },
    ],
  },
  merge: {
    summary: 'put shards of an estimate, or the tasks of a folder, together',
    description: [
      'Reads files of sums, as `fim estimate --shard I/N --out FILE` writes them on any machine, and prints what `fim estimate` prints over all examples; the sums of any shards add up to those of the single run to rounding, in any order. Parts of another network, other parameters, data or settings are refused by name, and so is a part that comes twice. Missing shards are listed (exit code 1).',
      'Given the folder of prepared work, it writes and prints what the command that prepared it writes and prints. Where tasks are missing it names them and ends with exit code 1; `--partial` takes what is there.',
    ],
    positionals: [
      { name: 'file', help: '.npz or .safetensors file of sums, or the folder of prepared work', many: true },
    ],
    examples: [
      {
        line: 'fim merge part-1.sums.npz part-2.sums.npz --out fisher.npz',
        says: 'two halves that ran by themselves',
      },
      { line: 'fim merge part-1.sums.npz --partial --json', says: 'what one of them says alone' },
    ],
  },
  compile: {
    summary: 'write the graph of a Fisher statistic as an ONNX file that any runtime runs',
    description: [
      'Reads MODEL and writes the graph that its Fisher statistics are computed by as an ONNX file of its own: data in, sums over the examples of the batch out, the likelihood’s columns inside, the weights as initialisers under their names. Standard operators only, so that Python, C++, Rust or a browser run it without fim; sums of batches add up.',
      'Every input and output is in docs/compile.md, and in the file’s metadata under `fim.fisher`.',
    ],
    positionals: [{ name: 'model', help: '.onnx file' }],
    examples: [
      {
        line: 'fim compile model.onnx --likelihood categorical -o fisher.onnx',
        says: 'the diagonal, its squares and the traces',
      },
      {
        line: 'fim compile model.onnx --likelihood categorical --statistic factors -o kfac.onnx',
        says: 'Kronecker factors',
      },
    ],
  },
  spectrum: {
    summary: 'eigenvalues, trace, norm, log-determinant and effective dimension of a Fisher, with errors',
    description: [
      'Reads MODEL and DATA, or a Fisher that `fim estimate --out` wrote, and prints the largest eigenvalues of the matrix, its trace and Frobenius norm, log det(F + λI) and the effective dimension tr F(F + λI)⁻¹. Of a network it forms the whole matrix for up to 4,096 parameters, else takes products with it alone; which, is said.',
      'None but the trace is a mean over examples, so a plug-in value is biased: each stands beside the value corrected by a jackknife over groups of examples, with its error and interval. Where half-samples say that the correction is not to be trusted, a log-determinant or an effective dimension is `unresolved`: it needs more examples.',
    ],
    positionals: [
      { name: 'model', help: '.onnx file, or a file of a Fisher (.npz, .safetensors)' },
      { name: 'data', help: '.npz, .csv or IDX file with the inputs; none beside a Fisher', optional: true },
    ],
    examples: [
      {
        line: 'fim spectrum model.onnx data.npz --likelihood categorical --top 20 --damping 0.01',
        says: 'twenty eigenvalues and the rest',
      },
      { line: 'fim spectrum fisher.npz --json', says: 'of a file that `fim estimate --out` wrote' },
    ],
  },
  solve: {
    summary: 'solve (F + λI) u = v for vectors of a file, by a Fisher of a file or of a network',
    description: [
      'Reads FISHER, which `fim estimate --out` wrote in any form, and right-hand sides, arrays named as the parameters or one array [m, P] in their order, and writes the solutions in the same names and shapes. λ is added to the matrix on its scale, the mean over examples.',
      'MODEL and DATA in place of FISHER: by conjugate gradients, with products over the examples, to a relative residual of 1e-6. No matrix is formed, whatever P.',
    ],
    positionals: [
      { name: 'fisher', help: 'file of a Fisher (.npz, .safetensors), or .onnx file' },
      { name: 'data', help: '.npz, .csv or IDX file with the inputs; none beside a Fisher', optional: true },
    ],
    examples: [
      {
        line: 'fim solve model.onnx data.npz --rhs gradient.npz --damping 0.01 --likelihood categorical',
        says: 'by products with the matrix alone',
      },
      {
        line: 'fim solve fisher.npz --rhs gradient.npz --damping 0.01 --out step.npz',
        says: 'a natural gradient',
      },
    ],
  },
  compare: {
    summary: 'two Fishers side by side: distance, cosine, traces, the largest entries',
    description: [
      'Reads two files that `fim estimate --out` wrote, in any forms, and prints the relative distance ‖F − F′‖/‖F‖ of the second from the first, their cosine, the ratio of their traces, and how many of the largest entries of the diagonal they share: the true Fisher against the empirical one in one line.',
      'Errors come from the sums by group of examples that the files hold: of the same data visited in the same order, group by group of both at once, which takes out what they have in common; else as of two independent samples. Which, is said.',
      'MODEL and DATA in place of the second: the file against the Fisher of all columns over the examples, by products with random signs, whose error is told; there is none of the examples. So a form is held against all of the matrix, terms between layers too, whatever P.',
    ],
    positionals: [
      { name: 'a', help: 'file of a Fisher (.npz, .safetensors)' },
      { name: 'b', help: 'another, or .onnx file' },
      {
        name: 'data',
        help: '.npz, .csv or IDX file with the inputs; none beside two Fishers',
        optional: true,
      },
    ],
    examples: [
      { line: 'fim compare true.npz empirical.npz', says: 'what the wrong labels do' },
      {
        line: 'fim compare kfac.npz model.onnx data.npz --likelihood categorical',
        says: 'what a form leaves out of the whole matrix',
      },
    ],
  },
  verify: {
    summary: 'hold a Fisher of a file against the divergences of its network: is the scale right?',
    description: [
      'Moves the network by ±ε along directions d and prints, for each, the mean of KL(p_θ ‖ p_θ+εd) over the data divided by ½ε²dᵀFd, as ε goes to 0, in float64: 1 where the matrix is the Fisher. A matrix twice too large, a sum for a mean, a batch that was divided by, a σ² left out or the empirical matrix in place of the Fisher give another ratio. Exit code 1 where a ratio is off 1 by more than 3 errors and 2 %.',
      'Directions are such as the form answers for: of a dense matrix or block its top eigenvectors and random ones, of blocks by neuron one neuron’s, of a diagonal single coordinates, of ekfac vectors of its basis. What is between two blocks no form keeps. Factors of kfac are exact for the bias of a layer with one position an example; elsewhere the ratio is shown as approximate, and not judged.',
      'Of the same data the errors are paired, group by group of examples, and a direction that the matrix chose is judged by examples that did not choose it. The examples weigh the same.',
      'Without FISHER the products with the matrix of MODEL over DATA are verified, in random and top directions.',
    ],
    positionals: [
      { name: 'fisher', help: 'file of a Fisher (.npz, .safetensors); may be left out' },
      { name: 'model', help: '.onnx file' },
      { name: 'data', help: '.npz, .csv or IDX file with the inputs', optional: true },
    ],
    examples: [
      {
        line: 'fim verify fisher.npz model.onnx data.npz --likelihood categorical',
        says: 'a ratio for each direction',
      },
    ],
  },
  variance: {
    summary: 'per layer: the Fisher, the variance of both classical estimators, bounds, and what to use',
    description: [
      'Reads MODEL and DATA and prints for each layer, over its diagonal entries and for one label per example: the Fisher, the standard deviation of type 1 (squared scores) and type 2 (negative second derivatives), the tightest certified bound of each, and the estimator that gives the least variance for its operations. All in closed form, with standard errors over the inputs; no label is drawn. The flag `--variance` is another thing: the known variance σ² of a Gaussian’s outputs.',
      'A second table takes each layer, and the whole network, as one block with all its entries off the diagonal: the Frobenius norm of the Fisher, the standard errors of its estimates by one label of either type at each of the inputs visited, in Frobenius norm, and how many inputs a relative error takes: in root mean square, and at a given confidence by Chebyshev’s inequality whatever the law. Exact where that is affordable, else by probes, with their own error; which, is said. `--json` adds every bound by name, sample sizes of the trace, the labels an input that cost least, and Z-eigenvalues, which are estimates.',
    ],
    positionals: [
      { name: 'model', help: '.onnx file' },
      { name: 'data', help: '.npz, .csv, .parquet or IDX file with the inputs' },
    ],
    examples: [
      {
        line: 'fim variance model.onnx data.npz --likelihood categorical',
        says: 'which estimator suits which layer',
      },
    ],
  },
  forms: {
    summary: 'how far each form of the Fisher is from the Fisher itself, layer by layer',
    description: [
      'Reads MODEL and DATA and prints for each layer and each form (`diagonal`, `unit`, `block`, `kfac`, `ekfac`) the distance ε = ‖F − F̂‖/‖F‖ of what the form keeps from the Fisher of the layer, in Frobenius norm, with its standard error; the numbers that it keeps; the seconds that it takes. And which form to use, with the reason. No matrix of the size of a layer is formed.',
      'ε is estimated from 512 examples by products of different examples, without the bias of small samples, its error by a jackknife over 20 groups. With `--population data` and all examples it is that of the data, without error.',
    ],
    positionals: [
      { name: 'model', help: '.onnx file' },
      { name: 'data', help: '.npz, .csv or IDX file with the inputs' },
    ],
    examples: [
      {
        line: 'fim forms model.onnx data.npz --likelihood categorical',
        says: 'what each form leaves out, layer by layer',
      },
      {
        line: 'fim forms model.onnx data.npz --likelihood categorical --forms diagonal,kfac --report forms.html',
        says: 'two of them, and a page to look at',
      },
    ],
  },
  plan: {
    summary: 'what an estimate at a given error takes, by each estimator, before it is spent',
    description: [
      'Runs a short pilot on MODEL and DATA and says how many inputs and labels each estimator needs for a relative error of the trace, and how many seconds that costs on this machine.',
    ],
    positionals: [
      { name: 'model', help: '.onnx file' },
      { name: 'data', help: '.npz, .csv, .parquet or IDX file with the inputs' },
    ],
    examples: [
      {
        line: 'fim plan model.onnx data.npz --likelihood categorical --target-error 2%',
        says: 'what 2 % of the trace costs',
      },
    ],
  },
  sweep: {
    summary: 'how activation, depth, width and scale move the variance of the Fisher',
    description: [
      'Varies one factor at a time around a base point, over several initialisations, and profiles every layer on digits: the Fisher, the standard deviation of type 1 and type 2, and their bounds. Writes a page with figures, each figure as SVG, and the numbers as CSV.',
    ],
    positionals: [],
    examples: [
      { line: 'fim sweep', says: 'everything by default, at initialisation, in a few minutes' },
      {
        line: 'fim sweep --activations tanh,gelu --depths 4 --widths 64 --scales 1 --after-epochs 3',
        says: 'two activations after training',
      },
    ],
  },
  reproduce: {
    summary: 'name the line that repeats a study of the papers in a clone',
    description: [
      'Studies run in a clone of the repository, by `npm run study -- STUDY [options]`; `fim reproduce` prints that line and ends with exit code 2.',
      'STUDY is `variance`: the Fisher and the variance of both estimators, layer by layer, while networks learn digits, with consistency and what an error of the Fisher does to its uses; `intervals`: how often the printed intervals cover, for uniform and weighted visits, and what runs to a target error keep; `shipped`: networks that npm packages ship, read, compared with ONNX Runtime and estimated; `natural-gradient-toy`: natural gradient descent with either estimate on two parameters; `rank1`: SMAC, A2C, PPO, TRPO, NPG, ACKTR and Woodbury, tuned alike and run under the same conditions; `rank1-theory`: the rank-1 inverse of the Fisher, the policy gradient and the natural gradient where return, gradient and Fisher are exact; or `rank1-cost`: time and memory of six inverses of the Fisher, whether their steps depend on how a policy is written, and whether steps are as long in KL as asked. Writes a page with figures, each figure as SVG, and the numbers as CSV and JSON.',
      'What came out, and what of the papers it confirms, is in docs/variance.md, docs/rank1.md, docs/rank1-theory.md and docs/rank1-cost.md.',
    ],
    positionals: [
      {
        name: 'study',
        help: 'variance, natural-gradient-toy, intervals, shipped, rank1, rank1-theory or rank1-cost',
      },
    ],
    examples: [
      { line: 'npm run study -- variance', says: 'about half an hour on two cores' },
      { line: 'npm run study -- natural-gradient-toy', says: 'a minute' },
      {
        line: 'npm run study -- rank1 --preset hour',
        says: 'half an hour to an hour on two cores; --preset full is the whole',
      },
      { line: 'npm run study -- rank1-theory', says: 'about ten minutes on one core' },
      { line: 'npm run study -- rank1-cost', says: 'about half an hour of one core' },
    ],
  },
  work: {
    summary: 'do the tasks of a folder, or of Redis, beside any number of other processes',
    description: [
      'Takes tasks of DIR, which `--prepare` made, one by one until none is left. Any number of processes on any number of machines that share the file system may do so at a time; each task is done by one of them. Whoever dies is replaced: where a worker has been silent for `--stale-after`, another takes its task over. Ctrl-C and SIGTERM give the task back, with what was reached where the work can go on from there.',
      'A task that fails is tried again, and given up after `--attempts`; it stops no other. Workers of another version of fim, or that find other files than the work was prepared with, refuse. The tasks of a study are those of a module of the clone that prepared it, and are done where that clone is.',
      'With `--redis URL` instead of DIR it takes tasks that `fim submit DIR --redis URL` put there, of any folder, until it is stopped. No file system need be shared: what tasks read comes through Redis, or lies in `--data-path`.',
    ],
    positionals: [
      { name: 'dir', help: 'folder that the work was prepared in; none with --redis', optional: true },
    ],
    examples: [
      { line: 'fim work runs/sweep', says: 'one worker; run the line as often as there are cores' },
      { line: 'fim work runs/sweep --index 3', says: 'the fourth task alone' },
      {
        line: 'fim work --redis redis://head:6379',
        says: 'a worker on a machine that shares no file system',
      },
    ],
  },
  status: {
    summary: 'say how far the tasks of a folder are',
    description: [
      'Counts the tasks of DIR that are done, at work and given up, with what these said, and says how long the rest takes with the workers that are at it.',
    ],
    positionals: [{ name: 'dir', help: 'folder that the work was prepared in' }],
    examples: [{ line: 'fim status runs/sweep', says: 'how far it is' }],
  },
  submit: {
    summary: 'hand the tasks of a folder to Slurm, Redis or Kubernetes',
    description: [
      '`--slurm` writes two scripts into DIR/slurm and submits them: an array of jobs, each of which does a chunk of tasks that takes five minutes or more, and a job that merges when all have ended. A job that nears its time limit saves what it can and goes on in the next (`--time`). Submitted again, what is not done is submitted, and what was given up is tried again. `fim status DIR` says what became of the jobs.',
      '`--redis URL` puts the tasks and the files that they read into a queue of BullMQ, waits, and puts the results that workers (`fim work --redis URL`) send into DIR. Whatever was killed, the same line is the remedy: results that are there are taken, what Redis lost is added, what was given up is tried again.',
      '`--kubernetes` prints an Indexed Job; `kubectl apply -f -` takes it.',
    ],
    positionals: [{ name: 'dir', help: 'folder that the work was prepared in' }],
    examples: [
      {
        line: 'fim submit runs/sweep --slurm --partition cpu --time 1:00:00',
        says: 'on a cluster with Slurm',
      },
      { line: 'fim submit runs/sweep --slurm --dry-run', says: 'the scripts that would be submitted' },
      { line: 'fim submit runs/sweep --redis redis://head:6379', says: 'to workers of that Redis' },
      {
        line: 'fim submit runs/sweep --kubernetes --image registry/fim:1 --volume data',
        says: 'a manifest for kubectl',
      },
    ],
  },
  envs: {
    summary: 'list the environments with their spaces, limits and thresholds',
    description: [
      'Lists every environment that can be made by name. Those ending in -v5 on MuJoCo need the package @mujoco/mujoco.',
    ],
    positionals: [],
    examples: [
      { line: 'fim envs', says: 'every environment' },
      { line: 'fim envs check ./env.mjs', says: 'what is mistaken in one of your own' },
    ],
  },
  'envs check': {
    summary: 'play an environment of your own and say what is mistaken in it',
    description: [
      'Imports FILE, whose default export makes the dynamics, plays a few hundred steps and says what it finds: mistakes, which make results wrong (observations outside their space or in the wrong place, NaN, a reset or step that does not follow its seed, state that is shared or not saved, a step that is async or returns what it should set), and notes, which may be meant so. The exit code is 1 where there is a mistake.',
      'FILE runs as code, with all that your account may do. It may import `fim/rl` from anywhere on disk. `fim rl train`, `fim rl compare` and `fim bench-env` check a module first and refuse mistakes.',
    ],
    positionals: [{ name: 'file', help: './env.mjs, or the name of an environment' }],
    examples: [
      { line: 'fim envs check ./env.mjs', says: 'before the first training' },
      { line: 'fim envs check ./env.mjs --json', says: 'findings as { kind, code, text }' },
    ],
  },
  watch: {
    summary: 'play an episode of an environment and write it as a page',
    description: [
      'Plays one episode of ENV, at random or by the likeliest action of an ONNX policy, and writes it as one self-contained animated page, in which any frame can be kept as PNG. A policy reads raw observations: those of `fim rl train` hold their scaling.',
      'Environments on MuJoCo need the packages @mujoco/mujoco and three.',
    ],
    positionals: [
      { name: 'env', help: 'an environment, as `fim envs` lists them, or ./env.mjs, which runs as code' },
    ],
    examples: [
      { line: 'fim watch CartPole-v1', says: 'a random episode as CartPole-v1.html' },
      {
        line: 'fim watch Hopper-v5 --policy runs/ppo-Hopper-v5-0/policy.onnx --frames hopper',
        says: 'a trained policy, with a PNG file for each step',
      },
    ],
  },
  'bench-env': {
    summary: 'measure how many steps per second an environment makes',
    description: [
      'Steps ENV alone under random actions on one core, and says the median and the best of five runs.',
    ],
    positionals: [
      { name: 'env', help: 'an environment, as `fim envs` lists them, or ./env.mjs, which runs as code' },
    ],
    examples: [{ line: 'fim bench-env CartPole-v1', says: 'steps per second' }],
  },
  'rl train': {
    summary: 'train a policy: natural gradients, their rivals, one loop',
    description: [
      'Trains a policy in ENV by one algorithm from published settings, and writes a run folder: manifest.json, progress.csv, TensorBoard events, checkpoints, result.json and the policy as ONNX with its observation normaliser in the graph. Ctrl-C and kill -9 lose nothing: the same command goes on in the same folder to the result of an uninterrupted run; a run that is done only says so, and goes on with more `--steps` where its schedules are constant.',
      'ENV may be a module of your own (./env.mjs) whose default export makes the dynamics; it runs as code, with all that your account may do, and is checked first (`fim envs check`). The run is known by its text: after a change it needs another --out. `return` is over the last 100 training episodes; `evaluation` is 20 fresh episodes of the final policy with its likeliest action, and again with actions drawn from it.',
    ],
    positionals: [
      { name: 'env', help: 'an environment, as `fim envs` lists them, or ./env.mjs, which runs as code' },
    ],
    examples: [
      { line: 'fim rl train CartPole-v1 --algorithm ppo', says: 'published settings, 100,000 steps' },
      {
        line: 'fim rl train HalfCheetah-v5 --algorithm trpo --steps 1000000 --seed 1 --out runs/cheetah',
        says: 'a million steps in a folder of its own',
      },
    ],
  },
  'rl evaluate': {
    summary: 'play fresh episodes of a policy and say its return with its error',
    description: [
      'Plays POLICY in ENV with its likeliest actions, or with `--actions drawn` as training plays it, from starts that training never used; the same seed gives the same returns.',
    ],
    positionals: [
      { name: 'env', help: 'an environment, as `fim envs` lists them, or ./env.mjs, which runs as code' },
      {
        name: 'policy',
        help: '.onnx file of a policy that reads raw observations, or the folder of its run',
      },
    ],
    examples: [
      {
        line: 'fim rl evaluate CartPole-v1 runs/ppo-CartPole-v1-0/policy.onnx --episodes 100',
        says: 'a hundred episodes',
      },
    ],
  },
  'rl compare': {
    summary: 'compare algorithms over environments and seeds, with intervals',
    description: [
      'Runs every algorithm in every environment with every seed, one run a core, and writes a page with intervals over seeds, curves, paired differences and costs, each figure as SVG, and the numbers as CSV and JSON. First it says how long that will take.',
      'What to compare stands in SPEC, a JSON file, or in flags. SPEC has `arms` (each an algorithm by name, or { name, algorithm, set, environments } with settings of its own, for all environments and for single ones), `environments` (each a name, or { id, steps, set, maxSteps, options }, the last two of the environment), `steps`, `seeds` (how many, or a list), and may have `title`, `reference` (the arm to compare all others with) and `trackFisher`.',
      'Ctrl-C and kill -9 lose nothing: the same command goes on, and a run that is done is never repeated, so a comparison can be widened by algorithms, environments or seeds in the same folder. A run that diverges stops no other; it counts with its last good parameters and is named. A run whose environment fails (./env.mjs, which runs as code) stops no other either; it is named, does not count, and is tried again by the same command.',
    ],
    positionals: [{ name: 'spec', help: '.json file of the comparison', optional: true }],
    examples: [
      {
        line: 'fim rl compare --algorithms ppo,trpo,woodbury --envs CartPole-v1,Acrobot-v1 --steps 100000',
        says: 'five seeds of each in published settings',
      },
      {
        line: 'fim rl compare arms.json --out runs/arms --dry-run',
        says: 'what a file asks for, and how long it takes',
      },
    ],
  },
} as const satisfies Record<JobName, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;

/** The arguments by place as a command sees them. */
export type PositionalsOf<C extends CommandName> = {
  readonly [P in (typeof COMMANDS)[C]['positionals'][number] as P['name']]: P extends { many: true }
    ? readonly string[]
    : P extends { optional: true }
      ? string | undefined
      : string;
};

export const COMMAND_NAMES = Object.keys(COMMANDS) as readonly CommandName[];

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** `fim estimate MODEL DATA [options]`. */
export function usageOf(command: CommandName): string {
  const spec: CommandSpec = COMMANDS[command];
  const places = spec.positionals.map((p) =>
    p.optional ? `[${p.name.toUpperCase()}]` : `${p.name.toUpperCase()}${p.many ? '…' : ''}`,
  );
  return ['fim', command, ...places, '[options]'].join(' ');
}
