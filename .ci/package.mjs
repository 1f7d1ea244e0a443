// Packs the package, installs it into an empty folder and runs it there: npm 10, 11 and 12, Node 20, 22 and 24, as an
// unprivileged user, from a read-only folder, without HOME, and with no way to the host of onnxruntime's CUDA files.
// One line a step; exit code 1 at the first failure.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize, resolve } from 'node:path'

const PAIRS = [
  { npm: 10, node: 20 },
  { npm: 11, node: 22 },
  { npm: 12, node: 24 },
]
/** A limit against hanging, ms. */
const LIMIT = 300_000
const MAX_PACKED_MB = 12
const USER = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

const work = mkdtempSync(join(tmpdir(), 'watchword-package-'))
chmodSync(work, 0o755)
/** The folder belongs to the unprivileged user. */
function folder(name) {
  const path = join(work, name)
  mkdirSync(path, { recursive: true })
  if (USER.uid !== undefined) chownSync(path, USER.uid, USER.gid)
  return path
}
function step(name, work) {
  const started = Date.now()
  const result = work()
  console.log(`ok   ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
  return result
}
function execute(command, args, options = {}) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe', timeout: LIMIT, ...options })
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}: ${error.message}\n${error.stdout ?? ''}${error.stderr ?? ''}`)
  }
}

/** Every relative link of the packed pages leads to a packed file. */
function checkLinks(files) {
  const packed = new Set(files)
  for (const page of files.filter(file => file.endsWith('.md')))
    for (const [, link] of readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
      const target = normalize(join(dirname(page), link)).replace(/\/$/, '')
      const exists = packed.has(target) || files.some(file => file.startsWith(`${target}/`))
      if (!exists) throw new Error(`${page} links to ${target}, which is not in the package`)
    }
}
function pack() {
  const [{ filename, files, size }] = JSON.parse(execute('npm', ['pack', '--json', '--pack-destination', work]))
  const paths = files.map(({ path }) => path)
  const odd = paths.filter(path => /^(src|test)\/|\.(ts|py|tgz)$/.test(path) && !path.endsWith('.d.ts'))
  if (odd.length > 0) throw new Error(`The package has files that no user needs: ${odd.join(', ')}`)
  if (size > MAX_PACKED_MB * 1e6) throw new Error(`Expected at most ${MAX_PACKED_MB} MB, got ${size / 1e6} MB`)
  checkLinks(paths)
  return join(work, filename)
}

function installTools() {
  const node = `node-${process.platform}-${process.arch}`
  const aliases = PAIRS.flatMap(pair => [
    `npm${pair.npm}@npm:npm@${pair.npm}`,
    `node${pair.node}@npm:${node}@${pair.node}`,
  ])
  const tools = folder('tools')
  writeFileSync(join(tools, 'package.json'), '{}')
  execute('npm', ['install', '--silent', '--force', '--ignore-scripts', ...aliases], { cwd: tools })
  return join(tools, 'node_modules')
}

/** How this machine reaches the registry; everything else of its npm configuration is left behind. */
function registrySettings() {
  const keys = ['registry', 'cafile', 'proxy', 'https-proxy', 'noproxy']
  const answers = JSON.parse(execute('npm', ['config', 'list', '--json']))
  const set = keys.filter(key => typeof answers[key] === 'string' && answers[key] !== '')
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE']
  return Object.fromEntries([
    ...names.flatMap(name => (process.env[name] ? [[name, process.env[name]]] : [])),
    ...set.map(key => [`npm_config_${key.replaceAll('-', '_')}`, answers[key]]),
  ])
}
const REGISTRY = registrySettings()

/** As a user has it: no npm configuration of this repository, no wish about CUDA, and a dead end where CUDA comes from. */
function environment(node, data) {
  return {
    PATH: `${dirname(node)}:/usr/bin:/bin`,
    WATCHWORD_DATA: data,
    ...REGISTRY,
    GLOBAL_AGENT_HTTPS_PROXY: 'http://127.0.0.1:9',
    npm_config_cache: folder('cache'),
    npm_config_update_notifier: 'false',
  }
}

function install(tools, tarball, pair) {
  const node = join(tools, `node${pair.node}`, 'bin', 'node')
  const home = folder(`app-${pair.node}`)
  const env = { ...environment(node, folder(`data-${pair.node}`)), HOME: folder('home') }
  const npm = join(tools, `npm${pair.npm}`, 'bin', 'npm-cli.js')
  execute(node, [npm, 'install', '--no-fund', '--no-audit', tarball], { cwd: home, env, ...USER })
  if (pair === PAIRS[0]) compileExample(home)
  execute('chmod', ['-R', 'a-w', home])
  return { node, home }
}

/**
 * The example of the public API, against the packed declarations. `skipLibCheck`: onnxruntime's own declarations name
 * types of the browser.
 */
function compileExample(home) {
  copyFileSync('test/fixtures/api/example.ts', join(home, 'example.mts'))
  const types = ['--typeRoots', resolve('node_modules/@types'), '--types', 'node']
  const options = [
    '--strict',
    '--skipLibCheck',
    '--noEmit',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023',
    ...types,
  ]
  execute(process.execPath, [resolve('node_modules/typescript/bin/tsc'), ...options, 'example.mts'], { cwd: home })
}

/** Draws a short street and looks for events in it. @returns what it found */
function detect({ node, home }, pair) {
  const data = folder(`data-${pair.node}`)
  const options = { cwd: data, env: environment(node, data), ...USER }
  const watchword = join(home, 'node_modules', '.bin', 'watchword')
  const version = execute(node, [watchword, '--version'], options).trim()
  if (version !== JSON.parse(readFileSync('package.json', 'utf8')).version) throw new Error(`--version says ${version}`)
  execute(node, [watchword, 'demo', '--render', 'street.mp4', '--seconds', '8'], options)
  return execute(node, [watchword, 'detect', 'street.mp4', '--json'], options)
}

try {
  const tarball = step('npm pack: right files, no dead link', pack)
  const tools = step('npm and Node versions', installTools)
  const found = PAIRS.map(pair => {
    const app = step(`npm ${pair.npm} installs it offline from CUDA`, () => install(tools, tarball, pair))
    return { ...app, events: step(`Node ${pair.node} runs it, read-only`, () => detect(app, pair)) }
  })
  if (new Set(found.map(({ events }) => events)).size !== 1) throw new Error('The Node versions find different events')
  const { node, home } = found.at(-1)
  const demo = join(folder('demo'), 'demo.mjs')
  copyFileSync('.ci/demo.mjs', demo)
  const env = { ...environment(node, folder('data-demo')), TMPDIR: folder('tmp') }
  const bin = join(home, 'node_modules', '.bin', 'watchword')
  step('watchword run starts, raises an event and stops', () =>
    execute(node, [demo, bin], { cwd: folder('demo'), env, ...USER }),
  )
} catch (error) {
  console.error(`FAIL ${error.message}`)
  process.exitCode = 1
} finally {
  execute('chmod', ['-R', 'u+w', work])
  rmSync(work, { recursive: true, force: true })
}
