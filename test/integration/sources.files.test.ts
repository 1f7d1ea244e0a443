import { execFileSync } from 'node:child_process'
import { readFile as readBytes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lastValueFrom, toArray } from 'rxjs'
import { beforeAll, expect, test } from 'vitest'
import { type Ffmpeg, findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { type FileOptions, file, readFile } from '../../src/sources/file.ts'
import { probe } from '../../src/sources/probe.ts'
import { readFrames } from '../../src/sources/readFrames.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import type { Frame, Signal } from '../../src/types.ts'
import { childrenWith } from '../support/processes.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url))
const CAR = fixture('video/car.mp4')

let ffmpeg: Ffmpeg
const folder = sharedFolder()
beforeAll(async () => {
  ffmpeg = await findFfmpeg()
})

/** Makes a video with ffmpeg; `args` end before the output. */
function make(name: string, ...args: string[]): string {
  const path = join(folder, name)
  execFileSync(ffmpeg.path, ['-v', 'error', '-y', ...args, path])
  return path
}

const internalEvents: InternalEvent[] = []
const depsOf = () => ({
  ffmpeg,
  redact: (text: string) => text,
  telemetry: { emit: (what: InternalEvent) => internalEvents.push(what) },
})
const optionsOf = (path: string, options: Partial<FileOptions> = {}): FileOptions => {
  return { camera: 'clip', path, sampling: 'all', size: 16, fit: 'stretch', snapshot: null, ...options }
}
const isFrame = (signal: Signal<Frame>) => signal.kind === 'frame'

async function read(path: string, options: Partial<FileOptions> = {}) {
  const signals: Signal<Frame>[] = []
  for await (const signal of readFile(optionsOf(path, options), depsOf())) signals.push(signal)
  return {
    signals,
    frames: signals.filter(isFrame),
    times: signals.filter(isFrame).map(({ capturedAt }) => capturedAt),
  }
}

test('every frame comes once, in order, with its own time, and then the end', async () => {
  const { signals, frames, times } = await read(CAR)
  expect(frames).toHaveLength(377)
  expect(times).toEqual(Array.from({ length: 377 }, (_, i) => i * 80))
  expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, i) => i))
  expect(signals[0]).toMatchObject({ kind: 'status', state: 'online', at: 0 })
  expect(signals.at(-1)).toMatchObject({ kind: 'status', state: 'ended', at: 376 * 80 })
})

test('a rate takes the first frame of each slot; its time is the frame’s, not the slot’s', async () => {
  const { times } = await read(CAR, { sampling: { fps: 2 }, maxFrames: 8, startAt: 1_000_000 })
  expect(times.map(time => time - 1_000_000)).toEqual([0, 560, 1040, 1520, 2000, 2560, 3040, 3520])
})

test('every n-th frame is counted as decoded', async () => {
  expect((await read(CAR, { sampling: { everyNth: 100 } })).times).toEqual([0, 8000, 16_000, 24_000])
})

test('with a variable frame rate the times are true', async () => {
  // Frames at 0, 40, 80, … ms, of which only those with n² are kept.
  const select = "select='eq(n,0)+eq(n,1)+eq(n,4)+eq(n,9)+eq(n,16)+eq(n,25)'"
  const vfr = make('vfr.mkv', '-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=25:d=2', '-vf', select, '-vsync', '0')
  expect((await read(vfr)).times).toEqual([0, 40, 160, 360, 640, 1000])
})

test('two reads yield the same bytes', async () => {
  const all = async () => Buffer.concat((await read(CAR, { sampling: { fps: 1 } })).frames.map(({ pixels }) => pixels))
  expect((await all()).equals(await all())).toBe(true)
})

test('frames and snapshots belong together', async () => {
  // A flat grey that grows with each frame: any mix-up shows.
  const ramp = make(
    'ramp.mkv',
    '-f',
    'lavfi',
    '-i',
    'color=black:s=64x64:r=10:d=3',
    '-vf',
    'geq=lum=N*8:cb=128:cr=128',
    '-c:v',
    'ffv1',
  )
  const { frames } = await read(ramp, { snapshot: { longSide: 64, quality: 2 } })
  expect(frames).toHaveLength(30)
  for (const { jpeg, pixels } of frames.slice(3)) {
    const path = join(folder, 'one.jpg')
    await writeFile(path, jpeg ?? '')
    const grey = execFileSync(ffmpeg.path, [
      '-v',
      'error',
      '-i',
      path,
      '-vf',
      'scale=1:1',
      '-pix_fmt',
      'gray',
      '-f',
      'rawvideo',
      '-',
    ])
    expect(Math.abs((grey[0] ?? 0) - (pixels[0] ?? 0))).toBeLessThanOrEqual(3)
  }
})

test('a reader that waits holds ffmpeg back, and one that leaves stops it', async () => {
  const iterator = readFile(optionsOf(CAR, { size: 224 }), depsOf())[Symbol.asyncIterator]()
  for (let i = 0; i < 5; i++) await iterator.next()
  expect(childrenWith(CAR)).toHaveLength(1)
  const waiting = iterator.next()
  await iterator.return?.()
  await waiting
  await expect.poll(() => childrenWith(CAR)).toEqual([])
})

