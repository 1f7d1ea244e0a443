import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DownloadRequest, download } from '../../src/models/download.ts'
import { type Hub, openHub } from '../../src/models/openHub.ts'
import { type FaultyServer, startFaultyServer, startProxy } from '../support/faultyServer.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const FILE = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7 + (i >> 8)) & 255))
const SHA256 = createHash('sha256').update(FILE).digest('hex')

let dir: string
let server: FaultyServer
let hub: Hub

beforeEach(async () => {
  dir = temporaryFolder()
  server = await startFaultyServer({ '/model.onnx': FILE, '/elsewhere': FILE })
  hub = openHub({ HF_ENDPOINT: server.url, HF_TOKEN: 'hf_secret' })
})
afterEach(async () => {
  await hub.close()
  await server.stop()
})

const path = () => join(dir, 'model.onnx')
const part = () => `${path()}.part`

function fetchFile(change: Partial<DownloadRequest> = {}): Promise<void> {
  const url = `${server.url}/model.onnx`
  const onProgress = (bytes: number) => server.received(bytes)
  const request = { hub, url, path: path(), bytes: FILE.length, sha256: SHA256, onProgress, retryDelayMs: () => 0 }
  return download({ ...request, ...change })
}

function expectWhole(): void {
  expect(readFileSync(path()).equals(FILE)).toBe(true)
  expect(existsSync(part())).toBe(false)
}

test('the file comes whole, and progress ends at its size', async () => {
  const seen: number[] = []
  await fetchFile({ onProgress: bytes => seen.push(bytes) })
  expectWhole()
  expect(seen.at(-1)).toBe(FILE.length)
  expect(server.visits).toEqual([{ path: '/model.onnx', range: null, authorization: 'Bearer hf_secret' }])
})

test('a size that is not known in advance', async () => {
  await fetchFile({ bytes: null })
  expectWhole()
})

test('a file of unknown size that never ends is given up at a bound, and nothing is left', async () => {
  server.next({ kind: 'endless' })
  await expect(fetchFile({ bytes: null, mostBytes: 1e6 })).rejects.toMatchObject({ code: 'sha-mismatch' })
  expect(existsSync(part())).toBe(false)
})

test('a server that sends a byte now and then is given up', async () => {
  server.next({ kind: 'drip', everyMs: 5 })
  const error = fetchFile({ slowest: { bytes: 1000, everyMs: 50 } })
  await expect(error).rejects.toMatchObject({ code: 'download-interrupted', message: /only \d+ bytes came in/ })
})

test('a server that cuts after each byte is given up, although each is new', async () => {
  server.next(...Array.from({ length: 500 }, () => ({ kind: 'cut' as const, after: 1 })))
  const error = fetchFile({ slowest: { bytes: 1000, everyMs: 50 } })
  await expect(error).rejects.toMatchObject({ code: 'download-interrupted', message: /only \d+ bytes came in/ })
})

test('a file that is there already is not fetched', async () => {
  writeFileSync(path(), FILE)
  await fetchFile()
  expect(server.visits).toEqual([])
})

describe('a connection that is cut', () => {
  test('is resumed where it stopped', async () => {
    server.next({ kind: 'cut', after: 50_000 }, { kind: 'cut', after: 30_000 })
    await fetchFile()
    expectWhole()
    expect(server.visits.map(({ range }) => range)).toEqual([null, 'bytes=50000-', 'bytes=80000-'])
  })

  test('patience is renewed by every new byte', async () => {
    server.next(...Array.from({ length: 12 }, () => ({ kind: 'cut', after: 10_000 }) as const))
    await fetchFile()
    expectWhole()
  })

  test('that never brings a byte ends in words, and what came is kept for the next time', async () => {
    writeFileSync(part(), FILE.subarray(0, 80_000))
    server.next(...Array.from({ length: 5 }, () => ({ kind: 'cut', after: 0 }) as const))
    await expect(fetchFile()).rejects.toMatchObject({
      code: 'download-interrupted',
      message: expect.stringContaining('stopped after 80000 of 200000 bytes'),
    })
    expect(readFileSync(part())).toHaveLength(80_000)
    expect(existsSync(path())).toBe(false)
    await fetchFile()
    expectWhole()
    expect(server.visits.at(-1)?.range).toBe('bytes=80000-')
  })
})

