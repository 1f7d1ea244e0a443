/** `models pull` against a hub on loopback that answers as huggingface.co does. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { locateModel } from '../../src/models/locateModel.ts'
import { openHub } from '../../src/models/openHub.ts'
import { readKnownPins } from '../../src/models/pins.ts'
import { type PulledModel, pullModel } from '../../src/models/pullModel.ts'
import type { CatalogEntry } from '../../src/models/readCatalog.ts'
import { verifyCheckpoint } from '../../src/models/verifyModel.ts'
import { FACTS } from '../support/catalogEntry.ts'
import { startChild } from '../support/child.ts'
import { COMMIT, type LocalHub, sha256, startLocalHub } from '../support/localHub.ts'
import { canMount, mountSmallDisk } from '../support/smallDisk.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const WEIGHTS = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 255))
const CONFIG = Buffer.from('{"model_type": "clip"}')
const FILES = { 'config.json': CONFIG, 'model.safetensors': WEIGHTS }

/** Nothing but names is known, as for models that nobody here could download. */
const unpinned: CatalogEntry = {
  ...FACTS,
  description: 'a model',
  repository: 'someone/clip',
  revision: null,
  form: 'checkpoint',
  files: Object.keys(FILES).map(path => ({ path, as: path, bytes: null, sha256: null })),
}
const gated: CatalogEntry = { ...unpinned, repository: 'someone/gated' }
const pinned: CatalogEntry = {
  ...unpinned,
  revision: COMMIT,
  files: Object.entries(FILES).map(([path, file]) => ({ path, as: path, bytes: file.length, sha256: sha256(file) })),
}
const restricted: CatalogEntry = {
  ...pinned,
  license: { name: 'research-1', url: 'https://example.org/research', restriction: 'for research only' },
}

let hub: LocalHub
let dataDir: string
beforeEach(async () => {
  hub = await startLocalHub({
    'someone/clip': { files: FILES, large: ['model.safetensors'] },
    'someone/gated': { files: FILES, large: ['model.safetensors'], token: 'hf_right' },
  })
  dataDir = temporaryFolder()
})
afterEach(() => hub.stop())

interface Change {
  readonly env?: Record<string, string>
  readonly dataDir?: string
  readonly acceptedLicense?: string
  /** Receives what the hub asked to wait. */
  readonly waits?: number[]
}

async function pull(entry: CatalogEntry, change: Change = {}): Promise<PulledModel> {
  const { env = {}, waits = [], ...options } = change
  const opened = openHub({ HF_ENDPOINT: hub.url, ...env })
  const onProgress = ({ bytes }: { bytes: number }) => hub.cdn.received(bytes - CONFIG.length)
  const retryDelayMs = (_: number, askedMs: number) => {
    waits.push(askedMs)
    return 0
  }
  try {
    return await pullModel({ name: 'clip', entry, dataDir, hub: opened, onProgress, retryDelayMs, ...options })
  } finally {
    await opened.close()
  }
}

const modelDir = () => join(dataDir, 'checkpoints', 'clip')
const part = () => join(dataDir, 'checkpoints', 'clip.pulling', 'model.safetensors.part')

function expectWhole(): void {
  expect(readFileSync(join(modelDir(), 'model.safetensors')).equals(WEIGHTS)).toBe(true)
  expect(readFileSync(join(modelDir(), 'config.json')).equals(CONFIG)).toBe(true)
}

function expectNothing(): void {
  expect(existsSync(modelDir())).toBe(false)
}

test('OpenCLIP’s layout becomes a checkpoint that its name finds', async () => {
  await hub.stop()
  const files = { 'open_clip_config.json': CONFIG, 'open_clip_model.safetensors': WEIGHTS }
  hub = await startLocalHub({ 'someone/clip': { files, large: ['open_clip_model.safetensors'] } })
  const listed = Object.keys(files).map(path => ({ path, as: path, bytes: null, sha256: null }))
  const { dir } = await pull({ ...unpinned, files: listed })
  expect(await locateModel('clip', { dataDir, catalog: {} })).toEqual({ name: 'clip', kind: 'checkpoint', dir })
})

