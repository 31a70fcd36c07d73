/**
 * Which folder may import which. The floors are listed from the ground up; an import goes to the same floor or a
 * lower one, never up, never sideways within a group, never in a circle.
 */
const FLOORS = [
  ['core'],
  ['graph'],
  ['engine'],
  ['linalg', 'stats'],
  ['likelihood'],
  ['model'],
  ['scores'],
  ['fisher'],
  ['variance'],
  ['matrix'],
  ['optim'],
  ['data'],
  ['disk'],
  ['rl'],
  ['settings'],
  ['jobs'],
  ['store'],
  ['scale'],
  ['report'],
  ['cli'],
];

/** Code that may touch the machine (files, processes, threads). Everything else runs in a browser as it is. */
const NODE_ONLY = [
  '^src/disk/',
  '^src/engine/(ort|threads)/',
  '^src/rl/(workers|mujoco)/',
  '^src/store/',
  '^src/scale/',
  '^src/doors/(store|scale|comparison)\\.ts$',
  '^src/cli/',
];

const TEST = '\\.test\\.ts$';

const floorRules = FLOORS.flatMap((group, level) =>
  group.flatMap((floor) => {
    const above = FLOORS.slice(level + 1).flat();
    const beside = group.filter((other) => other !== floor);
    const forbidden = [...beside, ...above];
    if (forbidden.length === 0) return [];
    return {
      name: `floor-${floor}`,
      comment: `${floor} imports only from the floors below it`,
      severity: 'error',
      from: { path: `^src/${floor}/`, pathNot: TEST },
      to: { path: `^src/(${forbidden.join('|')})/` },
    };
  }),
);

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'no-cycle',
      comment: 'a circle of imports has no floor to stand on',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-imports-cli',
      comment: 'the command line is a renderer; the library never needs it',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'studies-through-doors',
      comment: "studies import from the package as anyone does: 'fim', 'fim/fisher', …",
      severity: 'error',
      from: { path: '^studies/' },
      to: { path: '^src/', dependencyTypesNot: ['aliased-tsconfig'] },
    },
    {
      name: 'package-without-studies',
      comment: 'the package never needs a study',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^studies/' },
    },
    {
      name: 'no-test-import',
      comment: 'code never imports a test',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'node-only-where-said',
      comment: 'node: modules stay in the few files that touch the machine',
      severity: 'error',
      from: { path: '^src/', pathNot: [...NODE_ONLY, TEST] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-dev-dependency',
      comment: 'what is published may import only what is installed with it',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: 'node_modules/(onnxruntime-|@mujoco/|@resvg/|three/|bullmq/|ioredis/)',
      },
    },
    {
      name: 'resolvable',
      comment: 'every import leads somewhere',
      severity: 'error',
      from: { path: '^(src|test|bench|studies)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/engine/small/kernels/assembly/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.d.ts'],
    },
  },
};