describe('a part from an earlier run', () => {
  test('is resumed', async () => {
    writeFileSync(part(), FILE.subarray(0, 120_000))
    await fetchFile()
    expectWhole()
    expect(server.visits.map(({ range }) => range)).toEqual(['bytes=120000-'])
  })

  test('that is complete needs no request', async () => {
    writeFileSync(part(), FILE)
    await fetchFile()
    expectWhole()
    expect(server.visits).toEqual([])
  })

  test('is resumed from a server that always sends the whole file', async () => {
    writeFileSync(part(), FILE.subarray(0, 120_000))
    server.next({ kind: 'no-range' })
    const seen: number[] = []
    await fetchFile({ onProgress: bytes => seen.push(bytes) })
    expectWhole()
    expect(Math.min(...seen)).toBeGreaterThan(120_000)
  })

  test('is not thrown back by a server that sends all of it again, and is cut', async () => {
    writeFileSync(part(), FILE.subarray(0, 80_000))
    server.next(
      ...Array.from({ length: 4 }, () => ({ kind: 'cut', after: 0, ranges: false }) as const),
      { kind: 'cut', after: 90_000, ranges: false },
      ...Array.from({ length: 5 }, () => ({ kind: 'cut', after: 0, ranges: false }) as const),
    )
    await expect(fetchFile()).rejects.toMatchObject({ code: 'download-interrupted' })
    expect(readFileSync(part()).equals(FILE.subarray(0, 90_000))).toBe(true)
  })

  test('restarts when the answer leaves a gap', async () => {
    writeFileSync(part(), FILE.subarray(0, 500))
    server.next({ kind: 'elsewhere' })
    await fetchFile()
    expectWhole()
    expect(server.visits.map(({ range }) => range)).toEqual(['bytes=500-', null])
  })

  test('that is longer than the file on the server restarts', async () => {
    writeFileSync(part(), Buffer.concat([FILE, FILE]))
    await fetchFile({ bytes: null })
    expectWhole()
  })

  test('of another file gives another hash: thrown away, and right the next time', async () => {
    writeFileSync(part(), Buffer.alloc(120_000))
    await expect(fetchFile()).rejects.toMatchObject({ code: 'sha-mismatch' })
    expect(existsSync(part())).toBe(false)
    await fetchFile()
    expectWhole()
  })
})

describe('a server that serves something else', () => {
  test('wrong bytes are named by their hash and not kept', async () => {
    const expected = '0'.repeat(64)
    const error = await fetchFile({ sha256: expected }).catch(error => error)
    expect(error).toMatchObject({ code: 'sha-mismatch' })
    expect(error.message).toContain(expected)
    expect(error.message).toContain(SHA256)
    expect(existsSync(part())).toBe(false)
    expect(existsSync(path())).toBe(false)
  })

  test('another size is seen before its bytes come, and what is here stays', async () => {
    writeFileSync(part(), FILE.subarray(0, 500))
    await expect(fetchFile({ bytes: 1000 })).rejects.toMatchObject({
      code: 'sha-mismatch',
      message: expect.stringMatching(/to have 1000 bytes, got 200000$/),
    })
    expect(readFileSync(part())).toHaveLength(500)
  })

  test('too many bytes of a file of unknown size stop the download', async () => {
    server.next({ kind: 'short', bytes: 2000 })
    await expect(fetchFile({ bytes: 1000 })).rejects.toMatchObject({ code: 'sha-mismatch' })
    expect(existsSync(part())).toBe(false)
  })

  test('a web page is no file', async () => {
    writeFileSync(part(), FILE.subarray(0, 500))
    server.next({ kind: 'page' })
    await expect(fetchFile()).rejects.toMatchObject({
      code: 'hub-denied',
      message: expect.stringContaining('got a web page'),
    })
    expect(readFileSync(part())).toHaveLength(500)
    await fetchFile()
    expectWhole()
  })

  test('too few, again and again, end in words', async () => {
    server.next(...Array.from({ length: 30 }, () => ({ kind: 'short', bytes: 1000 }) as const))
    await expect(fetchFile()).rejects.toMatchObject({ code: 'download-interrupted' })
  })
})