describe('a model without known hashes', () => {
  test('is pinned to the newest commit and to the hashes that the hub publishes', async () => {
    expect(await pull(unpinned)).toEqual({ dir: modelDir(), revision: COMMIT })
    expectWhole()
    expect(JSON.parse(readFileSync(join(modelDir(), 'source.json'), 'utf8'))).toMatchObject({ revision: COMMIT })
    const pins = await readKnownPins(unpinned, join(dataDir, 'pins', 'clip.json'))
    expect(pins?.files).toEqual(
      Object.entries(FILES).map(([path, content]) => ({
        path,
        as: path,
        bytes: content.length,
        digest: { kind: 'sha256', hex: sha256(content) },
      })),
    )
    const states = () => verifyCheckpoint(modelDir(), pins?.files ?? []).map(({ state }) => state)
    expect(states()).toEqual(['ok', 'ok'])
    writeFileSync(join(modelDir(), 'config.json'), '{}')
    expect(states()).toEqual(['corrupt', 'ok'])
  })

  test('keeps its pins when it is pulled again, although the repository has changed', async () => {
    await pull(unpinned)
    await hub.stop()
    const changed = { ...FILES, 'config.json': Buffer.from('{"model_type": "siglip"}') }
    hub = await startLocalHub({ 'someone/clip': { files: changed, large: ['model.safetensors'] } })
    mkdirSync(join(dataDir, 'other'))
    const copy = join(dataDir, 'other')
    mkdirSync(join(copy, 'pins'))
    writeFileSync(join(copy, 'pins', 'clip.json'), readFileSync(join(dataDir, 'pins', 'clip.json')))
    await expect(pull(unpinned, { dataDir: copy })).rejects.toMatchObject({
      code: 'sha-mismatch',
      message: expect.stringContaining('config.json'),
    })
    expect(existsSync(join(copy, 'checkpoints', 'clip'))).toBe(false)
  })

  test('does not trust a hub that publishes neither commit nor hash', async () => {
    hub.silent = true
    await expect(pull(unpinned)).rejects.toMatchObject({
      code: 'hub-failed',
      message: expect.stringMatching(/^The hub does not publish the commit of http/),
    })
    expectNothing()
  })

  test('with known hashes needs no questions, and the registry wins over pins', async () => {
    await pull(pinned)
    expect(hub.visits.map(({ method }) => method)).not.toContain('HEAD')
    expect(existsSync(join(dataDir, 'pins'))).toBe(false)
  })

  test('a small file that changes on its way is noticed by its Git hash', async () => {
    const opened = openHub({ HF_ENDPOINT: hub.url })
    const describe = async () => ({
      commit: COMMIT,
      digest: { kind: 'git-blob', hex: '0'.repeat(40) } as const,
      bytes: 22,
    })
    const options = { name: 'clip', entry: unpinned, dataDir, hub: { ...opened, describe }, retryDelayMs: () => 0 }
    await expect(pullModel(options)).rejects.toMatchObject({
      code: 'sha-mismatch',
      message: expect.stringMatching(/to have the Git hash 0{40}, got [0-9a-f]{40}$/),
    })
    await opened.close()
    expectNothing()
  })
})