test.each([
  ['missing', () => join(folder, 'missing.mp4'), 'video-not-found', /^No such video: .*missing\.mp4$/],
  ['a folder', () => folder, 'video-unreadable', /^Expected a video, got the folder /],
  ['empty', async () => written('empty.mp4', ''), 'video-empty', /is empty \(0 bytes\)$/],
  [
    'text',
    async () => written('text.mp4', 'hello'.repeat(99)),
    'video-damaged',
    /^Cannot read the video .*: moov atom not found: the file is no video/,
  ],
  [
    'sound only',
    () => make('sound.m4a', '-f', 'lavfi', '-i', 'sine', '-t', '1'),
    'video-without-stream',
    /has no video stream$/,
  ],
  [
    'cut off',
    async () => written('cut.mp4', (await readBytes(CAR)).subarray(0, 1_500_000)),
    'video-truncated',
    /is cut off after 29 sampled frames: it should have \d+ bytes and has 1500000$/,
  ],
] as const)('a video that is %s gets one clear line', async (_, path, code, message) => {
  const broken = read(await path(), { sampling: { fps: 2 } })
  await expect(broken).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test('a video without frames gets one clear line', async () => {
  const none = make('none.avi', '-f', 'lavfi', '-i', 'color=s=64x64', '-frames:v', '0', '-c:v', 'mjpeg')
  await expect(read(none)).rejects.toMatchObject({ code: 'video-without-frames' })
})

test.each([
  ['1x1', ['-f', 'lavfi', '-i', 'color=red:s=4x4:r=5:d=1,format=gbrp,crop=1:1', '-c:v', 'ffv1'], 'mkv'],
  [
    '7680x4320',
    ['-f', 'lavfi', '-i', 'color=red:s=7680x4320:r=2:d=1', '-c:v', 'libx264', '-preset', 'ultrafast'],
    'mp4',
  ],
  ['360x640', ['-f', 'lavfi', '-i', 'color=red:s=360x640:r=5:d=1', '-c:v', 'libx264'], 'mp4'],
])('%s is read in every fit', async (size, args, ending) => {
  const path = make(`${size}.${ending}`, ...args)
  for (const fit of ['stretch', 'letterbox', 'crop'] as const) {
    const { frames } = await read(path, { fit, maxFrames: 1, snapshot: { longSide: 64, quality: 4 } })
    const [r = 0, g = 255] = frames[0]?.pixels.slice(3 * (8 * 16 + 8)) ?? []
    expect([frames[0]?.pixels.length, r > 240, g < 16]).toEqual([16 * 16 * 3, true, true])
  }
})

test('letterbox keeps the shape and puts black around it', async () => {
  const portrait = make('tall.mkv', '-f', 'lavfi', '-i', 'color=white:s=32x64:r=5:d=1', '-c:v', 'ffv1')
  const { frames } = await read(portrait, { fit: 'letterbox', maxFrames: 1 })
  const row = Array.from({ length: 16 }, (_, x) => frames[0]?.pixels[3 * (5 * 16 + x)])
  expect(row.map(value => (value ?? 0) > 128)).toEqual([
    ...Array(4).fill(false),
    ...Array(8).fill(true),
    ...Array(4).fill(false),
  ])
})

test('a size that changes in the stream does not end it', async () => {
  const one = make('one.ts', '-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=5:d=2', '-c:v', 'libx264', '-bf', '0')
  const two = make(
    'two.ts',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=320x180:r=5:d=2',
    '-c:v',
    'libx264',
    '-bf',
    '0',
    '-output_ts_offset',
    '2',
  )
  const both = await written('both.ts', Buffer.concat([await readBytes(one), await readBytes(two)]))
  const { frames } = await read(both, { snapshot: { longSide: 320, quality: 4 } })
  expect(frames).toHaveLength(20)
})

test('a file as a camera’s source completes at its end', async () => {
  const pictures = await lastValueFrom(file(optionsOf(CAR, { sampling: { fps: 1 } }), depsOf()).pipe(toArray()))
  expect(pictures).toHaveLength(31)
})

test('frames for measuring a model: evenly spread, or at a rate', async () => {
  const sums = async (options: { count?: number; everyNth?: number }) => {
    const frames: number[] = []
    for await (const frame of readFrames(CAR, { size: 8, ffmpeg, ...options }))
      frames.push(frame.reduce((a, b) => a + b))
    return frames
  }
  const all = await sums({})
  expect(all).toHaveLength(377)
  expect(await sums({ count: 10 })).toEqual(all.filter((_, i) => i % 37 === 0).slice(0, 10))
  expect(await sums({ everyNth: 1, count: 3 })).toEqual(all.slice(0, 3))
})

test('probing a file returns its streams', async () => {
  const options = { ffmpeg, redact: (text: string) => text, forMs: Number.POSITIVE_INFINITY }
  expect(await probe(CAR, options)).toEqual({
    codec: 'h264',
    width: 768,
    height: 432,
    fps: 12.5,
    keyframeIntervalMs: 4800,
    packets: 377,
  })
  await expect(probe(join(folder, 'nothing.mp4'), options)).rejects.toMatchObject({ code: 'video-not-found' })
})

async function written(name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}
