import { describe, expect, it } from 'vitest'
import { exportText } from '../../src/onnx/exportText.ts'
import { cosine } from '../../src/util/vector.ts'
import { CLIPS, idTensor, openTiny, readReference, relativeDistance, runGraph, TINY } from './fixtures.ts'

describe.each(TINY)('exportText of %s', name => {
  const { inputIds, textEmbeds } = readReference(name)
  const reference = textEmbeds.map(row => Float32Array.from(row))

  it.each([{ plain: false }, { plain: true }])('equals its own implementation, %o', async options => {
    const rows = await runGraph(exportText(await openTiny(name), options), idTensor(inputIds))
    expect(rows).toHaveLength(inputIds.length)
    for (const [i, row] of rows.entries()) {
      expect(cosine(row, reference[i] as Float32Array)).toBeGreaterThan(0.99999)
      expect(relativeDistance(row, reference[i] as Float32Array)).toBeLessThan(1e-4)
    }
  })
})

describe.each(CLIPS)('exportText of %s', name => {
  const { inputIds, textEmbeds, eosTokenId } = readReference(name)

  it.each([{ plain: false }, { plain: true }])('accepts texts shorter than the context, %o', async options => {
    const short = (inputIds[0] as number[]).slice(0, 3)
    expect(short.at(-1)).toBe(eosTokenId)
    const [row] = await runGraph(exportText(await openTiny(name), options), idTensor([short]))
    expect(cosine(row as Float32Array, Float32Array.from(textEmbeds[0] ?? []))).toBeGreaterThan(0.99999)
  })
})

it('checks the length of the context before it makes a mask of that size', async () => {
  const { config, ...checkpoint } = await openTiny('half')
  // A mask of this length does not fit into an array.
  const text = { ...config.text, contextLength: 200_000 }
  expect(() => exportText({ ...checkpoint, config: { ...config, text } }, { plain: true })).toThrow(
    expect.objectContaining({ code: 'checkpoint-shape' }),
  )
})

it('needs texts of full length where the tower sees the padding', async () => {
  const name = 'siglip-p16'
  const graph = exportText(await openTiny(name))
  const { inputIds } = readReference(name)
  expect(graph.inputs[0]?.dims).toEqual(['batch', inputIds[0]?.length])
  await expect(runGraph(graph, idTensor(inputIds.map(row => row.slice(0, 3))))).rejects.toThrow(/input_ids/)
})

it('equals it with a table of words in half precision', async () => {
  const name = 'siglip-p16'
  const graph = exportText(await openTiny(name), { halfAboveBytes: 0 })
  expect(graph.initializers.get('words')?.dtype).toBe('float16')
  const { inputIds, textEmbeds } = readReference(name)
  for (const [i, row] of (await runGraph(graph, idTensor(inputIds))).entries())
    expect(cosine(row, Float32Array.from(textEmbeds[i] ?? []))).toBeGreaterThan(0.99999)
})
