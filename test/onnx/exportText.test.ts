import { describe, expect, it } from 'vitest'
import { exportText } from '../../src/onnx/exportText.ts'
import { openCheckpoint } from '../../src/onnx/openCheckpoint.ts'
import { cosine } from '../../src/util/vector.ts'
import { idTensor, readReference, runGraph, TINY, tinyDir } from './fixtures.ts'

describe.each(TINY)('exportText of %s', name => {
  const { inputIds, textEmbeds, eosTokenId } = readReference(name)
  const reference = textEmbeds.map(row => Float32Array.from(row))

  it.each([{ plain: false }, { plain: true }])('equals transformers, %o', async options => {
    const rows = await runGraph(exportText(await openCheckpoint(tinyDir(name)), options), idTensor(inputIds))
    expect(rows).toHaveLength(inputIds.length)
    for (const [i, row] of rows.entries()) {
      expect(cosine(row, reference[i] as Float32Array)).toBeGreaterThan(0.99999)
    }
  })

  it.each([{ plain: false }, { plain: true }])('accepts texts shorter than the context, %o', async options => {
    const short = (inputIds[0] as number[]).slice(0, 3)
    expect(short.at(-1)).toBe(eosTokenId)
    const [row] = await runGraph(exportText(await openCheckpoint(tinyDir(name)), options), idTensor([short]))
    expect(cosine(row as Float32Array, reference[0] as Float32Array)).toBeGreaterThan(0.99999)
  })
})
