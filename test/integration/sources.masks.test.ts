import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Ffmpeg, findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { readImages } from '../../src/sources/images.ts'
import type { Box, Point, Zone } from '../../src/types.ts'
import { isInside, WHOLE_IMAGE, zoneBox } from '../../src/util/polygon.ts'
import { createRandom } from '../../src/util/random.ts'
import { type Parts, type Picture, paint, readParts, WHOLE_SIDE, writeVideo } from '../support/partsOfVideo.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'

let ffmpeg: Ffmpeg
const folder = sharedFolder()
beforeAll(async () => {
  ffmpeg = await findFfmpeg()
})

const MASKS: readonly (readonly Point[])[] = [
  [
    [0.1, 0.15],
    [0.5, 0.3],
    [0.15, 0.75],
  ],
  [
    [0.7, 0.55],
    [1, 0.55],
    [1, 1],
    [0.7, 1],
  ],
]
/** Each shows a mask and what lies around it. */
const ZONES: readonly Zone[] = [
  { name: 'left', polygon: MASKS[0] as readonly Point[] },
  {
    name: 'right',
    polygon: [
      [0.5, 0.4],
      [0.9, 0.4],
      [0.9, 0.9],
    ],
  },
]
const BOXES: Readonly<Record<string, Box>> = Object.fromEntries(
  ZONES.map(({ name, polygon }) => [name, zoneBox(polygon)]),
)

const isMasked = (x: number, y: number) => MASKS.some(mask => isInside(mask, [x, y]))

/** Slow waves of colour; under the masks bright noise that differs with the seed. */
function scene(width: number, height: number, seed: string): Picture {
  const { next } = createRandom(seed)
  const wave = (value: number) => Math.round(128 + 120 * Math.sin(value))
  return paint(width, height, (x, y) =>
    isMasked(x, y) ? [0, 1, 2].map(() => 128 + next() * 127) : [wave(9 * x), wave(7 * y), wave(8 * (x + y))],
  )
}

/** Part → what its bytes are, short enough to be compared and shown. */
function digests(frames: readonly Parts[]) {
  return frames.map(parts =>
    [...parts].map(([part, { pixels }]) => [part, createHash('sha1').update(pixels).digest('hex')]),
  )
}

interface Format {
  readonly name: string
  readonly size?: readonly [width: number, height: number]
  readonly args: readonly string[]
  readonly ending?: string
  /** Of a pixel far from the masks, against the same source without masks: 0 where ffmpeg converts no pixels. */
  readonly tolerance?: number
}

const ffv1 = (format: string, rest: Partial<Format> = {}): Format => {
  return { name: format, args: ['-c:v', 'ffv1', '-pix_fmt', format], ...rest }
}
const raw = (format: string, rest: Partial<Format> = {}): Format => {
  return { name: format, args: ['-c:v', 'rawvideo', '-pix_fmt', format], ending: 'nut', ...rest }
}

const FORMATS: readonly Format[] = [
  ffv1('yuv420p'),
  ffv1('yuv420p', { name: 'yuv420p of odd size', size: [321, 243] }),
  ffv1('yuv422p'),
  ffv1('yuv444p'),
  // One sample of colour for four pixels: interpolation reaches further than a mask does.
  ffv1('yuv411p', { args: ['-sws_flags', 'neighbor', '-c:v', 'ffv1', '-pix_fmt', 'yuv411p'] }),
  ffv1('yuv410p', { args: ['-sws_flags', 'neighbor', '-c:v', 'ffv1', '-pix_fmt', 'yuv410p'] }),
  raw('yuvj420p'),
  raw('nv12'),
  raw('yuyv422', { tolerance: 2 }),
  ffv1('yuv420p10le', { tolerance: 4 }),
  ffv1('gray', { tolerance: 3 }),
  ffv1('gray10le', { tolerance: 3 }),
  // `drawbox` of older ffmpegs has no RGB.
  raw('rgb24', { tolerance: 1 }),
  raw('bgra', { tolerance: 1 }),
  ffv1('gbrp10le', { tolerance: 3 }),
  ffv1('yuv420p', {
    name: 'pixels that are not square',
    args: ['-vf', 'setsar=64/45', '-c:v', 'ffv1', '-pix_fmt', 'yuv420p'],
  }),
]

