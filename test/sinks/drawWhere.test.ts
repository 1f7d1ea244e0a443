/** With the real ffmpeg; another decoder reads what it made. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { describe, expect, it } from 'vitest'
import { drawWhere, type WhereInput, whereArguments } from '../../src/sinks/drawWhere.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import type { Box } from '../../src/types.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const SIDE = 64
const GREY = [128, 128, 128] as const
const YELLOW = [255, 212, 0] as const
const BLACK = [0, 0, 0] as const

function snapshotOf(width: number, height: number): Uint8Array {
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  context.fillStyle = `rgb(${GREY.join(',')})`
  context.fillRect(0, 0, width, height)
  return canvas.toBuffer('image/jpeg', 95)
}

/** Left half red, right half blue. */
const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
  const isLeft = Math.floor(i / 3) % SIDE < SIDE / 2
  return [isLeft ? 255 : 0, 0, isLeft ? 0 : 255][i % 3] as number
})

const input = (box: Box, rest: { width?: number; height?: number; view?: 'crop' | 'zone' } = {}): WhereInput => ({
  snapshot: snapshotOf(rest.width ?? 640, rest.height ?? 360),
  viewImage: { box, size: SIDE, pixels },
  where: { box, zones: [], view: rest.view ?? 'crop' },
})
const BOX = { x: 0.25, y: 0.5, width: 0.25, height: 0.25 }

async function decode(jpeg: Uint8Array) {
  const image = await loadImage(Buffer.from(jpeg))
  const canvas = createCanvas(image.width, image.height)
  const context = canvas.getContext('2d')
  context.drawImage(image, 0, 0)
  const { width, height } = canvas
  const { data } = context.getImageData(0, 0, width, height)
  /** The largest difference of a channel between a pixel and a colour. */
  const off = (x: number, y: number, colour: readonly number[]) =>
    Math.max(...colour.map((value, c) => Math.abs((data[(y * width + x) * 4 + c] as number) - value)))
  return { width, height, off }
}

const ffmpeg = await findFfmpeg().catch(() => null)
if (ffmpeg === null) console.warn('SKIPPED: ffmpeg is not installed')

describe.skipIf(ffmpeg === null)('with ffmpeg', () => {
  const options = { ffmpegPath: ffmpeg?.path ?? '', quality: 2 }

  it('draws a line with dark edges around the box, and nothing else', async () => {
    const { width, height, off } = await decode((await drawWhere(input(BOX), options)).snapshot)
    expect([width, height]).toEqual([640, 360])
    // Four pixels around the box, which begins at 160, 180 and has 160 x 90 pixels.
    const [left, top, right, bottom] = [156, 176, 323, 273]
    const near = 70
    for (const [x, y] of [
      [240, top + 1],
      [240, bottom - 1],
      [left + 1, 225],
      [right - 1, 225],
    ] as const)
      expect(off(x, y, YELLOW), `the line at ${x}, ${y}`).toBeLessThan(near)
    for (const [x, y] of [
      [240, top],
      [240, bottom],
      [left, 225],
      [right, 225],
    ] as const)
      expect(off(x, y, BLACK), `the edge at ${x}, ${y}`).toBeLessThan(near)
    for (const [x, y] of [
      [240, top - 8],
      [240, 225],
      [left - 8, 225],
      [right + 8, 225],
      [left + 8, top + 8],
      [right - 8, bottom - 8],
      [20, 20],
    ] as const)
      expect(off(x, y, GREY), `the image at ${x}, ${y}`).toBeLessThan(12)
  })

  it.each([
    ['a box at the far corner', { x: 0.99, y: 0.99, width: 0.01, height: 0.01 }],
    ['the whole image', { x: 0, y: 0, width: 1, height: 1 }],
    ['a point', { x: 0.5, y: 0.5, width: 0, height: 0 }],
  ])('keeps inside the image: %s', async (_, box) => {
    const { width, height, off } = await decode(
      (await drawWhere(input(box, { width: 101, height: 77 }), options)).snapshot,
    )
    expect([width, height]).toEqual([101, 77])
    const lines = Array.from({ length: width * height }, (_, i) => off(i % width, Math.floor(i / width), YELLOW))
    expect(lines.filter(distance => distance < 70).length).toBeGreaterThan(8)
  })

  it('makes a JPEG of what the model saw', async () => {
    const { width, height, off } = await decode((await drawWhere(input(BOX), options)).crop)
    expect([width, height]).toEqual([SIDE, SIDE])
    expect(off(8, 32, [255, 0, 0])).toBeLessThan(20)
    expect(off(56, 32, [0, 0, 255])).toBeLessThan(20)
  })

  it('gives the image of a zone its shape back', async () => {
    const { crop } = await drawWhere(input({ x: 0, y: 0, width: 0.5, height: 0.5 }, { view: 'zone' }), options)
    const { width, height } = await decode(crop)
    expect([width, height]).toEqual([Math.round((SIDE * 16) / 9), SIDE])
  })

  it('fails with the reason of ffmpeg when the snapshot is damaged', async () => {
    const whole = input(BOX)
    const damaged = { ...whole, snapshot: whole.snapshot.subarray(0, 200) }
    await expect(drawWhere(damaged, options)).rejects.toThrow(/./)
  })
})

const program = (script: string) => {
  const path = join(temporaryFolder(), 'ffmpeg')
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return path
}

it.skipIf(process.platform === 'win32')('gives ffmpeg a low priority', async () => {
  const pids = join(temporaryFolder(), 'pid')
  const hanging = program(`echo $$ > ${pids}.part; mv ${pids}.part ${pids}; exec sleep 1000`)
  const stop = new AbortController()
  const drawing = drawWhere(input(BOX), { ffmpegPath: hanging, quality: 4, signal: stop.signal })
  await until(() => existsSync(pids), 'it has started')
  expect(getPriority(Number(readFileSync(pids, 'utf8')))).toBe(10)
  stop.abort(new Error('enough'))
  await expect(drawing).rejects.toThrow('enough')
})

it('fails when ffmpeg is missing, ends with an error, writes nothing, or is stopped', async () => {
  const draw = (ffmpegPath: string, signal?: AbortSignal) =>
    drawWhere(input(BOX), { ffmpegPath, quality: 4, ...(signal && { signal }) })
  await expect(draw('/nowhere/ffmpeg')).rejects.toThrow('/nowhere/ffmpeg ENOENT')
  await expect(draw(program('echo first >&2; echo no memory >&2; exit 1'))).rejects.toThrow('no memory')
  await expect(draw(program('exit 0'))).rejects.toThrow('ffmpeg ended with 0')
  const stop = new AbortController()
  const hanging = draw(program('exec sleep 1000'), stop.signal)
  stop.abort(new Error('enough'))
  await expect(hanging).rejects.toThrow('enough')
})

it('refuses a snapshot that is no JPEG, and pixels that were given away', () => {
  const good = input(BOX)
  expect(() => whereArguments({ ...good, snapshot: Uint8Array.of(1, 2, 3) }, 4)).toThrow('the snapshot is not a JPEG')
  const gone = { ...good, viewImage: { box: BOX, size: SIDE, pixels: new Uint8Array(0) } }
  expect(() => whereArguments(gone, 4)).toThrow('Expected 12288 bytes of pixels, got 0')
})