describe('the redirect to another host', () => {
  test('does not carry the token', async () => {
    await pull(gated, { env: { HF_TOKEN: 'hf_right' } })
    expectWhole()
    expect(hub.cdn.visits.map(({ authorization }) => authorization)).toEqual([null])
    expect(hub.visits.every(({ authorization }) => authorization === 'Bearer hf_right')).toBe(true)
  })

  test('is asked for again when its signed address has expired', async () => {
    hub.signedUses = 1
    hub.cdn.next({ kind: 'cut', after: 100_000 }, { kind: 'cut', after: 50_000 })
    await pull(unpinned)
    expectWhole()
    const paths = hub.cdn.visits.map(({ path, range }) => [path.replace(/.*\?/, ''), range])
    expect(paths).toEqual([
      ['signature=2', null],
      ['signature=3', 'bytes=100000-'],
      ['signature=4', 'bytes=150000-'],
    ])
  })

  test('that is refused is no question of the token', async () => {
    hub.signedUses = 0
    await expect(pull(pinned)).rejects.toMatchObject({
      code: 'hub-failed',
      message: expect.stringMatching(/refused the hub’s signed address \(403\) of http.*model\.safetensors$/),
    })
    expectNothing()
  })

  test('to a file server without ranges, to a cut body, and beyond the end of the file', async () => {
    hub.cdn.next({ kind: 'cut', after: 100_000 }, { kind: 'no-range' })
    await pull(pinned)
    expectWhole()
  })

  test('a part that is longer than the file starts again', async () => {
    mkdirSync(join(dataDir, 'checkpoints', 'clip.pulling'), { recursive: true })
    writeFileSync(part(), Buffer.alloc(300_000))
    await expect(pull(pinned)).rejects.toMatchObject({ code: 'sha-mismatch' })
    expectNothing()
    await pull(pinned)
    expectWhole()
  })

  test('a body that ends early every time leaves its bytes for the next attempt, and no model', async () => {
    hub.cdn.next(...Array.from({ length: 5 }, () => ({ kind: 'cut', after: 0 }) as const))
    await expect(pull(pinned)).rejects.toMatchObject({ code: 'download-interrupted' })
    expectNothing()
    await pull(pinned)
    expectWhole()
  })
})

describe('access', () => {
  test.each([
    ['without a token', {}, 401, /^Accept the licence at http:.*\/someone\/gated, then set HF_TOKEN/],
    [
      'with the token of another account',
      { HF_TOKEN: 'hf_other' },
      403,
      /someone\/gated with the account of HF_TOKEN$/,
    ],
  ])('a gated model %s', async (_, env, status, hint) => {
    await expect(pull(gated, { env })).rejects.toMatchObject({
      code: 'hub-denied',
      message: expect.stringContaining(`requires consent to its licence (${status})`),
      hint: expect.stringMatching(hint),
    })
    expectNothing()
  })

  test('a repository that does not exist, which the hub answers with 401', async () => {
    await expect(pull({ ...unpinned, repository: 'someone/nothing' })).rejects.toMatchObject({ code: 'hub-not-found' })
  })

  test('a file that is not in the repository', async () => {
    const files = [{ path: 'spiece.model', as: 'spiece.model', bytes: null, sha256: null }]
    await expect(pull({ ...unpinned, files })).rejects.toMatchObject({ code: 'hub-not-found' })
  })

  test('a licence that forbids some uses must be accepted before anything is asked for', async () => {
    const error = { code: 'license-not-accepted', hint: expect.stringContaining('--accept-license research-1') }
    await expect(pull(restricted)).rejects.toMatchObject(error)
    await expect(pull(restricted, { acceptedLicense: 'MIT' })).rejects.toMatchObject(error)
    expect(hub.visits).toEqual([])
    await pull(restricted, { acceptedLicense: 'research-1' })
    expectWhole()
    const source = JSON.parse(readFileSync(join(modelDir(), 'source.json'), 'utf8'))
    expect(source).toMatchObject({ license: 'research-1', licenseAccepted: expect.any(String) })
  })
})

describe('mirrors and no hub at all', () => {
  test('a mirror with a path of its own', async () => {
    await hub.stop()
    hub = await startLocalHub({ 'someone/clip': { files: FILES, large: ['model.safetensors'] } }, '/mirror/hf')
    await pull(unpinned)
    expectWhole()
    expect(hub.visits.every(({ path }) => path.startsWith('/mirror/hf/'))).toBe(true)
  })

  test('a mirror with Git LFS pointers instead of files, with and without known sizes', async () => {
    hub.pointers = true
    const files = pinned.files.map(file => ({ ...file, bytes: null }))
    await expect(pull({ ...pinned, files })).rejects.toMatchObject({
      code: 'sha-mismatch',
      message: expect.stringMatching(/got a Git LFS pointer instead of the file$/),
    })
    await expect(pull(pinned)).rejects.toMatchObject({
      code: 'sha-mismatch',
      hint: expect.stringContaining('perhaps a Git LFS pointer'),
    })
    expectNothing()
  })

  test.each(['1', 'ON', 'true'])('HF_HUB_OFFLINE=%s', async value => {
    const env = { HF_HUB_OFFLINE: value }
    await expect(pull(pinned, { env })).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringContaining('HF_HUB_OFFLINE is set'),
    })
    expect(hub.visits).toEqual([])
    await pull(pinned, { env: { HF_HUB_OFFLINE: '0' } })
    // What is here needs no hub.
    expect(await pull(pinned, { env })).toMatchObject({ revision: COMMIT })
  })
})

