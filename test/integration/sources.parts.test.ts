import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Ffmpeg, findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { corners, expectMarker, MARKER, redness, scene, ZONES } from '../support/markedVideo.ts'
import { type Parts, paint, readParts, writeVideo } from '../support/partsOfVideo.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

let ffmpeg: Ffmpeg
const folder = sharedFolder()
beforeAll(async () => {
  ffmpeg = await findFfmpeg()
})

const LOSSLESS = ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p']
const sizeOf = (parts: Parts | undefined, part: string) => [parts?.get(part)?.width, parts?.get(part)?.height]

describe('pixels that are not square', () => {
  test.each([
    ['64/45', [1024, 576], [796, 448]],
    ['16/15', [768, 576], [598, 448]],
    ['1/1', [720, 576], [560, 448]],
  ] as const)('with %s, whole, detail, zones and JPEG show the same place', async (ratio, jpeg, detail) => {
    const path = writeVideo(ffmpeg, join(folder, `d1-${ratio.replace('/', '-')}.mkv`), {
      pictures: [scene(720, 576)],
      args: ['-vf', `setsar=${ratio}`, ...LOSSLESS],
    })
    const snapshot = { longSide: 2000, quality: 2 }
    const [parts] = await readParts(ffmpeg, path, { zones: ZONES, snapshot, detailHeight: 448 })
    expect([...(parts as Parts).keys()]).toEqual(['whole', 'detail', 'jpeg', 'gate', 'road'])
    expect(sizeOf(parts, 'jpeg')).toEqual(jpeg)
    expect(sizeOf(parts, 'detail')).toEqual(detail)
    expectMarker(parts as Parts, [720, 576])
  })
})

test.each([
  [32, 32, 448, [32, 32]],
  [640, 360, 2160, [640, 360]],
  [1920, 32, 448, [128, 32]],
  [1600, 200, 100, [400, 100]],
  [32, 1600, 448, [32, 1600]],
  [360, 640, 180, [180, 320]],
  [33, 41, 30, [30, 37]],
  [2, 2, 448, [2, 2]],
] as const)('%dx%d with a detail of %d pixels on its shorter side', async (width, height, detailHeight, expected) => {
  const path = writeVideo(ffmpeg, join(folder, `${width}x${height}.mkv`), {
    pictures: [scene(width, height)],
    args: ['-c:v', 'ffv1', '-pix_fmt', 'yuv444p'],
  })
  const [parts] = await readParts(ffmpeg, path, { zones: ZONES, detailHeight })
  expect(sizeOf(parts, 'detail')).toEqual(expected)
  if (width > 2) expectMarker(parts as Parts, [width, height])
})

test('a source with too few rows for a detail delivers none', async () => {
  const path = writeVideo(ffmpeg, join(folder, 'low.mkv'), { pictures: [scene(320, 240)], args: LOSSLESS })
  const namesWith = async (leastDetailHeight: number) =>
    (await readParts(ffmpeg, path, { leastDetailHeight })).map(parts => [...parts.keys()])
  expect(await namesWith(241)).toEqual([['whole', 'jpeg']])
  expect(await namesWith(240)).toEqual([['whole', 'detail', 'jpeg']])
})

test('an upright source needs as many columns', async () => {
  const path = writeVideo(ffmpeg, join(folder, 'upright.mkv'), { pictures: [scene(240, 320)], args: LOSSLESS })
  const namesWith = async (leastDetailHeight: number) =>
    (await readParts(ffmpeg, path, { leastDetailHeight })).map(parts => [...parts.keys()])
  expect(await namesWith(241)).toEqual([['whole', 'jpeg']])
  expect(await namesWith(240)).toEqual([['whole', 'detail', 'jpeg']])
})

test('a single zone has an image too', async () => {
  const path = writeVideo(ffmpeg, join(folder, 'one.mkv'), { pictures: [scene(320, 240)], args: LOSSLESS })
  const [parts] = await readParts(ffmpeg, path, { zones: ZONES.slice(0, 1), detailHeight: null, snapshot: null })
  expect([...(parts as Parts).keys()]).toEqual(['whole', 'gate'])
  expectMarker(parts as Parts, [320, 240])
})

