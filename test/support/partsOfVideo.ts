/** Makes small videos from pixels, and reads every part that a source delivers of them. */

import { execFileSync } from 'node:child_process'
import sharp from 'sharp'
import type { DecodedImage } from '../../src/sources/decodedImage.ts'
import type { Ffmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { type FileOptions, readFile } from '../../src/sources/file.ts'
import type { Zone } from '../../src/types.ts'

/** [height, width, 3] uint8 RGB. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** @param colour of the pixel whose centre is at (x, y), in fractions */
export function paint(width: number, height: number, colour: (x: number, y: number) => readonly number[]): Picture {
  const pixels = new Uint8Array(width * height * 3)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      pixels.set(colour((column + 0.5) / width, (row + 0.5) / height), (row * width + column) * 3)
  return { width, height, pixels }
}

/** Ten frames a second. `args` stand before the output and say filters, pixel format and encoder. */
export function writeVideo(
  ffmpeg: Pick<Ffmpeg, 'path'>,
  path: string,
  { pictures, args }: { pictures: readonly Picture[]; args: readonly string[] },
): string {
  const [first] = pictures
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${first?.width}x${first?.height}`, '-r', '10', '-i', '-']
  const bytes = Buffer.concat(pictures.map(({ pixels }) => pixels))
  execFileSync(ffmpeg.path, ['-v', 'error', '-y', ...input, ...args, path], { input: bytes })
  return path
}

/** Whole, detail and JPEG, and the zones by name. */
export type Parts = ReadonlyMap<string, Picture>

export const WHOLE_SIDE = 64

type Wanted = Partial<Pick<FileOptions, 'masks' | 'detailHeight' | 'leastDetailHeight' | 'snapshot' | 'maxFrames'>> & {
  zones?: readonly Zone[]
}

/** The frames of a video, each with all of its parts, the JPEG decoded. */
export async function readParts(ffmpeg: Ffmpeg, path: string, wanted: Wanted = {}): Promise<Parts[]> {
  const options: FileOptions = {
    camera: 'yard',
    path,
    sampling: 'all',
    size: WHOLE_SIDE,
    fit: 'stretch',
    snapshot: { longSide: 640, quality: 2 },
    detailHeight: 120,
    ...wanted,
  }
  const deps = { ffmpeg, redact: (text: string) => text, telemetry: { emit: () => {} } }
  const frames: Parts[] = []
  for await (const signal of readFile(options, deps)) if (signal.kind === 'frame') frames.push(await partsOf(signal))
  return frames
}

/** Those of a frame, the JPEG decoded. */
export async function partsOf({
  pixels,
  size,
  detail,
  jpeg,
  zoneImages,
}: Omit<DecodedImage, 'capturedAt'>): Promise<Parts> {
  const square = (image: Uint8Array): Picture => ({ width: size, height: size, pixels: image })
  const parts = new Map([['whole', square(pixels)]])
  if (detail) parts.set('detail', detail)
  if (jpeg) {
    const { data, info } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true })
    parts.set('jpeg', { width: info.width, height: info.height, pixels: data })
  }
  for (const [name, image] of zoneImages) parts.set(name, square(image))
  return parts
}
