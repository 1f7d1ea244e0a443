/** A small JPEG of what a view showed. */

import type { Canvas } from '@napi-rs/canvas'
import type { PictureImage } from './historyProtocol.ts'

const LONG_SIDE = 320
/** Of 100. Higher: larger files, in which little more can be seen at this size. */
const QUALITY = 60

/** @throws for bytes that are no image */
export async function makeThumbnail(image: PictureImage): Promise<Uint8Array> {
  const whole = 'jpeg' in image ? await decoded(image.jpeg) : await painted(image)
  const scale = Math.min(1, LONG_SIDE / Math.max(whole.width, whole.height))
  const { createCanvas } = await canvasLibrary()
  const canvas = createCanvas(
    Math.max(1, Math.round(whole.width * scale)),
    Math.max(1, Math.round(whole.height * scale)),
  )
  canvas.getContext('2d').drawImage(whole, 0, 0, canvas.width, canvas.height)
  return canvas.encode('jpeg', QUALITY)
}

async function decoded(jpeg: Uint8Array) {
  const { loadImage } = await canvasLibrary()
  return loadImage(jpeg)
}

/** The canvas has a fourth channel. */
async function painted({ pixels, size }: { readonly pixels: Uint8Array; readonly size: number }): Promise<Canvas> {
  const { createCanvas } = await canvasLibrary()
  const canvas = createCanvas(size, size)
  const context = canvas.getContext('2d')
  const image = context.createImageData(size, size)
  for (let from = 0, to = 0; from < pixels.length; from += 3, to += 4) {
    image.data[to] = pixels[from] ?? 0
    image.data[to + 1] = pixels[from + 1] ?? 0
    image.data[to + 2] = pixels[from + 2] ?? 0
    image.data[to + 3] = 255
  }
  context.putImageData(image, 0, 0)
  return canvas
}

/** Loaded with the first thumbnail, because it takes much memory. */
function canvasLibrary() {
  return import('@napi-rs/canvas')
}
