/** The writer with its thread, and the reader beside it: what is taken can be read, searched and seen. */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HistoryReader } from '../../src/history/history.ts'
import { openHistoryReader } from '../../src/history/openHistoryReader.ts'
import { type HistoryWriterOptions, openHistoryWriter } from '../../src/history/openHistoryWriter.ts'
import type { EncodedFrame, Signal } from '../../src/types.ts'
import { status } from '../support/frames.ts'
import { crop, MODEL, near, seen, unit } from '../support/historyFrames.ts'
import { openFolder } from '../support/openFolder.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'

const NOON = Date.UTC(2026, 10, 30, 12)

function setUp(options: Partial<HistoryWriterOptions> = {}) {
  const folder = openFolder('watchword-history-')
  onTestFinished(folder.remove)
  const telemetry = recordTelemetry()
  const failures: unknown[] = []
  const health = { failed: (error: unknown) => failures.push(error), worked: () => {} }
  const common = { dataDir: folder.path, model: MODEL, maxAgeMs: 7 * 86_400_000, maxBytes: 2e9, thumbnails: true }
  const open = () => openHistoryWriter({ ...common, telemetry, health, ...options })
  const reader = openHistoryReader({ dataDir: folder.path, model: MODEL })
  onTestFinished(() => reader.close())
  return { dataDir: folder.path, telemetry, failures, open, reader }
}

async function readAll(reader: HistoryReader, camera = 'gate'): Promise<Signal<EncodedFrame>[]> {
  const all: Signal<EncodedFrame>[] = []
  for await (const signal of reader.read({ camera, from: 0, to: Number.MAX_SAFE_INTEGER })) all.push(signal)
  return all
}

describe('openHistoryWriter', () => {
  test('frames and statuses come back in order, without images, and all else as it was', async () => {
    const { open, reader, failures } = setUp()
    const writer = open()
    const zone = crop('zone-yard', { kind: 'zone', zones: { yard: 1 }, motion: 1 / 3, settled: 0.1 })
    const view = crop('crop-1', { zones: { yard: 0.3, road: 1 / 7 } })
    const signals = [
      status('gate', NOON, 'online'),
      seen('gate', NOON + 1, unit(1), { motion: 0.2, settled: 1 / 9, light: 'infrared', size: 224 }),
      seen('gate', NOON + 1001, unit(2), {
        encoded: [{ view: zone, embedding: unit(3), reused: false }],
        views: [zone, view],
      }),
      seen('gate', NOON + 2001, unit(2), { still: true, reused: true, problem: 'frozen' }),
      { ...status('gate', NOON + 3000, 'offline'), reason: 'eof', detail: 'ended', retryInMs: 5 } as const,
    ]
    for (const signal of signals) writer.take(signal)
    await writer.close()
    expect(failures).toEqual([])

    const found = await readAll(reader)
    const plain = (signal: Signal<EncodedFrame>) =>
      signal.kind === 'status'
        ? signal
        : {
            ...signal,
            embedding: null,
            views: signal.views.map(({ view, reused }) => ({ view: { ...view, pixels: null }, reused })),
            frame: {
              ...signal.frame,
              pixels: null,
              views: signal.frame.views.map(each => ({ ...each, pixels: null })),
            },
          }
    expect(found.map(plain)).toEqual(signals.map(plain))
    const embeddings = (all: readonly Signal<EncodedFrame>[]) =>
      all.flatMap(signal => (signal.kind === 'frame' ? [signal.embedding, ...signal.views.map(v => v.embedding)] : []))
    const [before, after] = [embeddings(signals), embeddings(found)]
    expect(after).toHaveLength(before.length)
    for (const [i, vector] of after.entries())
      for (const [j, value] of vector.entries()) expect(value).toBeCloseTo(before[i]?.[j] ?? Number.NaN, 3)
  })

  test('a near copy has no vector of its own: it shares the array of the one that it copies', async () => {
    const { open, reader } = setUp()
    const writer = open()
    const [first, copy, other] = [unit(1), near(unit(1), 0.998), near(unit(1), 0.99)]
    for (const [i, vector] of [first, copy, first, other].entries()) writer.take(seen('gate', NOON + 1000 * i, vector))
    await writer.close()
    const [a, b, c, d] = (await readAll(reader)) as EncodedFrame[]
    expect(b?.embedding).toBe(a?.embedding)
    expect(c?.embedding).toBe(a?.embedding)
    expect(d?.embedding).not.toBe(a?.embedding)
    expect(await reader.cameras()).toMatchObject([
      { camera: 'gate', from: NOON, to: NOON + 3000, frames: 4, vectors: 2 },
    ])
    const hits = await reader.search({ direction: first, limit: 2 })
    expect(hits[0]).toMatchObject({ camera: 'gate', at: NOON, until: NOON + 2000, view: 'whole' })
    expect(hits[0]?.value).toBeCloseTo(1, 3)
  })

  test('keepExact: near copies that still wait, and those that follow, keep their vectors', async () => {
    const { open, reader } = setUp()
    const writer = open()
    const vectors = [unit(1), near(unit(1), 0.999, 1), near(unit(1), 0.999, 2), near(unit(1), 0.999, 3)]
    for (const [i, vector] of vectors.entries()) {
      if (i === 3) writer.keepExact('gate')
      writer.take(seen('gate', NOON + 1000 * i, vector))
    }
    await writer.close()
    expect(new Set(((await readAll(reader)) as EncodedFrame[]).map(({ embedding }) => embedding)).size).toBe(4)
  })

  test('thumbnails of the whole image and of crops; null before the first', async () => {
    const { open, reader } = setUp()
    const writer = open()
    const { createCanvas, loadImage } = await import('@napi-rs/canvas')
    const jpeg = await createCanvas(1280, 720).encode('jpeg')
    const size = 32
    const view = crop('crop-1', { pixels: new Uint8Array(size * size * 3).fill(200) })
    writer.take(seen('gate', NOON, unit(1), { jpeg, size, encoded: [{ view, embedding: unit(2), reused: false }] }))
    await writer.close()
    const sizeOf = async (bytes: Uint8Array | null) => {
      const image = await loadImage(bytes ?? new Uint8Array())
      return [image.width, image.height]
    }
    expect(await sizeOf(await reader.thumbnail('gate', NOON, 'whole'))).toEqual([320, 180])
    expect(await sizeOf(await reader.thumbnail('gate', NOON + 1000, 'crop-1'))).toEqual([size, size])
    expect(await reader.thumbnail('gate', NOON - 1, 'whole')).toBeNull()
    expect(await reader.thumbnail('gate', NOON, 'crop-2')).toBeNull()
  })

  test('a second writer goes on in the same segment; files are private', async () => {
    const { open, reader, dataDir, telemetry } = setUp()
    for (const i of [0, 1]) {
      const writer = open()
      writer.take(seen('gate', NOON + 1000 * i, unit(i)))
      await writer.close()
    }
    expect((await readAll(reader)).map(signal => signal.kind === 'frame' && signal.frame.capturedAt)).toEqual([
      NOON,
      NOON + 1000,
    ])
    const folder = join(dataDir, 'history', 'gate', `${MODEL.sha256.slice(0, 12)}.int8`)
    expect(statSync(join(folder, `${NOON}.vectors`)).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(telemetry.of('HistoryStored')).toMatchObject([
      { frames: 1, vectors: 1 },
      { frames: 1, vectors: 1 },
    ])
  })
})
