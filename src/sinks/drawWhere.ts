/** Draws where an event was onto its snapshot, and makes a JPEG of what the model saw there: one ffmpeg for both. */

import { setPriority } from 'node:os'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { Box, ViewImage, Where } from '../types.ts'
import { startChild } from '../util/childProcess.ts'
import { type JpegSize, jpegSize } from './jpegSize.ts'

export interface WhereInput {
  /** JPEG. */
  readonly snapshot: Uint8Array
  readonly viewImage: ViewImage
  readonly where: Where
}

/** The images of an event, JPEG. */
export interface WhereImages {
  /** With a box around the place. */
  readonly snapshot: Uint8Array
  readonly crop: Uint8Array
}

export interface DrawOptions {
  readonly ffmpegPath: string
  /** ffmpeg's -q:v: 2 is best, 31 smallest. */
  readonly quality: number
  /** Aborting stops ffmpeg. */
  readonly signal?: AbortSignal
}

/** The largest snapshot is 7680 x 7680: 88 MB of pixels as ffmpeg holds them, in a few copies. */
const MEMORY_BYTES = 2 ** 30
/** Of one output; the snapshot of a camera has 0.1 to 1 MB. */
const MOST_BYTES = 2 ** 26
/** Of ffmpeg, 0 to 19: the higher, the later. */
const NICENESS = 10

/** @throws Error with the last line of ffmpeg, and for a snapshot that is no JPEG */
export async function drawWhere(input: WhereInput, { ffmpegPath, quality, signal }: DrawOptions): Promise<WhereImages> {
  const args = whereArguments(input, quality)
  const child = startChild(ffmpegPath, {
    args,
    input: null,
    extraPipes: 2,
    memoryBytes: MEMORY_BYTES,
    ...(signal && { signal }),
  })
  lowerPriority(child.pid)
  const [pixels, crops] = child.pipes as [Duplex, Duplex]
  write(child.stdin, input.snapshot)
  write(pixels, input.viewImage.pixels)
  // ffmpeg writes nothing to it; unread, it would keep `exited` waiting.
  pixels.resume()
  const [snapshot, crop, errors, exit] = await Promise.all([
    bytesOf(child.stdout),
    bytesOf(crops),
    bytesOf(child.stderr),
    child.exited,
  ])
  signal?.throwIfAborted()
  if (exit.code === 0 && snapshot.length > 0 && crop.length > 0) return { snapshot, crop }
  const last = errors.toString('utf8').trim().split('\n').at(-1)
  throw new Error(exit.failure?.message ?? (last || `ffmpeg ended with ${exit.signal ?? exit.code}`))
}

/** The arguments: the snapshot comes on stdin, the pixels on pipe 3; the results leave on stdout and on pipe 4. */
export function whereArguments({ snapshot, viewImage, where }: WhereInput, quality: number): string[] {
  const size = jpegSize(snapshot)
  if (size === null) throw new Error('the snapshot is not a JPEG')
  const { size: side, pixels } = viewImage
  if (pixels.length !== side ** 2 * 3)
    throw new Error(`Expected ${side ** 2 * 3} bytes of pixels, got ${pixels.length}`)
  const jpeg = ['-frames:v', '1', '-c:v', 'mjpeg', '-q:v', String(quality), '-threads', '1', '-f', 'image2pipe']
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'repeat+error', '-nostdin', '-threads', '1'],
    ...['-f', 'mjpeg', '-i', 'pipe:0'],
    ...['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${side}x${side}`, '-i', 'pipe:3'],
    ...['-filter_complex', `[0:v:0]${boxed(where.box, size)}[boxed];[1:v:0]${cropped(viewImage, where, size)}[crop]`],
    ...['-map', '[boxed]', ...jpeg, 'pipe:1'],
    ...['-map', '[crop]', ...jpeg, 'pipe:4'],
  ]
}

/** Thickness of the line, and of its dark edge on either side: pixels. */
const LINE = 2
const EDGE = 1
const THICKNESS = LINE + 2 * EDGE
const [LINE_COLOUR, EDGE_COLOUR] = ['0xffd400', 'black']

/** Around the place, so that the line hides nothing of it. The dark box is as thick as the line with both edges. */
function boxed(box: Box, image: JpegSize): string {
  const [x, width] = around(box.x, box.width, image.width)
  const [y, height] = around(box.y, box.height, image.height)
  const drawn = (inset: number, colour: string, thickness: number) =>
    `drawbox=x=${x + inset}:y=${y + inset}:w=${width - 2 * inset}:h=${height - 2 * inset}:color=${colour}:t=${thickness}`
  return [drawn(0, EDGE_COLOUR, THICKNESS), drawn(EDGE, LINE_COLOUR, LINE)].join(',')
}

/** Start and length on one axis: even, because colours have half the resolution, and inside the image. */
function around(start: number, length: number, side: number): [number, number] {
  const from = Math.max(0, 2 * Math.floor((start * side) / 2) - THICKNESS)
  const to = Math.min(side, 2 * Math.ceil(((start + length) * side) / 2) + THICKNESS)
  return [from, to - from]
}

/** A crop has the shape of the image; a zone was scaled to a square for the model, and gets its shape back. */
function cropped({ box, size: side }: ViewImage, { view }: Where, image: JpegSize): string {
  const ratio = view === 'zone' ? (box.width * image.width) / (box.height * image.height) : 1
  const width = Math.round(side * Math.max(1, ratio))
  const height = Math.round(side * Math.max(1, 1 / ratio))
  return `scale=${width}:${height}:flags=bicubic,setsar=1,format=yuvj420p`
}

/** The cameras and the model come first: images of an event may be late. */
function lowerPriority(pid: number | null): void {
  try {
    if (pid !== null) setPriority(pid, NICENESS)
  } catch {
    // It has ended already.
  }
}

/** The child may end before it has read everything: its exit code shows the failure. */
function write(stream: Writable, bytes: Uint8Array): void {
  stream.on('error', () => {})
  stream.end(bytes)
}

function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= MOST_BYTES) chunks.push(chunk)
  })
  return new Promise(resolve => {
    stream.once('close', () => resolve(length <= MOST_BYTES ? Buffer.concat(chunks) : Buffer.alloc(0)))
    stream.once('error', () => resolve(Buffer.alloc(0)))
  })
}