describe('a busy hub', () => {
  test.each([
    ['Retry-After in seconds', { 'retry-after': '7' }, 7000],
    ['the RateLimit header of Hugging Face', { ratelimit: '"resolvers";r=0;t=30' }, 30_000],
    ['nothing', {}, 0],
  ])('asks to wait by %s', async (_, headers, askedMs) => {
    const waits: number[] = []
    hub.next({ status: 429, headers: headers as Record<string, string> }, { status: 503 })
    await pull(pinned, { waits })
    expectWhole()
    expect(waits).toEqual([askedMs, 0])
  })

  test('that asks for longer than a minute is not waited for', async () => {
    hub.next({ status: 429, headers: { 'retry-after': new Date(Date.now() + 600_000).toUTCString() } })
    await expect(pull(pinned)).rejects.toMatchObject({ code: 'hub-failed', hint: expect.stringMatching(/in \d{3} s$/) })
    expectNothing()
  })
})

test('a process that is killed half-way leaves no model; the next one continues where it was', async () => {
  // The answer stops here until the client says that it has the bytes, which it never does.
  hub.cdn.next({ kind: 'cut', after: 120_000 })
  const child = startChild('test/support/pullChild.ts', [dataDir, hub.url, JSON.stringify(unpinned)])
  await child.says(`received ${CONFIG.length + 120_000}`)
  child.kill('SIGKILL')
  await child.ended
  expectNothing()
  expect(readFileSync(part())).toHaveLength(120_000)
  await pull(unpinned)
  expectWhole()
  expect(hub.cdn.visits.map(({ range }) => range)).toEqual([null, 'bytes=120000-'])
  expect(readdirSync(join(dataDir, 'checkpoints')).filter(name => !name.startsWith('.'))).toEqual(['clip'])
})

describe.skipIf(!canMount)('a disk that is too small', () => {
  test('is noticed before the download where sizes are known, from the hub if need be', async () => {
    const disk = mountSmallDisk(1)
    try {
      disk.fill()
      const files = unpinned.files.filter(({ path }) => path === 'model.safetensors')
      await expect(pull({ ...pinned, files: pinned.files }, { dataDir: disk.path })).rejects.toMatchObject({
        code: 'disk-full',
      })
      expect(hub.visits).toEqual([])
      await expect(pull({ ...unpinned, files }, { dataDir: disk.path })).rejects.toMatchObject({ code: 'disk-full' })
      expect(hub.cdn.visits).toEqual([])
    } finally {
      disk.remove()
    }
  })

  test('is full half-way: no model, and the next attempt succeeds', async () => {
    const disk = mountSmallDisk(1)
    try {
      const bytes = 2_000_000
      const big = Buffer.alloc(bytes, 7)
      await hub.stop()
      hub = await startLocalHub({
        'someone/clip': { files: { 'model.safetensors': big }, large: ['model.safetensors'] },
      })
      const files = [{ path: 'model.safetensors', as: 'model.safetensors', bytes: null, sha256: sha256(big) }]
      const entry = { ...unpinned, revision: COMMIT, files }
      await expect(pull(entry, { dataDir: disk.path })).rejects.toMatchObject({ code: 'disk-full' })
      expect(readdirSync(join(disk.path, 'checkpoints')).filter(name => !name.startsWith('.'))).toEqual([
        'clip.pulling',
      ])
      expect(readdirSync(join(disk.path, 'checkpoints', 'clip.pulling'))).toEqual([])
      await pull(entry)
      expect(readFileSync(join(modelDir(), 'model.safetensors')).equals(big)).toBe(true)
    } finally {
      disk.remove()
    }
  })
})
