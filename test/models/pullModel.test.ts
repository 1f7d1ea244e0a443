/** `models pull` against a hub on loopback that answers as huggingface.co does: pins, kills, full disks. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { locateModel } from '../../src/models/locateModel.ts'
import { openHub } from '../../src/models/openHub.ts'
import { readKnownPins } from '../../src/models/pins.ts'
import { pullModel } from '../../src/models/pullModel.ts'
import { verifyCheckpoint } from '../../src/models/verifyModel.ts'
import { startChild } from '../support/child.ts'
import { COMMIT, sha256 } from '../support/localHub.ts'
import { CONFIG, FILES, pinned, setUpPulls, unpinned, WEIGHTS } from '../support/setUpPulls.ts'
import { canMount, mountSmallDisk } from '../support/smallDisk.ts'

const setup = setUpPulls()

test('OpenCLIP’s layout becomes a checkpoint that its name finds', async () => {
  const { dataDir, serve, pull } = setup()
  const files = { 'open_clip_config.json': CONFIG, 'open_clip_model.safetensors': WEIGHTS }
  await serve({ 'someone/clip': { files, large: ['open_clip_model.safetensors'] } })
  const listed = Object.keys(files).map(path => ({ path, as: path, bytes: null, sha256: null }))
  const { dir } = await pull({ ...unpinned, files: listed })
  expect(await locateModel('clip', { dataDir, catalog: {} })).toEqual({ name: 'clip', kind: 'checkpoint', dir })
})

test('a vocabulary comes from the repository that the registry names for it', async () => {
  const { dataDir, modelDir, serve, pull, expectWhole } = setup()
  const vocab = Buffer.from('{"a": 1}')
  await serve({
    'someone/clip': { files: FILES, large: ['model.safetensors'] },
    'someone/else': { files: { 'vocab.json': vocab } },
  })
  const from = { repository: 'someone/else', revision: COMMIT }
  const shared = { path: 'vocab.json', as: 'vocab.json', bytes: vocab.length, sha256: sha256(vocab), from }
  const entry = { ...unpinned, files: [shared, ...unpinned.files] }
  await pull(entry)
  expectWhole()
  expect(readFileSync(join(modelDir, 'vocab.json')).equals(vocab)).toBe(true)
  expect((await readKnownPins(entry, join(dataDir, 'pins', 'clip.json')))?.files[0]).toMatchObject({ from })
})

test('a vocabulary without a known hash is described where it is', async () => {
  const { modelDir, serve, pull } = setup()
  const vocab = Buffer.from('{"a": 1}')
  await serve({
    'someone/clip': { files: FILES, large: ['model.safetensors'] },
    'someone/else': { files: { 'vocab.json': vocab } },
  })
  const from = { repository: 'someone/else', revision: COMMIT }
  const shared = { path: 'vocab.json', as: 'vocab.json', bytes: null, sha256: null, from }
  await pull({ ...unpinned, files: [shared, ...unpinned.files] })
  expect(readFileSync(join(modelDir, 'vocab.json')).equals(vocab)).toBe(true)
})

describe('a model without known hashes', () => {
  test('is pinned to the newest commit and to the hashes that the hub publishes', async () => {
    const { dataDir, modelDir, pull, expectWhole } = setup()
    expect(await pull(unpinned)).toEqual({ dir: modelDir, revision: COMMIT })
    expectWhole()
    expect(JSON.parse(readFileSync(join(modelDir, 'source.json'), 'utf8'))).toMatchObject({ revision: COMMIT })
    const pins = await readKnownPins(unpinned, join(dataDir, 'pins', 'clip.json'))
    expect(pins?.files).toEqual(
      Object.entries(FILES).map(([path, content]) => ({
        path,
        as: path,
        bytes: content.length,
        digest: { kind: 'sha256', hex: sha256(content) },
      })),
    )
    const states = () => verifyCheckpoint(modelDir, pins?.files ?? []).map(({ state }) => state)
    expect(states()).toEqual(['ok', 'ok'])
    writeFileSync(join(modelDir, 'config.json'), '{}')
    expect(states()).toEqual(['corrupt', 'ok'])
  })

  test('keeps its pins when it is pulled again, although the repository has changed', async () => {
    const { dataDir, serve, pull } = setup()
    await pull(unpinned)
    const changed = { ...FILES, 'config.json': Buffer.from('{"model_type": "siglip"}') }
    await serve({ 'someone/clip': { files: changed, large: ['model.safetensors'] } })
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
    const { hub, pull, expectNothing } = setup()
    hub.silent = true
    await expect(pull(unpinned)).rejects.toMatchObject({
      code: 'hub-failed',
      message: expect.stringMatching(/^The hub does not publish the commit of http/),
    })
    expectNothing()
  })

  test('with known hashes needs no questions, and the registry wins over pins', async () => {
    const { hub, dataDir, pull } = setup()
    await pull(pinned)
    expect(hub.visits.map(({ method }) => method)).not.toContain('HEAD')
    expect(existsSync(join(dataDir, 'pins'))).toBe(false)
  })

  test('a small file that changes on its way is noticed by its Git hash', async () => {
    const { hub, dataDir, expectNothing } = setup()
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

test('a process that is killed half-way leaves no model; the next one continues where it was', async () => {
  const { hub, dataDir, part, pull, expectWhole, expectNothing } = setup()
  // The answer stops here until the client says that it has the bytes, which it never does.
  hub.cdn.next({ kind: 'cut', after: 120_000 })
  const child = startChild('test/support/pullChild.ts', [dataDir, hub.url, JSON.stringify(unpinned)])
  await child.says(`received ${CONFIG.length + 120_000}`)
  child.kill('SIGKILL')
  await child.ended
  expectNothing()
  expect(readFileSync(part)).toHaveLength(120_000)
  await pull(unpinned)
  expectWhole()
  expect(hub.cdn.visits.map(({ range }) => range)).toEqual([null, 'bytes=120000-'])
  expect(readdirSync(join(dataDir, 'checkpoints')).filter(name => !name.startsWith('.'))).toEqual(['clip'])
})

describe.skipIf(!canMount)('a disk that is too small', () => {
  test('is noticed before the download where sizes are known, from the hub if need be', async () => {
    const { hub, pull } = setup()
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
    const { modelDir, serve, pull } = setup()
    const disk = mountSmallDisk(1)
    try {
      const bytes = 2_000_000
      const big = Buffer.alloc(bytes, 7)
      await serve({
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
      expect(readFileSync(join(modelDir, 'model.safetensors')).equals(big)).toBe(true)
    } finally {
      disk.remove()
    }
  })
})
