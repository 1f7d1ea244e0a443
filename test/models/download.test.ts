import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { FILE, SHA256, setUpDownloads } from '../support/setUpDownloads.ts'

const setup = setUpDownloads()

test('the whole file arrives, and progress ends at its size', async () => {
  const { server, fetchFile, expectWhole } = setup()
  const seen: number[] = []
  await fetchFile({ onProgress: bytes => seen.push(bytes) })
  expectWhole()
  expect(seen.at(-1)).toBe(FILE.length)
  expect(server.visits).toEqual([{ path: '/model.onnx', range: null, authorization: 'Bearer hf_secret' }])
})

test('a size that is not known in advance', async () => {
  const { fetchFile, expectWhole } = setup()
  await fetchFile({ bytes: null })
  expectWhole()
})

test('a file of unknown size that never ends is given up at a bound, and nothing is left', async () => {
  const { server, part, fetchFile } = setup()
  server.next({ kind: 'endless' })
  await expect(fetchFile({ bytes: null, mostBytes: 1e6 })).rejects.toMatchObject({ code: 'sha-mismatch' })
  expect(existsSync(part)).toBe(false)
})

test('a server that sends a byte now and then is given up', async () => {
  const { server, fetchFile } = setup()
  server.next({ kind: 'drip', everyMs: 5 })
  const error = fetchFile({ slowest: { bytes: 1000, everyMs: 50 } })
  await expect(error).rejects.toMatchObject({ code: 'download-interrupted', message: /only \d+ bytes came in/ })
})

test('a server that cuts after each byte is given up, although each is new', async () => {
  const { server, fetchFile } = setup()
  server.next(...Array.from({ length: 500 }, () => ({ kind: 'cut' as const, after: 1 })))
  const error = fetchFile({ slowest: { bytes: 1000, everyMs: 50 } })
  await expect(error).rejects.toMatchObject({ code: 'download-interrupted', message: /only \d+ bytes came in/ })
})

test('a wait that the hub asked for does not count as slowness', async () => {
  const { server, fetchFile, expectWhole } = setup()
  const now = performance.now.bind(performance)
  let waited = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + waited)
  server.next({ kind: 'status', status: 429, headers: { 'retry-after': '60' } })
  const retryDelayMs = () => {
    waited = 60_000
    return 0
  }
  await fetchFile({ retryDelayMs }).finally(() => clock.mockRestore())
  expectWhole()
})

test('more bytes than a file of unknown size may have: the message names the size', async () => {
  const { fetchFile } = setup()
  await expect(fetchFile({ bytes: null, mostBytes: 100_000 })).rejects.toMatchObject({
    code: 'sha-mismatch',
    message: expect.stringMatching(/^The size of http.* is not published, and more than 0 MB were sent$/),
  })
})

test('a file that is there already is not fetched', async () => {
  const { server, path, fetchFile } = setup()
  writeFileSync(path, FILE)
  await fetchFile()
  expect(server.visits).toEqual([])
})

describe('a connection that is cut', () => {
  test('is resumed where it stopped', async () => {
    const { server, fetchFile, expectWhole } = setup()
    server.next({ kind: 'cut', after: 50_000 }, { kind: 'cut', after: 30_000 })
    await fetchFile()
    expectWhole()
    expect(server.visits.map(({ range }) => range)).toEqual([null, 'bytes=50000-', 'bytes=80000-'])
  })

  test('the number of attempts starts again with every new byte', async () => {
    const { server, fetchFile, expectWhole } = setup()
    server.next(...Array.from({ length: 12 }, () => ({ kind: 'cut', after: 10_000 }) as const))
    await fetchFile()
    expectWhole()
  })

  test('that never delivers a byte ends with an error, and the received bytes are kept for the next attempt', async () => {
    const { server, path, part, fetchFile, expectWhole } = setup()
    writeFileSync(part, FILE.subarray(0, 80_000))
    server.next(...Array.from({ length: 5 }, () => ({ kind: 'cut', after: 0 }) as const))
    await expect(fetchFile()).rejects.toMatchObject({
      code: 'download-interrupted',
      message: expect.stringContaining('stopped after 80000 of 200000 bytes'),
    })
    expect(readFileSync(part)).toHaveLength(80_000)
    expect(existsSync(path)).toBe(false)
    await fetchFile()
    expectWhole()
    expect(server.visits.at(-1)?.range).toBe('bytes=80000-')
  })
})