describe('answers', () => {
  test.each([
    [401, 'hub-denied'],
    [403, 'hub-denied'],
    [404, 'hub-not-found'],
    [410, 'hub-not-found'],
    [400, 'hub-failed'],
  ])('%i is %s', async (status, code) => {
    server.next(...Array.from({ length: 5 }, () => ({ kind: 'status', status }) as const))
    await expect(fetchFile()).rejects.toMatchObject({ code })
  })

  test('a 5xx answer is retried', async () => {
    server.next({ kind: 'status', status: 503 }, { kind: 'status', status: 429 })
    await fetchFile()
    expectWhole()
  })

  test('a hub that has had enough says for how long', async () => {
    const status = { kind: 'status', status: 429, headers: { 'retry-after': '300' } } as const
    server.next(...Array.from({ length: 5 }, () => status))
    await expect(fetchFile()).rejects.toMatchObject({ code: 'hub-failed', hint: expect.stringContaining('300 s') })
  })

  test('a redirect within the hub is followed', async () => {
    server.next({ kind: 'redirect', to: '/elsewhere' })
    await fetchFile()
    expectWhole()
  })

  test('the token is not carried to another host', async () => {
    const other = await startFaultyServer({ '/cdn': FILE })
    server.next({ kind: 'redirect', to: `${other.url}/cdn` })
    await fetchFile()
    await other.stop()
    expectWhole()
    expect(other.visits).toEqual([{ path: '/cdn', range: null, authorization: null }])
  })
})

describe('the way to the hub', () => {
  test('no server: one clear line, at once', async () => {
    await server.stop()
    await expect(fetchFile()).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/^Cannot reach http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/),
      hint: expect.stringContaining('HF_ENDPOINT'),
    })
    server = await startFaultyServer({})
  })

  test('a proxy of the environment is used, and NO_PROXY goes around it', async () => {
    const proxy = await startProxy()
    const { host } = new URL(server.url)
    for (const [env, tunnels] of [
      [{ HTTP_PROXY: proxy.url }, [host]],
      [{ HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' }, []],
    ] as const) {
      const before = proxy.tunnels.length
      const proxied = openHub({ HF_ENDPOINT: server.url, ...env })
      await fetchFile({ hub: proxied })
      await proxied.close()
      expect(proxy.tunnels.slice(before)).toEqual(tunnels)
      rmSync(path())
    }
    await proxy.stop()
  })

  test.each([
    [407, 'hub-denied', /user and password in HTTPS_PROXY/],
    [403, 'hub-failed', /NO_PROXY/],
  ])('a proxy that answers %i is reported', async (status, code, hint) => {
    const proxy = await startProxy(status)
    const proxied = openHub({ HF_ENDPOINT: server.url, HTTP_PROXY: proxy.url.replace('http://', '') })
    await expect(fetchFile({ hub: proxied })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`${server.url}/model.onnx`),
      hint: expect.stringMatching(hint),
    })
    await proxied.close()
    await proxy.stop()
    expect(server.visits).toEqual([])
  })

  test.each(['http://', 'socks5://user:geheim@host:1', 'a b'])('HTTPS_PROXY that is none: %s', proxy => {
    expect(() => openHub({ HTTPS_PROXY: proxy })).toThrow(
      expect.objectContaining({ code: 'hub-address', message: expect.not.stringContaining('geheim') }),
    )
  })

  test('a mirror’s user and password are sent, and never shown', async () => {
    const mirror = openHub({ HF_ENDPOINT: server.url.replace('//', '//anna:geheim@') })
    await fetchFile({ hub: mirror, url: mirror.urlOf('a', 'b', 'c').replace('/a/resolve/b/c', '/model.onnx') })
    await mirror.close()
    expect(mirror.shown).toBe(server.url)
    expect(server.visits[0]?.authorization).toBe(`Basic ${btoa('anna:geheim')}`)
  })

  test.each(['not a url', 'ftp://example.org'])('HF_ENDPOINT that is none: %s', endpoint => {
    expect(() => openHub({ HF_ENDPOINT: endpoint })).toThrow(expect.objectContaining({ code: 'hub-address' }))
  })
})

test('a place that cannot be written', async () => {
  writeFileSync(join(dir, 'file'), '')
  await expect(fetchFile({ path: join(dir, 'file', 'model.onnx') })).rejects.toMatchObject({ code: 'unwritable' })
})
