/** Who may import whom. The table is in ARCHITECTURE.md; a test and `npm run imports` hold the code to it. */
const only = (from, allowed, extra = []) => ({
  name: `${from.replace(/[^a-z]/g, '')}-imports`,
  severity: 'error',
  from: { path: `^src/${from}` },
  to: { path: '^src/', pathNot: [`^src/${from}`, ...allowed.map(a => `^src/${a}`)], ...Object.assign({}, ...extra) },
})
const types = ['scoringTypes\\.ts$', 'types\\.ts$', 'telemetry/internalEvents\\.ts$', 'util/']
const npm = name => `node_modules/${name}/`

module.exports = {
  forbidden: [
    only('types\\.ts$', ['scoringTypes\\.ts$']),
    only('scoringTypes\\.ts$', []),
    only('util/', ['types\\.ts$']),
    only('sources/', types),
    only('operators/', [...types, 'scoring/']),
    only('sinks/', types),
    only('scoring/', types),
    only('bank/', [...types, 'scoring/']),
    only('history/', [...types, 'scoring/']),
    only('answers/', [...types, 'scoring/']),
    only('eval/', [...types, 'scoring/']),
    only('trial/', [...types, 'scoring/', 'operators/detect/', 'operators/views/worldOf\\.ts$']),
    only('models/', types),
    only('onnx/', [...types, 'models/', 'scoring/']),
    only('clip/', [...types, 'models/', 'onnx/session/']),
    only('telemetry/', types),
    only('demo/', types),
    only('config/', types),
    only('pipeline\\.ts$', [...types, 'operators/']),
    {
      name: 'nobody-imports-commands',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(commands/|main\\.ts$)' },
      to: { path: '^src/(commands/|main\\.ts$)' },
    },
    {
      name: 'pino-and-prom-client-only-in-telemetry',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/telemetry/' },
      to: { path: [npm('pino'), npm('prom-client')] },
    },
    {
      name: 'no-rxjs-in-answers-bank-clip-eval-history-models-onnx-scoring-and-trial',
      severity: 'error',
      from: { path: '^src/(answers|bank|clip|eval|history|models|onnx|scoring|trial)/' },
      to: { path: npm('rxjs') },
    },
    {
      name: 'operators-do-no-io',
      severity: 'error',
      from: { path: '^src/operators/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'banks-do-io-in-their-folder-alone',
      severity: 'error',
      from: { path: '^src/bank/', pathNot: '^src/bank/bankFolder\\.ts$' },
      to: { path: '^(node:)?(fs|child_process|net|http)' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-dev-dependency-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: npm('@types') },
    },
    {
      name: 'test-support-imports-no-test-folder',
      severity: 'error',
      from: { path: '^test/support/' },
      to: { path: '^(test|bench)/', pathNot: '^test/(support|fixtures)/' },
    },
    {
      name: 'product-imports-no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench)/' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
