/** Pictures → one input tensor, in the form that the vision graph takes. */

export interface PixelBatch {
  readonly type: 'uint8' | 'float32'
  /** Valid until the next batch is built: the memory is used again. */
  readonly data: Uint8Array | Float32Array
  readonly dims: readonly number[]
}

export interface PixelShape {
  readonly imageSize: number
  readonly maxBatch: number
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

/**
 * Pictures are [size, size, 3] uint8 RGB. `pixels` keeps them: uint8 [batch, size, size, 3].
 * `pixel_values` is float32 [batch, 3, size, size], (pixel / 255 − mean) / std.
 */
export function batchBuilder(
  input: 'pixels' | 'pixel_values',
  shape: PixelShape,
): (pictures: readonly Uint8Array[]) => PixelBatch {
  return input === 'pixels' ? stacked(shape) : planar(shape)
}

function stacked({ imageSize, maxBatch }: PixelShape): (pictures: readonly Uint8Array[]) => PixelBatch {
  const length = imageSize * imageSize * 3
  const stack = new Uint8Array(maxBatch * length)
  return pictures => {
    const dims = [pictures.length, imageSize, imageSize, 3]
    const [only] = pictures
    if (only !== undefined && pictures.length === 1) return { type: 'uint8', data: only, dims }
    pictures.forEach((picture, place) => {
      stack.set(picture, place * length)
    })
    return { type: 'uint8', data: stack.subarray(0, pictures.length * length), dims }
  }
}

function planar({ imageSize, maxBatch, mean, std }: PixelShape): (pictures: readonly Uint8Array[]) => PixelBatch {
  const plane = imageSize * imageSize
  const stack = new Float32Array(maxBatch * plane * 3)
  // A byte has 256 values: looked up, not computed 150,528 times a picture.
  const tables = ([0, 1, 2] as const).map(channel =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean[channel]) / std[channel]),
  )
  return pictures => {
    pictures.forEach((picture, place) => {
      tables.forEach((table, channel) => {
        const start = (place * 3 + channel) * plane
        for (let i = 0; i < plane; i++) stack[start + i] = table[picture[i * 3 + channel] as number] as number
      })
    })
    const data = stack.subarray(0, pictures.length * plane * 3)
    return { type: 'float32', data, dims: [pictures.length, 3, imageSize, imageSize] }
  }
}
