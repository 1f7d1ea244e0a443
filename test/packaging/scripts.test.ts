/** Scripts that run on other people's machines: the install hook, the add-on's start, the release. */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const LIBRARIES = ['cuda', 'shared', 'tensorrt'].map(name => `libonnxruntime_providers_${name}.so`)

describe('skipCudaDownload.cjs', () => {
  /** A folder as npm makes it: Watchword beside an onnxruntime-node. @returns where the libraries lie */
  function install(env: Record<string, string> = {}, present: readonly string[] = []): string {
    const modules = join(temporaryFolder(), 'node_modules')
    const libraries = join(modules, 'onnxruntime-node', 'bin', 'napi-v6', 'linux', 'x64')
    mkdirSync(libraries, { recursive: true })
    writeFileSync(join(modules, 'onnxruntime-node', 'package.json'), '{}')
    for (const name of present) writeFileSync(join(libraries, name), 'real')
    const script = join(modules, 'watchword', 'scripts', 'skipCudaDownload.cjs')
    mkdirSync(dirname(script), { recursive: true })
    copyFileSync('scripts/skipCudaDownload.cjs', script)
    const output = execFileSync(process.execPath, [script], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...env },
    })
    expect(output).toBe('')
    return libraries
  }
  const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64'
  const made = (libraries: string) => LIBRARIES.filter(name => existsSync(join(libraries, name)))

  it.skipIf(!isLinuxX64)('writes placeholders for the install script, with the way to get CUDA', () => {
    const libraries = install()
    expect(made(libraries)).toEqual(LIBRARIES)
    expect(readFileSync(join(libraries, LIBRARIES[0] as string), 'utf8')).toContain('ONNXRUNTIME_NODE_INSTALL=true')
  })

  it.each([
    { ONNXRUNTIME_NODE_INSTALL: 'true' },
    { ONNXRUNTIME_NODE_INSTALL: 'skip' },
    { ONNXRUNTIME_NODE_INSTALL_CUDA: '12' },
    { npm_config_onnxruntime_node_install: 'cuda12' },
  ])('leaves the choice to who has made one: %o', env => {
    expect(made(install(env))).toEqual([])
  })

  it('does not touch libraries that are there', () => {
    const libraries = install({}, [LIBRARIES[0] as string])
    expect(made(libraries)).toEqual([LIBRARIES[0]])
    expect(readFileSync(join(libraries, LIBRARIES[0] as string), 'utf8')).toBe('real')
  })

  it('does nothing where onnxruntime-node is not installed yet', () => {
    const script = join(temporaryFolder(), 'skipCudaDownload.cjs')
    copyFileSync('scripts/skipCudaDownload.cjs', script)
    expect(execFileSync(process.execPath, [script], { encoding: 'utf8' })).toBe('')
  })
})

describe('removeForeignOnnxruntime.cjs', () => {
  const PLATFORMS = ['darwin/arm64', 'linux/arm64', 'linux/x64', 'win32/arm64', 'win32/x64']
  /** @returns the platforms that are left after an install as npm does it */
  function install(present: readonly string[], env: Record<string, string> = {}): string[] {
    const modules = join(temporaryFolder(), 'node_modules')
    const binaries = join(modules, 'onnxruntime-node', 'bin', 'napi-v6')
    for (const platform of present) {
      mkdirSync(join(binaries, platform), { recursive: true })
      writeFileSync(join(binaries, platform, 'onnxruntime_binding.node'), 'real')
    }
    writeFileSync(join(modules, 'onnxruntime-node', 'package.json'), '{}')
    const script = join(modules, 'watchword', 'scripts', 'removeForeignOnnxruntime.cjs')
    mkdirSync(dirname(script), { recursive: true })
    copyFileSync('scripts/removeForeignOnnxruntime.cjs', script)
    const options = { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } } as const
    expect(execFileSync(process.execPath, [script], options)).toBe('')
    return present.filter(platform => existsSync(join(binaries, platform, 'onnxruntime_binding.node')))
  }
  const own = `${process.platform}/${process.arch}`

  it('keeps the libraries of this system, and of no other', () => {
    expect(install([...new Set([...PLATFORMS, own])])).toEqual([own])
  })

  it('keeps those of the system that npm installs for', () => {
    expect(install(PLATFORMS, { npm_config_os: 'linux', npm_config_cpu: 'arm64' })).toEqual(['linux/arm64'])
  })

  it('removes nothing where its own are missing', () => {
    const others = PLATFORMS.filter(platform => platform !== own)
    expect(install(others)).toEqual(others)
  })

  it('does nothing where onnxruntime-node is not installed', () => {
    const script = join(temporaryFolder(), 'removeForeignOnnxruntime.cjs')
    copyFileSync('scripts/removeForeignOnnxruntime.cjs', script)
    expect(execFileSync(process.execPath, [script], { encoding: 'utf8' })).toBe('')
  })
})