describe('a part from an earlier run', () => {
  test('is resumed', async () => {
    const { server, part, fetchFile, expectWhole } = setup()
    writeFileSync(part, FILE.subarray(0, 120_000))
    await fetchFile()
    expectWhole()
    expect(server.visits.map(({ range }) => range)).toEqual(['bytes=120000-'])
  })

  test('that is complete needs no request', async () => {
    const { server, part, fetchFile, expectWhole } = setup()
    writeFileSync(part, FILE)
    await fetchFile()
    expectWhole()
    expect(server.visits).toEqual([])
  })

  test('is resumed from a server that always sends the whole file', async () => {
    const { server, part, fetchFile, expectWhole } = setup()
    writeFileSync(part, FILE.subarray(0, 120_000))
    server.next({ kind: 'no-range' })
    const seen: number[] = []
    await fetchFile({ onProgress: bytes => seen.push(bytes) })
    expectWhole()
    expect(Math.min(...seen)).toBeGreaterThan(120_000)
  })

  test('does not shrink when a server sends all of it again and is cut', async () => {
    const { server, part, fetchFile } = setup()
    writeFileSync(part, FILE.subarray(0, 80_000))
    server.next(
      ...Array.from({ length: 4 }, () => ({ kind: 'cut', after: 0, ranges: false }) as const),
      { kind: 'cut', after: 90_000, ranges: false },
      ...Array.from({ length: 5 }, () => ({ kind: 'cut', after: 0, ranges: false }) as const),
    )
    await expect(fetchFile()).rejects.toMatchObject({ code: 'download-interrupted' })
    expect(readFileSync(part).equals(FILE.subarray(0, 90_000))).toBe(true)
  })

  test('restarts when the answer leaves a gap', async () => {
    const { server, part, fetchFile, expectWhole } = setup()
    writeFileSync(part, FILE.subarray(0, 500))
    server.next({ kind: 'elsewhere' })
    await fetchFile()
    expectWhole()
    expect(server.visits.map(({ range }) => range)).toEqual(['bytes=500-', null])
  })

  test('that is longer than the file on the server restarts', async () => {
    const { part, fetchFile, expectWhole } = setup()
    writeFileSync(part, Buffer.concat([FILE, FILE]))
    await fetchFile({ bytes: null })
    expectWhole()
  })

  test('of another file has another hash: it is deleted, and the next attempt succeeds', async () => {
    const { part, fetchFile, expectWhole } = setup()
    writeFileSync(part, Buffer.alloc(120_000))
    await expect(fetchFile()).rejects.toMatchObject({ code: 'sha-mismatch' })
    expect(existsSync(part)).toBe(false)
    await fetchFile()
    expectWhole()
  })
})

describe('a server that serves something else', () => {
  test('wrong bytes are reported with their hash and not kept', async () => {
    const { path, part, fetchFile } = setup()
    const expected = '0'.repeat(64)
    const error = await fetchFile({ digest: { kind: 'sha256', hex: expected } }).catch(error => error)
    expect(error).toMatchObject({ code: 'sha-mismatch' })
    expect(error.message).toContain(expected)
    expect(error.message).toContain(SHA256)
    expect(existsSync(part)).toBe(false)
    expect(existsSync(path)).toBe(false)
  })

  test('another size is noticed before its bytes arrive, and the part stays', async () => {
    const { part, fetchFile } = setup()
    writeFileSync(part, FILE.subarray(0, 500))
    await expect(fetchFile({ bytes: 1000 })).rejects.toMatchObject({
      code: 'sha-mismatch',
      message: expect.stringMatching(/to have 1000 bytes, got 200000$/),
    })
    expect(readFileSync(part)).toHaveLength(500)
  })

  test('too many bytes of a file of unknown size stop the download', async () => {
    const { server, part, fetchFile } = setup()
    server.next({ kind: 'short', bytes: 2000 })
    await expect(fetchFile({ bytes: 1000 })).rejects.toMatchObject({ code: 'sha-mismatch' })
    expect(existsSync(part)).toBe(false)
  })

  test('a web page is rejected', async () => {
    const { server, part, fetchFile, expectWhole } = setup()
    writeFileSync(part, FILE.subarray(0, 500))
    server.next({ kind: 'page' })
    await expect(fetchFile()).rejects.toMatchObject({
      code: 'hub-denied',
      message: expect.stringContaining('got a web page'),
    })
    expect(readFileSync(part)).toHaveLength(500)
    await fetchFile()
    expectWhole()
  })

  test('too few bytes at every attempt end with an error', async () => {
    const { server, fetchFile } = setup()
    server.next(...Array.from({ length: 30 }, () => ({ kind: 'short', bytes: 1000 }) as const))
    await expect(fetchFile()).rejects.toMatchObject({ code: 'download-interrupted' })
  })
})

test('a path that cannot be written', async () => {
  const { dir, fetchFile } = setup()
  writeFileSync(join(dir, 'file'), '')
  await expect(fetchFile({ path: join(dir, 'file', 'model.onnx') })).rejects.toMatchObject({ code: 'unwritable' })
})
