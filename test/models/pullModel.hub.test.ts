/** What `models pull` does when the hub redirects, refuses, is busy, or is a mirror. */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { removeModel } from '../../src/models/listModels.ts'
import type { CatalogEntry } from '../../src/models/readCatalog.ts'
import { COMMIT } from '../support/localHub.ts'
import { FILES, pinned, setUpPulls, unpinned } from '../support/setUpPulls.ts'

const setup = setUpPulls()
const gated: CatalogEntry = { ...unpinned, repository: 'someone/gated' }
const restricted: CatalogEntry = {
  ...pinned,
  license: { name: 'research-1', url: 'https://example.org/research', restriction: 'for research only' },
}

describe('the redirect to another host', () => {
  test('does not carry the token', async () => {
    const { hub, pull, expectWhole } = setup()
    await pull(gated, { env: { HF_TOKEN: 'hf_right' } })
    expectWhole()
    expect(hub.cdn.visits.map(({ authorization }) => authorization)).toEqual([null])
    expect(hub.visits.every(({ authorization }) => authorization === 'Bearer hf_right')).toBe(true)
  })

  test('is asked for again when its signed address has expired', async () => {
    const { hub, pull, expectWhole } = setup()
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
    const { hub, pull, expectNothing } = setup()
    hub.signedUses = 0
    await expect(pull(pinned)).rejects.toMatchObject({
      code: 'hub-failed',
      message: expect.stringMatching(/refused the hub’s signed address \(403\) of http.*model\.safetensors$/),
    })
    expectNothing()
  })

  test('to a file server without ranges, to a cut body, and beyond the end of the file', async () => {
    const { hub, pull, expectWhole } = setup()
    hub.cdn.next({ kind: 'cut', after: 100_000 }, { kind: 'no-range' })
    await pull(pinned)
    expectWhole()
  })

  test('a part that is longer than the file starts again', async () => {
    const { dataDir, part, pull, expectWhole, expectNothing } = setup()
    mkdirSync(join(dataDir, 'checkpoints', 'clip.pulling'), { recursive: true })
    writeFileSync(part, Buffer.alloc(300_000))
    await expect(pull(pinned)).rejects.toMatchObject({ code: 'sha-mismatch' })
    expectNothing()
    await pull(pinned)
    expectWhole()
  })

  test('a body that ends early every time leaves its bytes for the next attempt, and no model', async () => {
    const { hub, pull, expectWhole, expectNothing } = setup()
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
    const { pull, expectNothing } = setup()
    await expect(pull(gated, { env })).rejects.toMatchObject({
      code: 'hub-denied',
      message: expect.stringContaining(`requires consent to its licence (${status})`),
      hint: expect.stringMatching(hint),
    })
    expectNothing()
  })

  test('a repository that does not exist, which the hub answers with 401', async () => {
    const { pull } = setup()
    await expect(pull({ ...unpinned, repository: 'someone/nothing' })).rejects.toMatchObject({ code: 'hub-not-found' })
  })

  test('a file that is not in the repository', async () => {
    const { pull } = setup()
    const files = [{ path: 'spiece.model', as: 'spiece.model', bytes: null, sha256: null }]
    await expect(pull({ ...unpinned, files })).rejects.toMatchObject({ code: 'hub-not-found' })
  })

  test('a licence that forbids some uses must be accepted before anything is asked for', async () => {
    const { hub, modelDir, pull, expectWhole } = setup()
    const error = { code: 'license-not-accepted', hint: expect.stringContaining('--accept-license research-1') }
    await expect(pull(restricted)).rejects.toMatchObject(error)
    await expect(pull(restricted, { acceptedLicense: 'MIT' })).rejects.toMatchObject(error)
    expect(hub.visits).toEqual([])
    await pull(restricted, { acceptedLicense: 'research-1' })
    expectWhole()
    const source = JSON.parse(readFileSync(join(modelDir, 'source.json'), 'utf8'))
    expect(source).toMatchObject({ license: 'research-1', licenseAccepted: expect.any(String) })
  })
})