describe('the start of the add-on', () => {
  /** Runs it with a program that prints what it was started with. */
  async function start(answer: { status: number; body: object }) {
    const folder = temporaryFolder()
    const requests: string[] = []
    const supervisor = createServer((request, response) => {
      requests.push(`${request.url} ${request.headers.authorization}`)
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
    })
    supervisor.listen(0, '127.0.0.1')
    await once(supervisor, 'listening')
    onTestFinished(() => void supervisor.close())
    writeFileSync(join(folder, 'options.json'), JSON.stringify({ config: 'watchword.yaml' }))
    const program = join(folder, 'program.mjs')
    writeFileSync(
      program,
      'console.log(JSON.stringify([process.argv.slice(2), process.env.MQTT_URL, process.env.MQTT_USER, process.env.MQTT_PASSWORD])); process.exit(7)',
    )
    const env = {
      ...process.env,
      ADDON_CONFIG: folder,
      ADDON_OPTIONS: join(folder, 'options.json'),
      SUPERVISOR_URL: `http://127.0.0.1:${(supervisor.address() as AddressInfo).port}`,
      SUPERVISOR_TOKEN: 'token',
      WATCHWORD_BIN: program,
    }
    const child = spawn(process.execPath, [resolve('packaging/home-assistant/watchword/run.mjs')], { env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += String(chunk)))
    const [code] = (await once(child, 'close')) as [number]
    return { folder, requests, output, code }
  }

  it('asks the Supervisor for the broker, writes a first config, and ends as Watchword does', async () => {
    const data = { host: 'core-mosquitto', port: 1883, ssl: false, username: 'addons', password: 'p' }
    const { folder, requests, output, code } = await start({ status: 200, body: { data } })
    expect(requests).toEqual(['/services/mqtt Bearer token'])
    expect(existsSync(join(folder, 'watchword.yaml'))).toBe(true)
    expect(output).toContain(
      JSON.stringify([['run', join(folder, 'watchword.yaml')], 'mqtt://core-mosquitto:1883', 'addons', 'p']),
    )
    expect(code).toBe(7)
  })

  it('prints a remedy when there is no broker', async () => {
    const { output } = await start({ status: 400, body: { result: 'error' } })
    expect(output).toContain('Cannot get the MQTT broker from Home Assistant: the Supervisor answers 400. Install the')
  })
})

describe('release.mjs', () => {
  /** A small repository with the files that carry a version. */
  function repository(): string {
    const folder = temporaryFolder()
    for (const path of ['package.json', 'package-lock.json', 'packaging/home-assistant/watchword'])
      cpSync(path, join(folder, path), { recursive: true })
    writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n### Added\n- A thing.\n')
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, stdio: 'pipe' })
    git('init', '--quiet')
    git('config', 'user.name', 'Test')
    git('config', 'user.email', 'test@example.org')
    git('add', '--all')
    git('commit', '--quiet', '--message', 'First')
    return folder
  }
  const release = (cwd: string, ...args: string[]) =>
    execFileSync(process.execPath, [resolve('scripts/release.mjs'), ...args], { cwd, encoding: 'utf8', stdio: 'pipe' })
  const git = (cwd: string, ...args: string[]) => execFileSync('git', args, { cwd, encoding: 'utf8' }).trim()

  it('sets the version everywhere, dates the changelog, commits and tags', () => {
    const folder = repository()
    release(folder, '9.8.7')
    expect(git(folder, 'tag')).toBe('v9.8.7')
    expect(git(folder, 'status', '--porcelain')).toBe('')
    expect(git(folder, 'log', '-1', '--format=%s')).toBe('Release 9.8.7')
    const read = (path: string) => readFileSync(join(folder, path), 'utf8')
    expect(JSON.parse(read('package.json'))).toMatchObject({ version: '9.8.7' })
    expect(JSON.parse(read('package-lock.json'))).toMatchObject({
      version: '9.8.7',
      packages: { '': { version: '9.8.7' } },
    })
    expect(read('packaging/home-assistant/watchword/config.yaml')).toContain('version: "9.8.7"')
    expect(read('CHANGELOG.md')).toMatch(/## Unreleased\n\n## 9\.8\.7 - \d{4}-\d\d-\d\d\n\n### Added\n- A thing\./)
    expect(() => release(folder, '9.8.7')).toThrow('The tag v9.8.7 exists already')
    expect(() => release(folder, '9.9.0')).toThrow('has nothing under "Unreleased"')
  })

  it('changes nothing in a dry run', () => {
    const folder = repository()
    expect(release(folder, '9.8.7', '--dry-run')).toContain('would run git tag --annotate v9.8.7')
    expect(git(folder, 'status', '--porcelain')).toBe('')
    expect(git(folder, 'tag')).toBe('')
  })

  it.each([
    ['1', 'Expected a version such as 0.2.0'],
    ['0.0.1', 'or a version above it, got 0.0.1'],
    ['', 'Expected a version such as 0.2.0'],
  ])('refuses the version %o', (version, message) => {
    expect(() => release(repository(), version, '--dry-run')).toThrow(message)
  })
})
