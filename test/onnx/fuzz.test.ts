/** Files that were cut, flipped, spliced: the answer is the content or one clear line, never a crash, never a hang. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { exportVision } from '../../src/onnx/exportVision.ts'
import { indexGraph, pruneUnused } from '../../src/onnx/graph.ts'
import { loadModel, saveModel } from '../../src/onnx/onnxFile.ts'
import { openCheckpoint } from '../../src/onnx/openCheckpoint.ts'
import { openTensor, readSafetensors } from '../../src/onnx/readSafetensors.ts'
import { WatchwordError } from '../../src/util/errors.ts'
import { createRandom } from '../../src/util/random.ts'
import { mutateBytes } from '../support/mutate.ts'
import { soak } from '../support/soak.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { tinyDir } from './fixtures.ts'

const MUTATIONS = soak({ fast: 1500, long: 10_000 })
const TIMEOUT_MS = soak({ fast: 60_000, long: 600_000 })

it(
  'safetensors',
  async () => {
    const original = readFileSync(join(tinyDir('half'), 'model.safetensors'))
    const header = Number(original.readBigUInt64LE(0)) + 8
    const path = join(temporaryFolder(), 'model.safetensors')
    const random = createRandom('safetensors')
    const codes = new Set<string>()
    for (let i = 0; i < MUTATIONS; i++) {
      writeFileSync(path, mutateBytes(original, random, { reach: random.chance(0.5) ? 64 : header, cutChance: 0.2 }))
      try {
        for (const [name, stored] of readSafetensors(path)) {
          if (stored.dtype !== 'I64') openTensor(name, stored).read()
        }
        codes.add('read')
      } catch (error) {
        expect(error).toBeInstanceOf(WatchwordError)
        codes.add((error as WatchwordError).code)
      }
    }
    expect([...codes].sort()).toEqual(
      ['read', 'safetensors-dtype', 'safetensors-invalid', 'safetensors-truncated'].sort(),
    )
  },
  TIMEOUT_MS,
)

it(
  'ONNX',
  async () => {
    const dir = temporaryFolder()
    const path = join(dir, 'model.onnx')
    await saveModel(exportVision(await openCheckpoint(tinyDir('brain'))), path, { externalAboveBytes: 0 })
    const original = readFileSync(path)
    const random = createRandom('onnx')
    const codes = new Set<string>()
    for (let i = 0; i < MUTATIONS; i++) {
      writeFileSync(path, mutateBytes(original, random, { reach: original.length, cutChance: 0.2 }))
      try {
        const graph = pruneUnused(await loadModel(path))
        indexGraph(graph)
        for (const tensor of graph.initializers.values()) tensor.read()
        codes.add('read')
      } catch (error) {
        expect(error).toBeInstanceOf(WatchwordError)
        expect((error as WatchwordError).message).not.toMatch(/\n/)
        codes.add((error as WatchwordError).code)
      }
    }
    expect([...codes].sort()).toEqual(expect.arrayContaining(['onnx-invalid', 'read']))
  },
  TIMEOUT_MS,
)