describe('mirrors and no hub at all', () => {
  test('a mirror with a path of its own', async () => {
    const { serve, pull, expectWhole } = setup()
    await serve({ 'someone/clip': { files: FILES, large: ['model.safetensors'] } }, '/mirror/hf')
    await pull(unpinned)
    expectWhole()
    expect(setup().hub.visits.every(({ path }) => path.startsWith('/mirror/hf/'))).toBe(true)
  })

  test('a mirror with Git LFS pointers instead of files, with and without known sizes', async () => {
    const { hub, pull, expectNothing } = setup()
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

  test('Git LFS pointers whose hash is published are refused as well, and removing the model ends it', async () => {
    const { hub, dataDir, pull, expectNothing, expectWhole } = setup()
    hub.pointers = true
    const pins = join(dataDir, 'pins', 'clip.json')
    for (const _ of ['first', 'again'])
      await expect(pull(unpinned)).rejects.toMatchObject({
        code: 'sha-mismatch',
        message: expect.stringMatching(/got a Git LFS pointer instead of the file$/),
        hint: expect.stringContaining(`${pins}, which \`watchword models rm clip\` removes`),
      })
    expectNothing()
    hub.pointers = false
    await expect(pull(unpinned)).rejects.toMatchObject({ code: 'sha-mismatch', hint: expect.stringContaining(pins) })
    await removeModel('clip', { dataDir, catalog: { clip: unpinned } })
    expect(existsSync(pins)).toBe(false)
    await pull(unpinned)
    expectWhole()
  })

  test('a pinned revision that a mirror does not have: the hint names the pins', async () => {
    const { dataDir, modelDir, pull } = setup()
    const pins = join(dataDir, 'pins', 'clip.json')
    await pull(unpinned)
    rmSync(modelDir, { recursive: true })
    writeFileSync(pins, readFileSync(pins, 'utf8').replace(COMMIT, '1'.repeat(40)))
    await expect(pull(unpinned)).rejects.toMatchObject({
      code: 'hub-not-found',
      hint: expect.stringContaining(`The revision comes from ${pins}`),
    })
  })

  test.each(['main', '../../x', 'C0FFEE'])('the commit %s is none', async commit => {
    const { hub, pull } = setup()
    hub.commit = commit
    await expect(pull(unpinned)).rejects.toMatchObject({
      code: 'hub-failed',
      message: expect.stringMatching(/^The hub does not publish the commit of http/),
    })
  })

  test('weights of a size that is not published are refused, unless the registry has it', async () => {
    const { hub, pull, expectWhole } = setup()
    hub.sizeless = true
    await expect(pull(unpinned)).rejects.toMatchObject({
      code: 'hub-failed',
      message: expect.stringMatching(/^The hub does not publish the size of http.*model\.safetensors$/),
    })
    const files = pinned.files.map(({ path, as, bytes }) => ({ path, as, bytes, sha256: null }))
    await pull({ ...unpinned, files })
    expectWhole()
  })

  test.each(['1', 'ON', 'true'])('HF_HUB_OFFLINE=%s', async value => {
    const { hub, pull } = setup()
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
    const { hub, pull, expectWhole } = setup()
    const waits: number[] = []
    hub.next({ status: 429, headers: headers as Record<string, string> }, { status: 503 })
    await pull(pinned, { waits })
    expectWhole()
    expect(waits).toEqual([askedMs, 0])
  })

  test('is asked again what a file is', async () => {
    const { hub, pull, expectWhole } = setup()
    const waits: number[] = []
    hub.next(null, { status: 429, headers: { 'retry-after': '7' } }, { status: 503 })
    await pull(unpinned, { waits })
    expectWhole()
    expect(waits).toEqual([0, 7000, 0])
  })

  test('that closes every connection is reported', async () => {
    const { hub, pull, expectNothing } = setup()
    hub.next(...Array.from({ length: 20 }, () => null))
    await expect(pull(unpinned)).rejects.toMatchObject({
      code: 'hub-failed',
      message: expect.stringMatching(/^The hub did not answer for http.*: other side closed/),
    })
    expect(hub.visits.map(({ method }) => method)).toEqual(Array(5).fill('HEAD'))
    expectNothing()
  })

  test('that asks for longer than a minute is not waited for', async () => {
    const { hub, pull, expectNothing } = setup()
    hub.next({ status: 429, headers: { 'retry-after': new Date(Date.now() + 600_000).toUTCString() } })
    await expect(pull(pinned)).rejects.toMatchObject({ code: 'hub-failed', hint: expect.stringMatching(/in \d{3} s$/) })
    expectNothing()
  })
})
