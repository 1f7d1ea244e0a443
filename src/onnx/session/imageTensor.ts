/** Images → the input tensor of a vision graph. */

import { type InferenceSession, Tensor } from 'onnxruntime-node'

export interface ImageFormat {
  /** Side of the square image in pixels. */
  readonly imageSize: number
  /** Per RGB channel, for pixels in [0, 1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/** @param images each [size, size, 3] uint8 RGB. The tensor is valid until the next call: its memory is reused. */
export type ToTensor = (images: readonly Uint8Array[]) => Tensor

/**
 * A graph with a uint8 input takes the pixels as they are: [batch, size, size, 3].
 * Any other graph takes float32 [batch, 3, size, size]: (pixel / 255 − mean) / std.
 */
export function imageTensor(session: Pick<InferenceSession, 'inputMetadata'>, format: ImageFormat): ToTensor {
  const metadata = session.inputMetadata[0]
  const toTensor = metadata?.isTensor && metadata.type === 'uint8' ? pixelTensor(format) : normalizedTensor(format)
  const length = format.imageSize ** 2 * 3
  return images => {
    const wrong = images.find(image => image.length !== length)
    if (wrong !== undefined) throw new RangeError(`Expected ${length} bytes in an image, got ${wrong.length}`)
    return toTensor(images)
  }
}

function pixelTensor({ imageSize: size }: ImageFormat): ToTensor {
  const length = size * size * 3
  let batch = new Uint8Array()
  return images => {
    const dims = [images.length, size, size, 3]
    const [only] = images
    if (only !== undefined && images.length === 1) return new Tensor('uint8', only, dims)
    if (batch.length < images.length * length) batch = new Uint8Array(images.length * length)
    for (const [i, image] of images.entries()) batch.set(image, i * length)
    return new Tensor('uint8', batch.subarray(0, images.length * length), dims)
  }
}

function normalizedTensor({ imageSize: size, mean, std }: ImageFormat): ToTensor {
  const area = size * size
  let batch = new Float32Array()
  // A byte has 256 values: looking them up is cheaper than 150,528 divisions per image.
  const tables = ([0, 1, 2] as const).map(channel =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean[channel]) / std[channel]),
  )
  return images => {
    if (batch.length < images.length * area * 3) batch = new Float32Array(images.length * area * 3)
    for (const [n, image] of images.entries()) {
      for (const [channel, table] of tables.entries()) {
        const start = (n * 3 + channel) * area
        for (let i = 0; i < area; i++) batch[start + i] = table[image[i * 3 + channel]!]!
      }
    }
    return new Tensor('float32', batch.subarray(0, images.length * area * 3), [images.length, 3, size, size])
  }
}
