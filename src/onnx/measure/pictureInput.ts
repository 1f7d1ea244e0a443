/** Pictures as a model's input tensor: bytes where the graph takes them, normalised floats where it does not. */

import { Tensor } from 'onnxruntime-node'

export interface PictureFormat {
  /** Side of the square picture. */
  readonly imageSize: number
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/**
 * @param pictures each [size, size, 3] uint8 RGB
 * @param inputName `pixels`: uint8 [batch, size, size, 3]; anything else: float32 [batch, 3, size, size]
 */
export function pictureInput(pictures: readonly Uint8Array[], inputName: string, format: PictureFormat): Tensor {
  const { imageSize: size } = format
  const length = size * size * 3
  for (const picture of pictures) {
    if (picture.length !== length) throw new RangeError(`Expected ${length} bytes in a picture, got ${picture.length}`)
  }
  if (inputName === 'pixels') {
    const bytes = new Uint8Array(pictures.length * length)
    for (const [i, picture] of pictures.entries()) bytes.set(picture, i * length)
    return new Tensor('uint8', bytes, [pictures.length, size, size, 3])
  }
  const floats = new Float32Array(pictures.length * length)
  for (const [i, picture] of pictures.entries()) normalizeInto(floats.subarray(i * length), picture, format)
  return new Tensor('float32', floats, [pictures.length, 3, size, size])
}

function normalizeInto(planes: Float32Array, picture: Uint8Array, { imageSize, mean, std }: PictureFormat): void {
  const area = imageSize * imageSize
  for (let channel = 0; channel < 3; channel++) {
    const scale = 1 / (255 * (std[channel] as number))
    const shift = (mean[channel] as number) / (std[channel] as number)
    for (let i = 0; i < area; i++) planes[channel * area + i] = (picture[i * 3 + channel] as number) * scale - shift
  }
}
