import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, onTestFinished, test } from 'vitest'
import { int8Kernel, type Multiply, multiplyExactly, probeInt8Kernel } from '../../../src/onnx/session/int8Kernel.ts'
import { PROBE_DEPTH, PROBE_MODEL, PROBE_TILES, PROBE_WEIGHTS } from '../../../src/onnx/session/int8Probe.ts'
import { openSession } from '../../../src/onnx/session/openSession.ts'
import { sessionOptions } from '../../../src/onnx/session/sessionOptions.ts'
import { createRandom } from '../../../src/util/random.ts'
import { int8ProbeModel } from './int8ProbeModel.ts'

const exactly: Multiply = async rows => ({ plain: multiplyExactly(rows, 0), centred: multiplyExactly(rows, 128) })

/** As x86 without VNNI: the sum of each pair of products is clamped to 16 bits, then added up in 32. */
function saturating(rows: Uint8Array): number[] {
  const width = PROBE_WEIGHTS[0].length
  return Array.from({ length: (rows.length / PROBE_DEPTH) * width * PROBE_TILES }, (_, i) => {
    const [row, column] = [Math.floor(i / (width * PROBE_TILES)), i % width]
    const product = (k: number) =>
      k < PROBE_DEPTH ? rows[row * PROBE_DEPTH + k]! * PROBE_WEIGHTS[k % PROBE_WEIGHTS.length]![column]! : 0
    let sum = 0
    for (let k = 0; k < PROBE_DEPTH; k += 2) sum += Math.min(32767, Math.max(-32768, product(k) + product(k + 1)))
    return sum
  })
}

test('exact products keep the weights signed', async () => {
  expect(await probeInt8Kernel(exactly)).toBe('u8s8')
})

test.each<[string, Multiply]>([
  ['of every kind', async rows => ({ plain: saturating(rows), centred: saturating(rows) })],
  [
    'of several rows only',
    async (rows, count) =>
      count === 1 ? exactly(rows, 1) : { ...(await exactly(rows, count)), plain: saturating(rows) },
  ],
  [
    'of a single row only',
    async (rows, count) =>
      count > 1 ? exactly(rows, count) : { ...(await exactly(rows, 1)), plain: saturating(rows) },
  ],
  ['with a zero point only', async (rows, count) => ({ ...(await exactly(rows, count)), centred: saturating(rows) })],
  ['that are missing', async () => ({ plain: [], centred: [] })],
  ['that fail', async () => Promise.reject(new Error('no such operator'))],
])('products %s make the weights unsigned', async (_, multiply) => {
  expect(await probeInt8Kernel(multiply)).toBe('u8u8')
})

test('the option follows the kernel', () => {
  const optionOf = (kernel: 'u8s8' | 'u8u8') =>
    sessionOptions({ provider: 'cpu', threads: 1, int8Kernel: kernel }).extra?.session
  expect(optionOf('u8u8')).toMatchObject({ x64quantprecision: '1' })
  expect(optionOf('u8s8')).toMatchObject({ x64quantprecision: '0' })
})

test('the model in the source is the one that our graph builder makes', () => {
  expect(PROBE_MODEL).toBe(Buffer.from(int8ProbeModel()).toString('base64'))
})

test('the kernel that this processor uses has the bits of the exact one', async () => {
  const path = join(fileURLToPath(new URL('../../fixtures/clip/tiny', import.meta.url)), 'vision.int8.onnx')
  const fast = await openSession(path, { threads: 1 })
  expect(fast.int8Kernel).toBe(await int8Kernel())
  const options = sessionOptions({ provider: 'cpu', threads: 1, int8Kernel: 'u8u8' })
  const exact = await InferenceSession.create(path, options)
  onTestFinished(() => exact.release())
  onTestFinished(() => fast.session.release())
  const random = createRandom('pixels')
  const [, height = 0, width = 0] = fast.session.inputMetadata[0]?.isTensor ? fast.session.inputMetadata[0].shape : []
  const size = Number(height) * Number(width) * 3
  const pixels = Uint8Array.from({ length: 3 * size }, () =>
    random.integer(0, 1) === 0 ? 255 : random.integer(0, 255),
  )
  const feeds = { pixels: new Tensor('uint8', pixels, [3, Number(height), Number(width), 3]) }
  expect((await fast.session.run(feeds)).image_embeds?.data).toEqual((await exact.run(feeds)).image_embeds?.data)
})
