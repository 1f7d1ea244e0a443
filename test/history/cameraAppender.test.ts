/** Segments on disk: what a kill, damage, another model and the clock do to them. */

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type AppenderOptions, createCameraAppender } from '../../src/history/cameraAppender.ts'
import { HEAD_BYTES } from '../../src/history/segmentHead.ts'
import { segmentFolder } from '../../src/history/segments.ts'
import { SAME_VECTOR } from '../../src/history/storedFrame.ts'
import { rowBytes } from '../../src/history/vectorRows.ts'
import { MODEL, unit } from '../support/historyFrames.ts'
import { appendFrame, readTimes, storedFrame } from '../support/storedHistory.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const NOON = Date.UTC(2026, 10, 30, 12)
const DAY = 86_400_000

function setUp(options: Partial<AppenderOptions> = {}) {
  const dataDir = temporaryFolder()
  const all = { dataDir, model: MODEL, camera: 'gate', segmentMs: DAY, segmentBytes: () => 64e6, ...options }
  const open = () => createCameraAppender(all)
  const folder = segmentFolder(all.dataDir, 'gate', all.model)
  const path = (part: string, start = NOON) => join(folder, `${start}.${part}`)
  return { dataDir: all.dataDir, open, folder, path }
}

describe('createCameraAppender', () => {
  test('cut at every byte of the last record of either file: the frames before it stay, and it goes on', async () => {
    const { dataDir, open, folder, path } = setUp()
    const writer = open()
    for (let i = 0; i < 3; i++) appendFrame(writer, NOON + i, unit(i))
    writer.close()
    const files = { frames: readFileSync(path('frames')), vectors: readFileSync(path('vectors')) }
    const third = (files.frames.length - HEAD_BYTES) / 3
    const last = { frames: files.frames.length - third, vectors: files.vectors.length - rowBytes(MODEL.dim) }
    for (const part of ['frames', 'vectors'] as const)
      for (let length = last[part]; length < files[part].length; length++) {
        for (const each of ['frames', 'vectors'] as const) writeFileSync(path(each), files[each])
        truncateSync(path(part), length)
        expect((await readTimes(dataDir, MODEL)).times, `${part} cut to ${length}`).toEqual([NOON, NOON + 1])
        const next = open()
        appendFrame(next, NOON + 3, unit(3))
        next.close()
        const { times } = await readTimes(dataDir, MODEL)
        expect(times, `${part} cut to ${length}`).toEqual([NOON, NOON + 1, NOON + 3])
        rmSync(folder, { recursive: true })
        mkdirSync(folder)
      }
  })

  test('any damaged byte of the frames: the others are read, with one line', async () => {
    const { dataDir, open, path } = setUp()
    const writer = open()
    for (let i = 0; i < 3; i++) appendFrame(writer, NOON + i, unit(i))
    writer.close()
    const whole = readFileSync(path('frames'))
    const length = (whole.length - HEAD_BYTES) / 3
    for (let at = HEAD_BYTES + length; at < HEAD_BYTES + 2 * length; at++) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0xff
      writeFileSync(path('frames'), damaged)
      const { times, reports } = await readTimes(dataDir, MODEL)
      expect(times, `byte ${at}`).toEqual([NOON, NOON + 2])
      expect(reports, `byte ${at}`).toEqual([expect.stringContaining('damaged')])
    }
  })

  test('a damaged vector: its frame is left out, with one line', async () => {
    const { dataDir, open, path } = setUp()
    const writer = open()
    for (let i = 0; i < 3; i++) appendFrame(writer, NOON + i, unit(i))
    writer.close()
    const damaged = readFileSync(path('vectors'))
    const inSecond = HEAD_BYTES + rowBytes(MODEL.dim) + 3
    damaged[inSecond] = (damaged[inSecond] ?? 0) ^ 1
    writeFileSync(path('vectors'), damaged)
    const { times, reports } = await readTimes(dataDir, MODEL)
    expect(times).toEqual([NOON, NOON + 2])
    expect(reports).toEqual([expect.stringContaining('damaged')])
  })

  test('files of another model under our name are left alone and not read', async () => {
    const { dataDir, open, folder } = setUp()
    // Its folder has the same name: only the beginnings of the hashes are in it.
    const other = { ...MODEL, sha256: `${MODEL.sha256.slice(0, 12)}${'0'.repeat(52)}` }
    const foreign = setUp({ model: other })
    const before = foreign.open()
    appendFrame(before, NOON, unit(1))
    before.close()
    cpSync(foreign.folder, folder, { recursive: true })
    const writer = open()
    appendFrame(writer, NOON + 1, unit(2))
    writer.close()
    const { times, reports } = await readTimes(dataDir, MODEL)
    expect(times).toEqual([NOON + 1])
    expect(reports).toEqual([expect.stringContaining('another model or variant')])
    expect((await readTimes(dataDir, other)).times).toEqual([NOON])
  })

  test('a file of a newer version is left alone, with one line', async () => {
    const { dataDir, open, path } = setUp()
    const writer = open()
    appendFrame(writer, NOON, unit(1))
    writer.close()
    const newer = readFileSync(path('frames'))
    newer[8] = 2
    writeFileSync(path('frames'), newer)
    const { times, reports } = await readTimes(dataDir, MODEL)
    expect(times).toEqual([])
    expect(reports).toEqual([expect.stringContaining('it has version 2')])
    const next = open()
    appendFrame(next, NOON + 5, unit(1))
    next.close()
    expect((await readTimes(dataDir, MODEL)).times).toEqual([NOON + 5])
    expect(readFileSync(path('frames'))).toEqual(newer)
  })

  test('a new day, and a clock set back, begin segments of their own, which stand alone', async () => {
    const { dataDir, open, folder } = setUp()
    const writer = open()
    appendFrame(writer, NOON, unit(1))
    const same = (at: number) => writer.append({ signals: [storedFrame(at, SAME_VECTOR)], vectors: new Float32Array() })
    expect(same(NOON + 1)).toBe(0)
    expect(same(NOON + DAY), 'its vector is written again').toBe(1)
    expect(same(NOON - 5000)).toBe(1)
    writer.close()
    const starts = () => [...new Set(readdirSync(folder).map(name => name.split('.')[0]))].map(Number)
    expect(starts().sort()).toEqual([NOON - 5000, NOON, NOON + DAY])
    for (const part of ['frames', 'vectors']) rmSync(join(folder, `${NOON}.${part}`))
    expect((await readTimes(dataDir, MODEL)).times).toEqual([NOON - 5000, NOON + DAY])
  })

  test('a segment that has ended is joined into large chunks, and says the same', async () => {
    const { dataDir, open, path } = setUp()
    const writer = open()
    for (let i = 0; i < 100; i++) appendFrame(writer, NOON + 1000 * i, unit(i % 3))
    const loose = readFileSync(path('frames')).length
    const before = await readTimes(dataDir, MODEL)
    writer.rest(NOON + DAY)
    writer.close()
    expect(readFileSync(path('frames')).length).toBeLessThan(loose / 5)
    expect(await readTimes(dataDir, MODEL)).toEqual(before)
  })

  test('a full segment is followed by another of the same day', async () => {
    const { dataDir, open, folder } = setUp({ segmentBytes: () => 4000 })
    const writer = open()
    for (let i = 0; i < 100; i++) appendFrame(writer, NOON + i, unit(i))
    writer.close()
    expect(readdirSync(folder).length).toBeGreaterThan(4)
    expect((await readTimes(dataDir, MODEL)).times).toHaveLength(100)
  })
})
