import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { batchDifference } from '../../../src/onnx/measure/batchDifference.ts'
import { measureMemory } from '../../../src/onnx/measure/measureMemory.ts'
import { type SessionRunner, startSessionRunner } from '../../../src/onnx/measure/sessionRunner.ts'
import { sharedFolder } from '../../support/temporaryFolder.ts'
import { fromBytes, fromFloats, SIZE } from './brightness.ts'

const format = { imageSize: SIZE, mean: [0.5, 0.25, 0], std: [0.5, 0.25, 1] } as const
const red = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => (i % 3 === 0 ? 255 : 0))
const gray = new Uint8Array(SIZE * SIZE * 3).fill(51)

const dir = sharedFolder()
let runner: SessionRunner
beforeAll(async () => {
  await writeFile(join(dir, 'bytes.onnx'), fromBytes())
  await writeFile(join(dir, 'floats.onnx'), fromFloats())
  await writeFile(join(dir, 'broken.onnx'), 'no model')
  runner = startSessionRunner({ format, threads: 1 })
  await runner.open('bytes', join(dir, 'bytes.onnx'))
  await runner.open('floats', join(dir, 'floats.onnx'))
})
afterAll(async () => {
  await runner.stop()
})

test('passes bytes to a model with a uint8 input', async () => {
  expect(await runner.embed('bytes', [red, gray])).toEqual([Float32Array.of(255, 0, 0), Float32Array.of(51, 51, 51)])
})

test('normalises for a model with a float32 input', async () => {
  const [first, second] = await runner.embed('floats', [red, gray], 1)
  expect(Array.from(first ?? [], round)).toEqual([1, -1, 0])
  expect(Array.from(second ?? [], round)).toEqual([-0.6, -0.2, 0.2])
})

test('reports the seconds of a run', async () => {
  const { seconds } = await runner.run('bytes', [red])
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThan(5)
})

test('a mean of one picture does not depend on its batch', async () => {
  expect(await batchDifference(runner, 'bytes', { pictures: [red, gray, red], batches: [2, 3] })).toBe(0)
})

test('reports which model cannot be opened, and continues', async () => {
  await expect(runner.open('broken', join(dir, 'broken.onnx'))).rejects.toMatchObject({
    code: 'session-failed',
    message: expect.stringContaining('broken.onnx'),
  })
  await expect(runner.run('nothing', [red])).rejects.toThrow('Expected nothing to be open')
  await expect(runner.run('bytes', [new Uint8Array(5)])).rejects.toThrow('Expected 48 bytes in an image, got 5')
  expect(await runner.embed('bytes', [gray])).toEqual([Float32Array.of(51, 51, 51)])
})

test('every request to a stopped runner fails', async () => {
  const stopped = startSessionRunner({ format })
  const pending = stopped.open('bytes', join(dir, 'bytes.onnx'))
  const fails = expect(pending).rejects.toThrow('ended')
  await stopped.stop()
  await fails
  await expect(stopped.run('bytes', [red])).rejects.toThrow('ended')
})

test('measures memory in a process of its own; null when there is no such model', async () => {
  expect(await measureMemory(join(dir, 'bytes.onnx'), format)).toBeGreaterThan(0)
  expect(await measureMemory(join(dir, 'absent.onnx'), format)).toBeNull()
})

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5
}
