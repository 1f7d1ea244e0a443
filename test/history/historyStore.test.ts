/** The thread's side: retention, a full disk, a deleted folder. */

import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HistoryBatch } from '../../src/history/historyProtocol.ts'
import { createHistoryStore } from '../../src/history/historyStore.ts'
import { historyFolder } from '../../src/history/segments.ts'
import { MODEL, unit } from '../support/historyFrames.ts'
import { canMount, mountSmallDisk } from '../support/smallDisk.ts'
import { readTimes, storedFrame } from '../support/storedHistory.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const NOON = Date.UTC(2026, 10, 30, 12)
const HOUR = 3_600_000
const DAY = 24 * HOUR

/** @param count frames, each with a vector of its own */
function batch(at: number, count = 1, camera = 'gate', model: { readonly dim: number } = MODEL): HistoryBatch {
  const vectors = new Float32Array(count * model.dim)
  for (let i = 0; i < count; i++) vectors.set(unit(at + i, model.dim), i * model.dim)
  const signals = Array.from({ length: count }, (_, i) => storedFrame(at + i, i))
  return { camera, signals, vectors, pictures: [] }
}

function picture(at: number, side: number) {
  const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 7919) % 256)
  return { at, view: 'whole', image: { pixels, size: side } }
}

/** @param dataDir default: an empty folder */
function setUp({ maxAgeMs = 7 * DAY, maxBytes = 2e9, dataDir = temporaryFolder() } = {}) {
  const clock = { wall: NOON, steady: 0 }
  const clocks = { wall: () => clock.wall, steady: () => clock.steady }
  const pass = (ms: number) => {
    clock.wall += ms
    clock.steady += ms
  }
  const store = createHistoryStore({ dataDir, model: MODEL, maxAgeMs, maxBytes }, clocks)
  return { dataDir, store, clock, pass }
}

const bytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)

describe('createHistoryStore', () => {
  test('what is above the age goes, also of cameras that are no longer there, but not before the clock can be trusted', async () => {
    const { dataDir, store, pass } = setUp({ maxAgeMs: 2 * DAY })
    await store.write(batch(NOON - 5 * DAY, 1, 'removed'))
    await store.write(batch(NOON - 5 * DAY))
    await store.write(batch(NOON))
    store.cleanUp()
    expect((await readTimes(dataDir, MODEL)).times).toHaveLength(2)
    for (let i = 0; i < 7; i++) {
      pass(HOUR)
      store.cleanUp()
    }
    expect((await readTimes(dataDir, MODEL)).times).toEqual([NOON])
    expect(readdirSync(historyFolder(dataDir))).toEqual(['gate'])
  })

  test('above the bytes the oldest thumbnails go, then the oldest segments; what is left is what it says', async () => {
    const { dataDir, store } = setUp({ maxBytes: 200_000 })
    for (let day = 0; day < 6; day++) {
      const pictures = day < 3 ? [picture(NOON + day * DAY, 320), picture(NOON + day * DAY, 320)] : []
      await store.write({ ...batch(NOON + day * DAY, 300), pictures })
    }
    const thumbnails = () =>
      readdirSync(historyFolder(dataDir), { recursive: true }).filter(name => String(name).endsWith('thumbnails'))
    const before = thumbnails().length
    const left = store.cleanUp()
    expect(left).toBeLessThanOrEqual(200_000)
    expect(bytesIn(historyFolder(dataDir))).toBe(left)
    expect(thumbnails().length).toBeLessThan(before)
    const { times } = await readTimes(dataDir, MODEL)
    expect(times.at(-1), 'the newest stays').toBe(NOON + 5 * DAY + 299)
  })

  test('many cameras share the bytes, although each has an open segment', async () => {
    const { store } = setUp({ maxBytes: 400_000 })
    for (let i = 0; i < 60; i++)
      for (let camera = 0; camera < 8; camera++) await store.write(batch(NOON + 1000 * i, 10, `camera-${camera}`))
    expect(store.cleanUp()).toBeLessThanOrEqual(400_000)
  })

  test('a deleted folder: said once, and made again', async () => {
    const { dataDir, store } = setUp()
    await store.write(batch(NOON))
    renameSync(historyFolder(dataDir), `${historyFolder(dataDir)}-deleted`)
    rmSync(`${historyFolder(dataDir)}-deleted`, { recursive: true })
    expect(await store.write(batch(NOON + 1000))).toMatchObject({
      error: null,
      problem: expect.stringContaining('was deleted'),
    })
    expect(await store.write(batch(NOON + 2000))).toMatchObject({ error: null, problem: null })
    expect((await readTimes(dataDir, MODEL)).times).toEqual([NOON + 1000, NOON + 2000])
  })

  test('a thumbnail that cannot be made costs no frame', async () => {
    const { dataDir, store } = setUp()
    const pictures = [{ at: NOON, view: 'whole', image: { jpeg: Uint8Array.from([1, 2, 3]) } }]
    expect(await store.write({ ...batch(NOON), pictures })).toMatchObject({
      vectors: 1,
      thumbnails: 0,
      error: null,
      problem: expect.stringContaining('a thumbnail'),
    })
    expect((await readTimes(dataDir, MODEL)).times).toEqual([NOON])
  })

  test('a data directory that is a file: an error that names it', async () => {
    const dataDir = join(temporaryFolder(), 'file')
    const { store } = setUp({ dataDir })
    const { writeFileSync } = await import('node:fs')
    writeFileSync(dataDir, '')
    const { error } = await store.write(batch(NOON))
    expect(error).toContain(dataDir)
    expect(existsSync(dataDir)).toBe(true)
  })

  test.skipIf(!canMount)(
    'a full disk: an error, nothing half written, and it goes on when there is space again',
    async () => {
      const disk = mountSmallDisk(1)
      onTestFinished(disk.remove)
      const { store } = setUp({ dataDir: disk.path })
      const written: number[] = []
      for (let i = 0; i < 5; i++) {
        expect((await store.write(batch(NOON + 1000 * i, 50))).error).toBeNull()
        written.push(NOON + 1000 * i)
      }
      disk.fill()
      expect((await store.write(batch(NOON + 10_000, 500))).error).toMatch(/Cannot write .*: the disk is full/)
      disk.empty()
      expect((await store.write(batch(NOON + 20_000, 50))).error).toBeNull()
      written.push(NOON + 20_000)
      const { times, reports } = await readTimes(disk.path, MODEL)
      expect(times).toEqual(written.flatMap(at => Array.from({ length: 50 }, (_, i) => at + i)))
      expect(reports).toEqual([])
    },
  )
})
