/** Files for strangers: the unit, the images, the add-on, workflows. What a real tool can judge is judged by it. */

import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadImage } from '@napi-rs/canvas'
import { describe, expect, it } from 'vitest'
import { parse, parseDocument } from 'yaml'
import { parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { memoryEnvironment } from '../support/memoryEnvironment.ts'
import { which } from '../support/mosquitto.ts'

const read = (path: string) => readFileSync(path, 'utf8')
const packageJson = JSON.parse(read('package.json')) as Record<string, string> & {
  repository: { url: string }
  files: string[]
  scripts: Record<string, string>
}
const ADDON = 'packaging/home-assistant/watchword'

const hasSystemd = which('systemd-analyze')
if (!hasSystemd) console.warn('SKIPPED: systemd-analyze is not installed')

describe.skipIf(!hasSystemd)('the systemd unit', () => {
  it('is understood by systemd', () => {
    execFileSync('systemd-analyze', ['verify', 'packaging/watchword.service'], { stdio: 'pipe' })
  })

  it('is hardened', () => {
    const args = ['security', '--offline=yes', '--threshold=20', 'packaging/watchword.service']
    expect(execFileSync('systemd-analyze', args, { encoding: 'utf8', stdio: 'pipe' })).toContain('OK')
  })
})

describe('the Dockerfile', () => {
  const text = read('Dockerfile')
  it('runs as a numbered user, is checked for health, and copies nothing that is ignored', () => {
    expect(text).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
    expect(text).toMatch(/^HEALTHCHECK /m)
    const ignored = read('.dockerignore').split('\n')
    for (const [, paths = ''] of text.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
      for (const path of paths.split(' ')) {
        expect(ignored, path).toContain(`!${path}`)
        expect(existsSync(path), path).toBe(true)
      }
  })

  it('uses only the system’s ffmpeg', () => {
    expect(text).toMatch(/apt-get install .*\bffmpeg\b/)
    expect(text).toContain('removeForeignBinaries.mjs')
  })
})

it('bounds memory in the image as in the unit, and V8’s young generation in `npm start` as well', () => {
  const set = memoryEnvironment()
  expect(Object.keys(set).sort()).toEqual([
    'MALLOC_ARENA_MAX',
    'MALLOC_MMAP_THRESHOLD_',
    'MALLOC_TRIM_THRESHOLD_',
    'NODE_OPTIONS',
  ])
  const [image = ''] = /^ENV NODE_ENV(?:.*\\\n)*.*$/m.exec(read('Dockerfile')) ?? []
  for (const [name, value] of Object.entries(set)) expect(image).toContain(`${name}=${value}`)
  expect(packageJson.scripts.start).toContain(` ${set.NODE_OPTIONS} `)
})

it('bounds V8’s young generation with the option that the unit sets', () => {
  const { NODE_OPTIONS = '' } = memoryEnvironment()
  const program =
    "let peak = 0; for (let i = 0; i < 4e6; i++) { globalThis.last = { i, more: [i] }; if (i % 1e5 === 0) peak = Math.max(peak, require('v8').getHeapSpaceStatistics().find(space => space.space_name === 'new_space').space_size) } console.log(peak)"
  const args = [...NODE_OPTIONS.split(' '), '-e', program]
  const peak = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  // Two half spaces; without the option they grow to 16 MB each.
  expect(peak).toBeGreaterThan(0)
  expect(peak).toBeLessThanOrEqual(2 * 4 * 2 ** 20 + 2 ** 20)
})

describe('YAML for other programs', () => {
  const files = [
    'packaging/compose.yaml',
    'grafana/compose.yaml',
    ...readdirSync('.github/workflows').map(name => join('.github/workflows', name)),
    ...readdirSync('.github/ISSUE_TEMPLATE').map(name => join('.github/ISSUE_TEMPLATE', name)),
    'packaging/home-assistant/repository.yaml',
    ...['config.yaml', 'build.yaml', 'translations/en.yaml'].map(name => join(ADDON, name)),
  ]
  it.each(files)('%s', path => {
    expect(parseDocument(read(path)).errors).toEqual([])
  })

  it('grants the container only what it needs', () => {
    const { services, include } = parse(read('packaging/compose.yaml')) as {
      services: { watchword: Record<string, unknown> }
      include: string[]
    }
    expect(services.watchword).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
    for (const path of include) expect(existsSync(join('packaging', path)), path).toBe(true)
    const { services: others } = parse(read('grafana/compose.yaml')) as { services: object }
    expect(Object.keys(others).sort()).toEqual(['grafana', 'mosquitto', 'prometheus'])
  })

  it('calls the gate on the three supported Nodes', () => {
    const { jobs } = parse(read('.github/workflows/ci.yml')) as {
      jobs: { gate: { strategy: { matrix: { node: number[] } }; steps: { run?: string }[] } }
    }
    expect(jobs.gate.strategy.matrix.node).toEqual([20, 22, 24])
    expect(jobs.gate.steps.some(({ run }) => run === '.ci/run')).toBe(true)
  })
})

describe('the Home Assistant add-on', () => {
  const config = parse(read(join(ADDON, 'config.yaml'))) as Record<string, unknown>

  it('has the package’s version, and an option for each line of its schema', () => {
    expect(config.version).toBe(packageJson.version)
    expect(Object.keys(config.options as object)).toEqual(Object.keys(config.schema as object))
    const { configuration } = parse(read(join(ADDON, 'translations/en.yaml'))) as { configuration: object }
    expect(Object.keys(configuration)).toEqual(Object.keys(config.options as object))
    expect(read(join(ADDON, 'build.yaml'))).toContain(`:${packageJson.version}`)
  })

  it('has an icon of the size that Home Assistant wants', async () => {
    const icon = await loadImage(join(ADDON, 'icon.png'))
    expect([icon.width, icon.height]).toEqual([128, 128])
  })

  it('starts with a config that is valid, at the port that ingress asks', () => {
    const env = { MQTT_URL: 'mqtt://core-mosquitto:1883', MQTT_USER: 'addons', MQTT_PASSWORD: 'secret' }
    const { config: first } = parseConfig(read(join(ADDON, 'watchword.yaml')), 'watchword.yaml', {
      library: readLibrary(),
      env,
    })
    expect(first.mqtt?.url).toBe(env.MQTT_URL)
    expect(first.metrics).toMatchObject({ host: '0.0.0.0', port: config.ingress_port })
  })
})

it('states the repository in package.json; every other address agrees', () => {
  const home = packageJson.repository.url.replace(/^git\+|\.git$/g, '')
  const owner = home.split('/').at(-2)
  const pages = ['CONTRIBUTING.md', 'SECURITY.md', 'docs/install.md', 'packaging/watchword.service']
  const files = [...pages, ...readdirSync('.github/ISSUE_TEMPLATE').map(name => join('.github/ISSUE_TEMPLATE', name))]
  for (const path of [...files, join(ADDON, 'config.yaml'), 'grafana/prometheus/alerts.yml'])
    for (const [address] of read(path).matchAll(/https:\/\/github\.com\/[\w-]+\/watchword/g))
      expect(address, path).toBe(home)
  expect(read(join(ADDON, 'build.yaml'))).toContain(`ghcr.io/${owner}/watchword:`)
  expect(packageJson.bugs).toBe(`${home}/issues`)
})

it('names in docs/install.md only files that are shipped', () => {
  for (const [, path = ''] of read('docs/install.md').matchAll(/\b((?:packaging|grafana|config)\/[\w./-]+\w)/g))
    expect(existsSync(path), path).toBe(true)
  for (const path of packageJson.files.filter(each => !each.startsWith('!') && each !== 'dist'))
    expect(existsSync(path), path).toBe(true)
})
