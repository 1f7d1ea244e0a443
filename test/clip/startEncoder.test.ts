import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { type EncoderHandle, type EncoderOptions, startEncoder } from '../../src/clip/startEncoder.ts'
import { createRandom } from '../../src/util/random.ts'
import { cosine, dot } from '../../src/util/vector.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const tiny = fileURLToPath(new URL('../fixtures/clip/tiny', import.meta.url))
const plain = fileURLToPath(new URL('../fixtures/clip/tiny-plain', import.meta.url))
const SIZE = 8

const open = new Set<EncoderHandle>()
afterEach(async () => {
  await Promise.all([...open].map(encoder => encoder.close()))
  open.clear()
})

async function start(options: Partial<EncoderOptions> = {}, telemetry = recordTelemetry()) {
  const encoder = await startEncoder({ modelDir: tiny, variant: 'fp32', threads: 1, ...options }, telemetry)
  open.add(encoder)
  return { encoder, telemetry }
}

function picture(seed: number): Uint8Array<ArrayBuffer> {
  const random = createRandom(seed)
  return Uint8Array.from({ length: SIZE * SIZE * 3 }, () => random.integer(0, 255))
}

async function vectorOf(encoder: EncoderHandle, seed: number): Promise<Float32Array> {
  const { embeddings } = await encoder.encode([picture(seed)])
  return embeddings[0] as Float32Array
}

test('one L2-normalised vector per picture, in order', async () => {
  const { encoder } = await start()
  const { embeddings, variant, seconds } = await encoder.encode([picture(1), picture(2), picture(3)])
  expect(variant).toBe('fp32')
  expect(seconds).toBeGreaterThan(0)
  expect(embeddings.map(vector => vector.length)).toEqual([16, 16, 16])
  for (const vector of embeddings) expect(dot(vector, vector)).toBeCloseTo(1, 5)
  expect(cosine(embeddings[1] as Float32Array, await vectorOf(encoder, 2))).toBeCloseTo(1, 6)
  expect(encoder).toMatchObject({ dim: 16, imageSize: SIZE, maxBatch: 8, provider: 'cpu', variant: 'fp32' })
  expect(encoder.modelSha).toMatch(/^[0-9a-f]{64}$/)
})

test.each([
  ['uint8', 'fp32', tiny],
  ['uint8', 'int8', tiny],
  ['float32', 'fp32', plain],
])('a vector does not depend on its batch: %s input, %s', async (_, variant, modelDir) => {
  const { encoder } = await start({ modelDir, variant })
  const { embeddings } = await encoder.encode(Array.from({ length: 8 }, (_, seed) => picture(seed)))
  for (const [seed, vector] of embeddings.entries()) {
    const alone = await vectorOf(encoder, seed)
    const difference = Math.max(...vector.map((value, i) => Math.abs(value - (alone[i] as number))))
    expect(difference).toBeLessThan(1e-6)
  }
})

test('uint8 NHWC and normalised NCHW graphs of one model agree', async () => {
  const folded = await start({ modelDir: tiny })
  const textbook = await start({ modelDir: plain })
  const pictures = () => [picture(4), picture(5)]
  const [a, b] = await Promise.all([folded.encoder.encode(pictures()), textbook.encoder.encode(pictures())])
  for (const [i, vector] of a.embeddings.entries())
    expect(cosine(vector, b.embeddings[i] as Float32Array)).toBeCloseTo(1, 6)
})

describe('pictures', () => {
  test('are transferred, not copied', async () => {
    const { encoder } = await start()
    const given = picture(1)
    await encoder.encode([given])
    expect(given.byteLength).toBe(0)
  })

  test('that are views of a larger buffer do not detach it', async () => {
    const { encoder } = await start()
    const length = SIZE * SIZE * 3
    const pool = new Uint8Array(3 * length)
    for (const place of [0, 1, 2]) pool.set(picture(place), place * length)
    const { embeddings } = await encoder.encode([pool.subarray(length, 2 * length)])
    expect(pool.byteLength).toBe(3 * length)
    expect(cosine(embeddings[0] as Float32Array, await vectorOf(encoder, 1))).toBeCloseTo(1, 6)
  })

  test('of the wrong size, none, or too many are refused before they are taken', async () => {
    const { encoder } = await start({ maxBatch: 2 })
    const given = picture(1)
    await expect(encoder.encode([])).rejects.toThrow('Expected 1 to 2 pictures, got 0')
    await expect(encoder.encode([given, picture(2), picture(3)])).rejects.toThrow('got 3')
    await expect(encoder.encode([given, new Uint8Array(5)])).rejects.toThrow('Expected 192 bytes (8x8 RGB)')
    expect(given.byteLength).toBe(192)
  })
})