describe.each(FORMATS)('$name', ({ name, args, size = [320, 240], ending = 'mkv', tolerance = 0 }) => {
  const [width, height] = size
  const make = (seed: string) => {
    // As in a camera, colour is stored coarsely, and interpolated: some of a hidden pixel's lies beyond the outline.
    const still = { pictures: [scene(width, height, seed)], args }
    return writeVideo(ffmpeg, join(folder, `${name}-${seed}.${ending}`), still)
  }

  test('what a mask hides changes no byte; it is black there, and far from it as without masks', async () => {
    const [path, other] = [make('one'), make('other')]
    const [open] = await readParts(ffmpeg, path, { zones: ZONES })
    const otherOpen = await readParts(ffmpeg, other, { zones: ZONES })
    for (const [i, entry] of (digests([open as Parts])[0] ?? []).entries())
      expect(digests(otherOpen)[0]?.[i], 'the two differ in every part').not.toEqual(entry)

    const options = { masks: MASKS, zones: ZONES }
    const hidden = await readParts(ffmpeg, path, options)
    expect(digests(await readParts(ffmpeg, other, options))).toEqual(digests(hidden))
    expect([...(hidden[0] as Parts).keys()]).toEqual(['whole', 'detail', 'jpeg', 'left', 'right'])

    for (const [part, image] of hidden[0] as Parts) {
      const reference = open?.get(part) as Picture
      expect(image.width).toBe(reference.width)
      const [scaled, lossy] = part === 'jpeg' ? [REACH.jpeg, 6] : [REACH.scaled, 0]
      const found = compare(image, reference, { box: BOXES[part] ?? WHOLE_IMAGE, size, scaled })
      expect(found.hiddenPixels, part).toBeGreaterThan(20)
      expect(found.openPixels, part).toBeGreaterThan(20)
      expect(found.brightest, part).toBeLessThanOrEqual(BLACK + lossy)
      // ffmpeg 4 rounds more coarsely where it converts pixels.
      const coarse = ffmpeg.version.major < 5 ? 1 : 0
      expect(found.difference, part).toBeLessThanOrEqual(tolerance === 0 ? 0 : tolerance + lossy + coarse)
    }
  })
})

/** `drawbox` writes the black of limited range, also into a source of full range. */
const BLACK = 16

/**
 * How far from the outline a pixel of a scaled image can depend on the other side, in pixels of that image and of the
 * source: the scaler's reach, or a block of JPEG's; the margin of a mask, the block of colour and the row of the raster.
 */
const REACH = { scaled: 3, jpeg: 18, source: 14 }

/** The brightest of the pixels deep under a mask, and the largest difference of those far from all masks. */
function compare(
  image: Picture,
  reference: Picture,
  { box, size, scaled }: { box: Box; size: readonly [number, number]; scaled: number },
) {
  const found = { hiddenPixels: 0, openPixels: 0, brightest: 0, difference: 0 }
  const far = {
    x: (scaled * box.width) / image.width + REACH.source / size[0],
    y: (scaled * box.height) / image.height + REACH.source / size[1],
  }
  for (let row = 0; row < image.height; row++)
    for (let column = 0; column < image.width; column++) {
      const x = box.x + ((column + 0.5) / image.width) * box.width
      const y = box.y + ((row + 0.5) / image.height) * box.height
      const around = [-1, -0.5, 0, 0.5, 1].flatMap(dx =>
        [-1, -0.5, 0, 0.5, 1].map(dy => isMasked(x + dx * far.x, y + dy * far.y)),
      )
      const at = (row * image.width + column) * 3
      const values = image.pixels.subarray(at, at + 3)
      if (around.every(masked => masked)) {
        found.hiddenPixels++
        found.brightest = Math.max(found.brightest, ...values)
      } else if (!around.some(masked => masked)) {
        found.openPixels++
        const differences = [...values].map((value, i) => Math.abs(value - (reference.pixels[at + i] as number)))
        found.difference = Math.max(found.difference, ...differences)
      }
    }
  return found
}