test('sixteen zones, and every part belongs to its frame', async () => {
  const zones = Array.from({ length: 16 }, (_, i) => {
    return {
      name: `zone-${i}`,
      polygon: corners({ x: (i % 4) / 4, y: Math.floor(i / 4) / 4, width: 0.2, height: 0.2 }),
    }
  })
  // A flat grey that grows with each frame: any mix-up shows.
  const pictures = Array.from({ length: 12 }, (_, i) => paint(96, 64, () => [20 * i, 20 * i, 20 * i]))
  const path = writeVideo(ffmpeg, join(folder, 'ramp.mkv'), { pictures, args: LOSSLESS })
  const frames = await readParts(ffmpeg, path, { zones })
  expect(frames).toHaveLength(12)
  for (const [i, parts] of frames.entries()) {
    expect(parts.size).toBe(3 + 16)
    for (const [part, { pixels }] of parts)
      for (const value of [pixels[0], pixels.at(-1)])
        expect(Math.abs((value ?? 0) - 20 * i), `${part} of frame ${i}`).toBeLessThanOrEqual(3)
  }
  // Buffers go to a worker one by one: none may be shared.
  const buffers = frames.flatMap(parts => [...parts.values()].map(({ pixels }) => pixels.buffer))
  expect(new Set(buffers).size).toBe(buffers.length)
  expect(await readParts(ffmpeg, path, { zones, maxFrames: 3 })).toHaveLength(3)
})

test('frames a millisecond apart all come, with every part', async () => {
  const pictures = Array.from({ length: 12 }, (_, i) => paint(96, 64, () => [20 * i, 20 * i, 20 * i]))
  const close = "setpts='(floor(N/4)*0.5+mod(N,4)*0.001)/TB'"
  const args = ['-enc_time_base', '1:1000', '-vsync', '0', ...LOSSLESS]
  const path = writeVideo(ffmpeg, join(folder, 'close.mkv'), {
    pictures,
    args: ['-vf', `settb=1/1000,${close}`, ...args],
  })
  const frames = await readParts(ffmpeg, path, { zones: ZONES })
  expect(frames).toHaveLength(12)
  for (const [i, parts] of frames.entries()) {
    expect([...parts.keys()]).toEqual(['whole', 'detail', 'jpeg', 'gate', 'road'])
    for (const [part, { pixels }] of parts)
      expect(Math.abs((pixels.at(-1) ?? 0) - 20 * i), `${part} of frame ${i}`).toBeLessThanOrEqual(4)
  }
})

describe('a size that changes in the middle of a recording', () => {
  const raw = ['-c:v', 'libx264', '-qp', '0', '-bf', '0', '-pix_fmt', 'yuv420p', '-f', 'h264']
  const part = ([width, height]: readonly [number, number]) => {
    const pictures = Array.from({ length: 4 }, () => scene(width, height))
    return writeVideo(ffmpeg, join(folder, `${width}x${height}.h264`), { pictures, args: raw })
  }

  test.each([
    ['larger', [320, 240], [640, 480]],
    ['smaller', [640, 480], [320, 240]],
    ['wider', [320, 240], [640, 360]],
  ] as const)('%s: zones stay at their place, with and without snapshots', async (name, before, after) => {
    const path = join(folder, `${name}.h264`)
    writeFileSync(path, Buffer.concat([part(before), part(after)].map(file => readFileSync(file))))
    for (const snapshot of [{ longSide: 640, quality: 2 }, null]) {
      const frames = await readParts(ffmpeg, path, { zones: ZONES, snapshot })
      expect(frames).toHaveLength(8)
      for (const parts of frames) {
        expectMarker(parts, [320, 240])
        expect(sizeOf(parts, 'detail')).toEqual(sizeOf(frames[0], 'detail'))
      }
    }
  })

  test.each([
    ['larger', [320, 240], [640, 480]],
    ['smaller', [640, 480], [320, 240]],
  ] as const)('%s: masks stay at their place, with and without snapshots', async (name, before, after) => {
    const path = join(folder, `masked-${name}.h264`)
    writeFileSync(path, Buffer.concat([part(before), part(after)].map(file => readFileSync(file))))
    for (const snapshot of [{ longSide: 640, quality: 2 }, null]) {
      const frames = await readParts(ffmpeg, path, { masks: [corners(MARKER)], zones: ZONES, snapshot })
      expect(frames).toHaveLength(8)
      for (const parts of frames)
        for (const [name, image] of parts) expect(redness(image), name).toBeLessThanOrEqual(name === 'jpeg' ? 8 : 2)
    }
  })
})