describe('shadows', () => {
  test('encode their fraction of the batches and are compared with the deciding variant', async () => {
    const { encoder, telemetry } = await start({ shadow: ['int8', 'fp32'], shadowFraction: 0.5 })
    for (const seed of [1, 2, 3, 4]) {
      await vectorOf(encoder, seed)
      if (seed % 2 === 1) await telemetry.next('ShadowCompared', (seed + 1) / 2)
    }
    const compared = telemetry.of('ShadowCompared')
    expect(compared).toHaveLength(2)
    for (const { variant, size, seconds, cosineMin, cosineMean } of compared) {
      expect({ variant, size }).toEqual({ variant: 'int8', size: 1 })
      expect(seconds).toBeGreaterThan(0)
      expect(cosineMin).toBeGreaterThan(0.99)
      expect(cosineMin).toBeLessThan(1)
      expect(cosineMean).toBeCloseTo(cosineMin, 6)
    }
  })

  test('with a fraction of 0 encode nothing', async () => {
    const { encoder, telemetry } = await start({ shadow: ['int8'], shadowFraction: 0 })
    for (const seed of [1, 2, 3]) await vectorOf(encoder, seed)
    expect(telemetry.of('ShadowCompared')).toEqual([])
  })
})

describe('a worker that dies', () => {
  const restartDelayMs = () => 1

  test('loses its frames, is counted, and is restarted', async () => {
    const { encoder, telemetry } = await start({ restartDelayMs })
    const before = await vectorOf(encoder, 1)
    for (const restarts of [1, 2, 3]) {
      encoder.inject('crash')
      await expect(encoder.encode([picture(1), picture(2)])).rejects.toThrow(
        'The encoder died: a drill crashed the encoder',
      )
      expect(await telemetry.next('EncoderCrashed', restarts)).toMatchObject({ variant: 'fp32', framesLost: 2 })
      expect(await telemetry.next('EncoderRestarted', restarts)).toEqual({
        type: 'EncoderRestarted',
        variant: 'fp32',
        restarts,
      })
      expect(await vectorOf(encoder, 1)).toEqual(before)
    }
  })

  test('a batch that comes while it restarts waits for the new one', async () => {
    const { encoder, telemetry } = await start({ restartDelayMs })
    encoder.inject('crash')
    await telemetry.next('EncoderCrashed')
    expect(await vectorOf(encoder, 1)).toHaveLength(16)
    expect(telemetry.of('EncoderRestarted')).toHaveLength(1)
  })

  test('one that does not answer is given up', async () => {
    const { encoder, telemetry } = await start({ restartDelayMs, stuckAfterMs: 50 })
    encoder.inject('hang')
    await expect(encoder.encode([picture(1)])).rejects.toThrow('no answer for 50 ms')
    expect(telemetry.of('EncoderCrashed')).toMatchObject([{ framesLost: 1 }])
    await telemetry.next('EncoderRestarted')
    expect(await vectorOf(encoder, 1)).toHaveLength(16)
  })

  test('restarts wait longer each time until one answers', async () => {
    const attempts: number[] = []
    const modelDir = copyOfTiny()
    const model = join(modelDir, 'vision.fp32.onnx')
    const restartDelayMs = (attempt: number) => {
      attempts.push(attempt)
      if (attempt === 3) cpSync(join(tiny, 'vision.fp32.onnx'), model)
      return 1
    }
    const { encoder, telemetry } = await start({ modelDir, restartDelayMs })
    writeFileSync(model, 'gone bad')
    encoder.inject('crash')
    await telemetry.next('EncoderRestarted')
    expect(attempts).toEqual([1, 2, 3])
    expect(telemetry.of('EncoderCrashed')).toHaveLength(3)
    await vectorOf(encoder, 1)
    encoder.inject('crash')
    await telemetry.next('EncoderRestarted', 2)
    expect(attempts).toEqual([1, 2, 3, 1])
  })

  test('closing ends the waiting', async () => {
    const { encoder, telemetry } = await start({ restartDelayMs: () => 3_600_000 })
    encoder.inject('crash')
    await telemetry.next('EncoderCrashed')
    const waiting = expect(encoder.encode([picture(1)])).rejects.toThrow()
    await encoder.close()
    await waiting
    await expect(encoder.encode([picture(1)])).rejects.toThrow()
  })
})

function copyOfTiny(): string {
  const dir = temporaryFolder()
  cpSync(tiny, dir, { recursive: true })
  return dir
}

describe('a model that cannot be used', () => {
  test('a variant that does not exist', async () => {
    await expect(start({ variant: 'int4' })).rejects.toMatchObject({ code: 'model-missing' })
  })

  test('a file that is not ONNX', async () => {
    const modelDir = copyOfTiny()
    writeFileSync(join(modelDir, 'vision.int8.onnx'), 'not a model')
    await expect(start({ modelDir, variant: 'int8' })).rejects.toMatchObject({ code: 'model-unusable' })
  })

  test('a broken shadow variant stops the start, and nothing stays behind', async () => {
    const modelDir = copyOfTiny()
    writeFileSync(join(modelDir, 'vision.int8.onnx'), '')
    await expect(start({ modelDir, shadow: ['int8'] })).rejects.toMatchObject({ code: 'model-unusable' })
  })
})

test.each(['cuda', 'coreml'] as const)('an unavailable provider gives a warning and the CPU: %s', async provider => {
  const { encoder, telemetry } = await start({ provider })
  if (encoder.provider === provider) return
  expect(encoder.provider).toBe('cpu')
  expect(telemetry.of('ProviderUnavailable')).toMatchObject([{ wanted: provider, using: 'cpu' }])
  expect(await vectorOf(encoder, 1)).toHaveLength(16)
})

test('`auto` says nothing about what is not there', async () => {
  const { telemetry } = await start({ provider: 'auto' })
  expect(telemetry.internalEvents).toEqual([])
})