test('masks turn with a video that players turn', async () => {
  const stored = ['-sws_flags', 'neighbor', '-vf', 'transpose=1', '-c:v', 'libx264', '-qp', '0', '-pix_fmt', 'yuv420p']
  const make = (seed: string) => {
    const [still, turned] = [join(folder, `still-${seed}.mp4`), join(folder, `turned-${seed}.mp4`)]
    writeVideo(ffmpeg, still, { pictures: [scene(320, 240, seed)], args: stored })
    const turn = ['-c', 'copy', '-metadata:s:v:0', 'rotate=90']
    execFileSync(ffmpeg.path, ['-v', 'error', '-y', '-i', still, ...turn, turned])
    return turned
  }
  const options = { masks: MASKS, zones: ZONES }
  const one = await readParts(ffmpeg, make('one'), options)
  expect(digests(await readParts(ffmpeg, make('other'), options))).toEqual(digests(one))
  const jpeg = one[0]?.get('jpeg')
  expect([jpeg?.width, jpeg?.height]).toEqual([320, 240])
})

test.each([0, 0.3])('masks that cover all leave nothing, with corners at %d beyond the image', async beyond => {
  const [low, high] = [-beyond, 1 + beyond]
  const all: Point[] = [
    [low, low],
    [high, low],
    [high, high],
    [low, high],
  ]
  const path = writeVideo(ffmpeg, join(folder, 'all.mkv'), {
    pictures: [scene(99, 55, 'one')],
    args: ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p'],
  })
  const [parts] = await readParts(ffmpeg, path, { masks: [all], zones: ZONES })
  for (const [part, { pixels }] of parts as Parts) expect(Math.max(...pixels), part).toBeLessThanOrEqual(2)
})

test('32 masks of 100 corners are one command line that ffmpeg takes', async () => {
  const random = createRandom('corners').next
  const masks = Array.from({ length: 32 }, (_, i) =>
    Array.from({ length: 100 }, (): Point => [((i % 8) + random()) / 8, (Math.floor(i / 8) + random()) / 8]),
  )
  const path = writeVideo(ffmpeg, join(folder, 'many.mkv'), {
    pictures: [scene(320, 240, 'one')],
    args: ['-c:v', 'ffv1', '-pix_fmt', 'yuv420p'],
  })
  const [parts] = await readParts(ffmpeg, path, { masks })
  const { pixels } = (parts as Parts).get('whole') as Picture
  const half = WHOLE_SIDE * WHOLE_SIDE * 1.5
  // All of the upper half is masked, to a row of pixels at its end.
  expect(Math.max(...pixels.subarray(0, half - WHOLE_SIDE * 3 * 3))).toBeLessThanOrEqual(2)
  expect(Math.max(...pixels.subarray(half + WHOLE_SIDE * 3 * 3))).toBeGreaterThan(100)
})

test('images of a folder are masked too', async () => {
  const save = (seed: string) =>
    writeVideo(ffmpeg, join(folder, `image-${seed}.png`), {
      pictures: [scene(320, 240, seed)],
      args: ['-frames:v', '1'],
    })
  const read = async (seed: string) => {
    const options = {
      camera: 'album',
      path: save(seed).replace(/\.png$/, '.pn?'),
      fps: 1,
      size: 64,
      fit: 'stretch',
    } as const
    const deps = { ffmpeg, redact: (text: string) => text, telemetry: { emit: () => {} } }
    const wanted = { masks: MASKS, zones: ZONES, detailHeight: 100, snapshot: { longSide: 320, quality: 2 } }
    for await (const image of readImages({ ...options, ...wanted }, deps)) return image
    throw new Error('no image came')
  }
  const one = await read('one')
  expect(isDeepStrictEqual(one, await read('other'))).toBe(true)
  expect([one.detail?.width, one.detail?.height]).toEqual([134, 100])
  expect([...one.zoneImages.keys()]).toEqual(['left', 'right'])
})
