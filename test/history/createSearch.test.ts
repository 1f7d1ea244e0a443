/** The search finds exactly what a comparison of every stored vector finds. */

import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createCameraAppender } from '../../src/history/cameraAppender.ts'
import { createSearch } from '../../src/history/createSearch.ts'
import { HEAD_BYTES } from '../../src/history/segmentHead.ts'
import { segmentFolder } from '../../src/history/segments.ts'
import { rowBytes } from '../../src/history/vectorRows.ts'
import { float16ToFloat32, float32ToFloat16 } from '../../src/util/float16.ts'
import { dot } from '../../src/util/vector.ts'
import { MODEL, unit } from '../support/historyFrames.ts'
import { appendFrame, storedFrame } from '../support/storedHistory.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const NOON = Date.UTC(2026, 10, 30, 12)

function setUp(dim: number, cameras: Readonly<Record<string, number>>) {
  const dataDir = temporaryFolder()
  const model = { ...MODEL, dim }
  const rounded = (vector: Float32Array) => float16ToFloat32(float32ToFloat16(vector))
  const all = Object.entries(cameras).flatMap(([camera, count]) => {
    const options = { dataDir, model, camera, segmentMs: 60_000, segmentBytes: () => 64e6 }
    const writer = createCameraAppender(options)
    const stored = Array.from({ length: count }, (_, i) => {
      const vector = unit(i + count, dim)
      appendFrame(writer, NOON + 1000 * i, vector)
      return { camera, at: NOON + 1000 * i, vector: rounded(vector) }
    })
    writer.close()
    return stored
  })
  const best = (direction: Float32Array, keep: (each: (typeof all)[number]) => boolean = () => true) =>
    all
      .filter(keep)
      .map(({ camera, at, vector }) => ({ camera, at, value: dot(vector, direction) }))
      .sort((a, b) => b.value - a.value)
  return { dataDir, model, best, search: createSearch({ dataDir, model }) }
}

/** Sums in another order differ in the last digits. */
const plain = (hits: readonly { camera: string; at: number; value: number }[]) =>
  hits.map(({ camera, at, value }) => [camera, at, expect.closeTo(value, 4)])

const found = (hits: readonly { camera: string; at: number; value: number }[]) =>
  hits.map(({ camera, at, value }) => [camera, at, value])

describe('createSearch', () => {
  test.each([8, 16, 20, 64, 130, 512])('the best of several segments and cameras, %i numbers a vector', dim => {
    const { search, best } = setUp(dim, { gate: 150, yard: 70 })
    for (const seed of [901, 902]) {
      const direction = unit(seed, dim).map(value => 100 * value)
      expect(found(search.search({ direction, limit: 12 }))).toEqual(plain(best(direction).slice(0, 12)))
    }
  })

  test('values of either sign, subnormal ones, zero', () => {
    const { dataDir, model } = setUp(8, {})
    const writer = createCameraAppender({ dataDir, model, camera: 'gate', segmentMs: 60_000, segmentBytes: () => 64e6 })
    const vector = Float32Array.from([0, -0, 2 ** -24, -(2 ** -20), 2 ** -14, -1, 0.5, 1 / 3])
    appendFrame(writer, NOON, vector)
    writer.close()
    for (const [i, value] of float16ToFloat32(float32ToFloat16(vector)).entries()) {
      const direction = new Float32Array(8)
      direction[i] = 1
      expect(createSearch({ dataDir, model }).search({ direction, limit: 1 })[0]?.value).toBe(value + 0)
    }
  })

  test('only the given cameras and times', () => {
    const { search, best } = setUp(16, { gate: 150, yard: 150 })
    const direction = unit(903, 16)
    const [from, to] = [NOON + 50_000, NOON + 100_000]
    expect(found(search.search({ direction, cameras: ['yard'], from, to, limit: 100 }))).toEqual(
      plain(best(direction, ({ camera, at }) => camera === 'yard' && at >= from && at < to)),
    )
    expect(search.search({ direction, from: NOON + 1e9, limit: 5 })).toEqual([])
    expect(search.search({ direction, cameras: ['elsewhere'], limit: 5 })).toEqual([])
  })

  test('a damaged vector is no hit, whatever its value has become', () => {
    const { dataDir, model, best } = setUp(16, { gate: 3 })
    const direction = unit(904, 16)
    const path = `${segmentFolder(dataDir, 'gate', model)}/${NOON}.vectors`
    const bytes = readFileSync(path)
    const [first] = best(direction)
    const row = ((first?.at ?? 0) - NOON) / 1000
    // Infinity, and of the sign that makes it the best.
    bytes.writeUInt16LE(direction[0] && direction[0] > 0 ? 0x7c00 : 0xfc00, HEAD_BYTES + row * rowBytes(16))
    writeFileSync(path, bytes)
    const hits = createSearch({ dataDir, model }).search({ direction, limit: 3 })
    expect(found(hits)).toEqual(plain(best(direction).slice(1)))
  })

  test('a vector whose frame was lost is no hit, and the next best is found instead', () => {
    const { dataDir, model, best } = setUp(16, { gate: 2 })
    const writer = createCameraAppender({ dataDir, model, camera: 'gate', segmentMs: 60_000, segmentBytes: () => 64e6 })
    const direction = unit(905, 16)
    expect(() =>
      writer.append({
        signals: [storedFrame(NOON + 5000, 0), { ...storedFrame(NOON + 6000), views: null as never }],
        vectors: direction.slice(),
      }),
    ).toThrow()
    writer.close()
    const hits = createSearch({ dataDir, model }).search({ direction, limit: 1 })
    expect(found(hits)).toEqual(plain(best(direction).slice(0, 1)))
  })

  test('a direction of another model is refused', () => {
    const { search } = setUp(16, {})
    expect(() => search.search({ direction: new Float32Array(8), limit: 1 })).toThrow(
      'Expected a direction of 16 numbers',
    )
  })

  test('one hit has the place and the last near copy of what was seen', () => {
    const { dataDir, model } = setUp(8, {})
    const writer = createCameraAppender({
      dataDir,
      model,
      camera: 'gate',
      segmentMs: 600_000,
      segmentBytes: () => 64e6,
    })
    const box = { x: 0.25, y: 0.5, width: 0.125, height: 0.25 }
    const withCrop = (at: number, vector: number) => {
      const frame = storedFrame(at, -2)
      return {
        ...frame,
        views: [
          ...frame.views,
          { ...(frame.views[0] as never as object), id: 'crop-1', kind: 'crop', box, subject: box, vector },
        ],
      } as typeof frame
    }
    writer.append({ signals: [withCrop(NOON, 0)], vectors: unit(1, 8) as Float32Array<ArrayBuffer> })
    writer.append({ signals: [withCrop(NOON + 1000, -2)], vectors: new Float32Array() })
    writer.append({ signals: [withCrop(NOON + 2000, 0)], vectors: unit(2, 8) as Float32Array<ArrayBuffer> })
    writer.close()
    const [hit] = createSearch({ dataDir, model }).search({ direction: unit(1, 8), limit: 1 })
    expect(hit).toMatchObject({ camera: 'gate', view: 'crop-1', at: NOON, until: NOON + 1000, box })
  })
})
