/**
 * @module rl/train/other-names
 *
 * Names in other libraries of the settings that fim has: whoever writes `gamma` is told `discount`. Spelling (capitals, `_`, `-`) does not
 * matter. Sources: the constructors of Stable-Baselines3 2.x and its contrib, CleanRL's command lines, RLlib's configurations, Tianshou's
 * and OpenAI baselines' examples.
 */

/** fim's name → the others'. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  learningRate: ['lr', 'step_size', 'pi_lr', 'alpha', 'lrate', 'actor_lr'],
  discount: ['gamma', 'discount_factor', 'discounting'],
  lambda: ['gae_lambda', 'lam', 'lambda_', 'gae', 'tau'],
  horizon: ['n_steps', 'num_steps', 'nsteps', 'rollout_steps', 'rollout_fragment_length', 'unroll_length'],
  environments: ['n_envs', 'num_envs', 'nenvs', 'training_num', 'num_workers', 'num_env_runners'],
  minibatch: ['batch_size', 'minibatch_size', 'sgd_minibatch_size', 'mini_batch_size'],
  epochs: ['n_epochs', 'update_epochs', 'num_sgd_iter', 'num_epochs', 'noptepochs', 'repeat_per_collect'],
  entropyCoefficient: ['ent_coef', 'entropy_coef', 'entropy_coeff', 'entropy_weight', 'beta'],
  valueCoefficient: ['vf_coef', 'value_loss_coef', 'vf_loss_coeff', 'value_coef', 'vf_coeff'],
  maxGradNorm: ['max_grad_norm', 'grad_clip', 'gradient_clip', 'clip_grad_norm', 'grad_norm'],
  clip: ['clip_range', 'clip_coef', 'clip_param', 'cliprange', 'eps_clip', 'epsilon'],
  targetKl: ['target_kl', 'max_kl', 'kl_target', 'kl_clip', 'delta', 'kfac_clip'],
  hidden: ['net_arch', 'hidden_sizes', 'fcnet_hiddens', 'hidden_layers', 'hidden_size', 'layers', 'units'],
  activation: ['activation_fn', 'fcnet_activation', 'act_fn', 'nonlinearity'],
  initialLogSigma: ['log_std_init', 'init_log_std', 'log_std', 'sigma', 'log_sigma'],
  normaliseObservations: ['normalizeObservations', 'norm_obs', 'obs_norm', 'normalize_obs', 'normalise_obs'],
  normaliseRewards: ['normalizeRewards', 'norm_reward', 'rew_norm', 'normalize_reward', 'reward_scaling'],
  normaliseAdvantages: ['normalizeAdvantages', 'normalize_advantage', 'norm_adv', 'adv_norm'],
  damping: ['cg_damping', 'fisher_damping', 'kfac_damping', 'damping_coeff'],
  cgIterations: ['cg_max_steps', 'cg_iters', 'max_cg_iterations'],
  maxBacktracks: ['line_search_max_iter', 'max_backtracks', 'backtrack_iters'],
  backtrack: ['line_search_shrinking_factor', 'backtrack_coeff', 'backtrack_ratio'],
  criticEpochs: ['n_critic_updates', 'vf_iters', 'optim_critic_iters', 'train_v_iters'],
  criticLearningRate: ['critic_lr', 'vf_lr', 'vf_stepsize', 'value_lr'],
  schedule: ['lr_schedule', 'anneal_lr', 'lr_decay', 'learning_rate_schedule'],
  value: ['share_features_extractor', 'vf_share_layers', 'vf_share_weights'],
  actions: ['squash_output', 'normalize_actions', 'action_scaling', 'clip_actions', 'action_bound_method'],
};

/** Settings of a run that have a place of their own and are none of `set`. */
const APART: Readonly<Record<string, readonly string[]>> = {
  steps: ['total_timesteps', 'n_timesteps', 'num_timesteps', 'total_steps', 'timesteps', 'steps'],
  seed: ['seed', 'random_seed'],
  algorithm: ['algo', 'algorithm'],
  maxSteps: ['max_episode_steps', 'episode_length', 'time_limit', 'max_steps'],
};

const bare = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const index = (table: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(table).flatMap(([own, others]) => others.map((name) => [bare(name), own] as const)));

const SETTINGS_BY_NAME = index(NAMES);
const APART_BY_NAME = index(APART);
const OWN = new Map(Object.keys(NAMES).map((name) => [bare(name), name]));

/** The name of ours for what `name` means elsewhere, and whether it stands apart from `set`; null where it is nobody's. */
export function ourName(name: string): { readonly name: string; readonly apart: boolean } | null {
  const key = bare(name);
  const ours = OWN.get(key) ?? SETTINGS_BY_NAME.get(key);
  if (ours !== undefined) return { name: ours, apart: false };
  const apart = APART_BY_NAME.get(key);
  return apart === undefined ? null : { name: apart, apart: true };
}
