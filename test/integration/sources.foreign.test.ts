/** Videos and pictures as recorders, phones and downloads make them, on a real ffmpeg. */

import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, readFile as readBytes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadImage } from '@napi-rs/canvas'
import { lastValueFrom, toArray } from 'rxjs'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Ffmpeg, findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { type FileOptions, readFile } from '../../src/sources/file.ts'
import { images } from '../../src/sources/images.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

const PICTURE = fileURLToPath(new URL('../fixtures/sources/preprocess/car-0016.5s.png', import.meta.url))
let ffmpeg: Ffmpeg
const folder = sharedFolder()
beforeAll(async () => {
  ffmpeg = await findFfmpeg()
})

/** Makes a file with ffmpeg; `args` end before the output. */
function make(name: string, ...args: string[]): string {
  const path = join(folder, name)
  execFileSync(ffmpeg.path, ['-v', 'error', '-y', ...args, path])
  return path
}
const testPicture = (size: string, seconds: number, rate = 10) => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=s=${size}:r=${rate}:d=${seconds}`,
]

const depsOf = (internalEvents: InternalEvent[] = []) => ({
  ffmpeg,
  redact: (text: string) => text,
  telemetry: { emit: (what: InternalEvent) => void internalEvents.push(what) },
})

async function read(path: string, options: Partial<FileOptions> = {}) {
  const internalEvents: InternalEvent[] = []
  const all = { camera: 'clip', path, sampling: 'all', size: 16, fit: 'stretch', snapshot: null, ...options } as const
  const frames = []
  for await (const signal of readFile(all, depsOf(internalEvents))) if (signal.kind === 'frame') frames.push(signal)
  return { frames, internalEvents }
}

async function readAlbum(path: string) {
  const internalEvents: InternalEvent[] = []
  const options = {
    camera: 'album',
    path,
    fps: 1,
    size: 16,
    fit: 'stretch',
    snapshot: { longSide: 640, quality: 4 },
  } as const
  const pictures = await lastValueFrom(images(options, depsOf(internalEvents)).pipe(toArray()))
  return { pictures, skipped: internalEvents.flatMap(each => (each.type === 'DecodeErrors' ? [each.last] : [])) }
}

const shapeOf = async (jpeg: Uint8Array | null | undefined) => {
  const { width, height } = await loadImage(Buffer.from(jpeg ?? []))
  return `${width}x${height}`
}

describe('pixels that are not square', () => {
  test.each([
    ['720x576', '64/45', 1280, '1024x576'],
    ['720x576', '64/45', 512, '512x288'],
    ['720x480', '8/9', 1280, '640x480'],
    ['352x288', '12/11', 1280, '384x288'],
    ['288x352', '11/12', 1280, '264x352'],
    ['640x360', '1', 1280, '640x360'],
    ['64x64', '65535', 1280, '640x64'],
  ])('a video of %s with pixels of %s: the snapshot has the shape as seen', async (size, sar, longSide, expected) => {
    const path = make('sar.mkv', ...testPicture(size, 0.1), '-vf', `setsar=${sar}`, '-c:v', 'mpeg4')
    const { frames } = await read(path, { snapshot: { longSide, quality: 4 } })
    expect(await shapeOf(frames[0]?.jpeg)).toBe(expected)
  })

  test('an image as well; the model’s input is the same with and without', async () => {
    const album = join(folder, 'sar')
    await mkdir(album)
    make('sar/wide.jpg', ...testPicture('720x576', 0.1), '-vf', 'setsar=64/45', '-frames:v', '1', '-update', '1')
    make('sar/square.jpg', ...testPicture('720x576', 0.1), '-vf', 'setsar=1', '-frames:v', '1', '-update', '1')
    const { pictures } = await readAlbum(album)
    expect(await Promise.all(pictures.map(({ jpeg }) => shapeOf(jpeg)))).toEqual(['640x512', '640x360'])
    expect(pictures[0]?.pixels).toEqual(pictures[1]?.pixels)
  })

  test('letterbox and crop see it in its shape', async () => {
    const seen = make('seen.mkv', ...testPicture('1024x576', 0.1), '-c:v', 'ffv1')
    const stored = make('stored.mkv', '-i', seen, '-vf', 'scale=720:576,setsar=64/45', '-c:v', 'ffv1')
    for (const fit of ['letterbox', 'crop'] as const) {
      const [wanted, got] = await Promise.all([seen, stored].map(path => read(path, { fit, size: 32, maxFrames: 1 })))
      const difference = [...(wanted?.frames[0]?.pixels ?? [])].reduce(
        (sum, value, i) => sum + Math.abs(value - (got?.frames[0]?.pixels[i] ?? 255)),
        0,
      )
      expect(difference / (32 * 32 * 3)).toBeLessThan(8)
    }
  })
})

describe('names with %', () => {
  const NAMES = ['front%20door', 'a%d', '100%[x]']

  test('images of a folder, also with an ending of another format', async () => {
    const album = join(folder, '50%d')
    await mkdir(album)
    for (const name of NAMES) {
      await copyFile(PICTURE, join(album, `${name}.png`))
      await copyFile(PICTURE, join(album, `${name}.jpg`))
      for (const ending of ['bmp', 'gif', 'tiff', 'webp'])
        await copyFile(make(`p.${ending}`, '-i', PICTURE), join(album, `${name}.${ending}`))
    }
    const { pictures, skipped } = await readAlbum(album)
    expect(skipped).toEqual([])
    expect(pictures).toHaveLength(NAMES.length * 6)
  })

  test('a single image', async () => {
    const path = join(folder, 'single%20d.jpg')
    await copyFile(PICTURE, path)
    expect((await read(path)).frames).toHaveLength(1)
  })
})

describe('content that ffmpeg cannot read is named', () => {
  const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'
  const animated = Buffer.from('RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x0f\0\0\x0f\0\0', 'latin1')
  const CASES = [
    ['lfs.jpg', LFS, /lfs\.jpg skipped: it is a Git LFS pointer, not the file itself: fetch it with `git lfs pull`/],
    ['moving.webp', animated, /skipped: it is an animated WebP, .* save it as a GIF or a video/],
    ['page.png', '<!DOCTYPE html><html>', /skipped: it is a web page or XML/],
    ['paper.jpg', '%PDF-1.7\n', /skipped: it is a PDF/],
    ['phone.jpg', '\0\0\0\x18ftypheic\0\0\0\0', /skipped: it is a HEIF or AVIF image/],
    ['noise.jpg', 'noise '.repeat(50), /skipped: (?!Error marking filters)/],
  ] as const

  test('in a folder', async () => {
    const album = join(folder, 'odd')
    await mkdir(album)
    await copyFile(PICTURE, join(album, '0.png'))
    for (const [name, content] of CASES) await writeFile(join(album, name), content)
    const { pictures, skipped } = await readAlbum(album)
    expect(pictures).toHaveLength(1)
    for (const [name, , expected] of CASES) expect(skipped.find(line => line.includes(name))).toMatch(expected)
    expect(skipped.join('\n')).not.toMatch(/Error marking filters|Conversion failed/)
  })

  test('as a video', async () => {
    await writeFile(join(folder, 'lfs.mp4'), LFS)
    await expect(read(join(folder, 'lfs.mp4'))).rejects.toMatchObject({
      code: 'video-damaged',
      message: expect.stringMatching(/^Cannot read the video .*lfs\.mp4: it is a Git LFS pointer/),
    })
  })
})

describe('a video without times', () => {
  test('is read at 25 frames a second, which is reported, or at the rate that is given', async () => {
    const raw = make('raw.mjpeg', ...testPicture('64x64', 3), '-f', 'mjpeg')
    const guessed = await read(raw)
    expect(guessed.frames.at(-1)?.capturedAt).toBe(29 * 40)
    expect(guessed.internalEvents).toContainEqual({ type: 'TimesGuessed', camera: 'clip', fps: 25 })
    const given = await read(raw, { inputFps: 10, sampling: { fps: 2 } })
    expect(given.frames.map(({ capturedAt }) => capturedAt)).toEqual([0, 500, 1000, 1500, 2000, 2500])
    expect(given.internalEvents.filter(({ type }) => type === 'TimesGuessed')).toEqual([])
  })

  test('one with times is not guessed', async () => {
    const { internalEvents } = await read(make('timed.mkv', ...testPicture('64x64', 1), '-c:v', 'mjpeg'))
    expect(internalEvents.filter(({ type }) => type === 'TimesGuessed')).toEqual([])
  })
})

test.each([
  ['avi', 'mpeg4'],
  ['mkv', 'mpeg4'],
  ['mp4', 'mpeg4'],
  ['wmv', 'wmv2'],
])('%s: whole it is read to its end, cut it ends in an error after its frames', async (ending, codec) => {
  const whole = make(`whole.${ending}`, ...testPicture('320x240', 6), '-c:v', codec)
  expect((await read(whole)).frames.length).toBeGreaterThan(50)
  const bytes = await readBytes(whole)
  const half = join(folder, `half.${ending}`)
  await writeFile(half, bytes.subarray(0, Math.floor(bytes.length * 0.6)))
  // An MP4 has its index at the end: without it there is no frame.
  const expected =
    ending === 'mp4'
      ? { code: 'video-damaged' }
      : {
          code: 'video-truncated',
          message: expect.stringMatching(/is cut off after \d+ sampled frames: it should have \d+ bytes and has \d+$/),
        }
  await expect(read(half)).rejects.toMatchObject(expected)
})
