/**
 * What is not compared, with the reason. A path is `stdout:trace.value`, `fisher.npz:fisher/fc1.weight` or
 * `run/progress.csv:kl`; a mask takes every path that its pattern matches.
 */
export const MASKS = [
  {
    what: 'clock',
    why: 'measured times, and rates from them',
    pattern:
      /(^|[:._/])(seconds|updateSeconds|ofSeconds|secondsPer\w+|seconds_per_\w+|stepsPerSecond|steps_per_second|wall\w*)(\[|\.|$)/,
  },
  {
    what: 'shares of the clock',
    why: 'the share of training’s seconds that tracking took',
    pattern: /:(tracked|cost)\.share$/,
  },
  {
    what: 'choice by the clock',
    why: 'variance recommends by measured seconds an example',
    pattern: /:layers\[[^\]]*\]\.(recommended|reason)$/,
  },
  {
    what: 'shares by the clock',
    why: 'plan balances examples against labels by measured seconds, and recommends the quickest',
    pattern: /:(recommended|estimators\[(?!exact)[^\]]*\]\.(examples|labels|attainable|feasible))$/,
  },
  {
    what: 'bytes that hold a time',
    why: 'a checkpoint notes how long the other files were, times in decimals included, and its own digest',
    pattern: /checkpoint(\.prev)?\.safetensors:(fim\.offsets\.\w+|sha256)$/,
  },
  { what: 'versions', why: "fim's own and Node's", pattern: /(^|[:.])(fim|node|version)$/ },
  { what: 'paths', why: 'where files lie', pattern: /(^|[:.])(file|folder|page|command|policy|run|out)$/ },
  {
    what: 'pages',
    why: 'figures and pages show the numbers that stand beside them',
    pattern: /\.(html|svg):content$/,
  },
  {
    what: 'event logs',
    why: 'TensorBoard’s copy of progress.csv, clock included',
    pattern: /tfevents[^:]*:content$/,
  },
];

/** The mask that takes `path`, if one does. */
export const maskOf = (path) => MASKS.find((mask) => mask.pattern.test(path));

/** Lists of sentences: compared as sets, so that a new note is an addition wherever it stands. */
export const SENTENCES = /(^|[:.])(notes|warnings|flags)$/;
