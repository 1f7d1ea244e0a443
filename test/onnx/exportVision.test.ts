import { describe, expect, it } from 'vitest'
import { exportVision } from '../../src/onnx/exportVision.ts'
import { cosine } from '../../src/util/vector.ts'
import {
  openTiny,
  pictures,
  pixelTensor,
  pixelValueTensor,
  readReference,
  relativeDistance,
  runGraph,
  TINY,
} from './fixtures.ts'

describe.each(TINY)('exportVision of %s', name => {
  const { size, imageEmbeds, resized, ...normalisation } = readReference(name)
  const pixels = pictures(3, size)
  const reference = imageEmbeds.map(row => Float32Array.from(row))

  it('equals its own implementation', async () => {
    const rows = await runGraph(exportVision(await openTiny(name)), pixelTensor(pixels, size))
    expect(rows).toHaveLength(3)
    for (const [i, row] of rows.entries()) {
      expect(cosine(row, reference[i] as Float32Array)).toBeGreaterThan(0.99999)
      expect(relativeDistance(row, reference[i] as Float32Array)).toBeLessThan(1e-4)
    }
  })

  it('equals it as a plain graph', async () => {
    const graph = exportVision(await openTiny(name), { plain: true })
    expect([...graph.opsets.keys()]).toEqual([''])
    const rows = await runGraph(graph, pixelValueTensor(pixels, size, normalisation))
    for (const [i, row] of rows.entries()) {
      expect(relativeDistance(row, reference[i] as Float32Array)).toBeLessThan(1e-4)
    }
  })

  it('computes the same embedding for an image alone and in any batch', async () => {
    const graph = exportVision(await openTiny(name))
    const together = await runGraph(graph, pixelTensor(pixels, size))
    const length = size * size * 3
    for (const [i, row] of together.entries()) {
      const [alone] = await runGraph(graph, pixelTensor(pixels.slice(i * length, (i + 1) * length), size))
      expect(relativeDistance(alone as Float32Array, row)).toBeLessThan(1e-5)
    }
  })
})

describe.each(TINY.filter(name => readReference(name).resized))(
  'exportVision of %s with images of another size',
  name => {
    const { resized, ...normalisation } = readReference(name)
    const { size, imageEmbeds } = resized as NonNullable<typeof resized>

    it.each([{ plain: false }, { plain: true }])(
      'equals its own implementation with a resampled table, %o',
      async options => {
        const graph = exportVision(await openTiny(name, { imageSize: size }), options)
        const pixels = pictures(3, size)
        const input = options.plain ? pixelValueTensor(pixels, size, normalisation) : pixelTensor(pixels, size)
        for (const [i, row] of (await runGraph(graph, input)).entries()) {
          const reference = Float32Array.from(imageEmbeds[i] ?? [])
          expect(cosine(row, reference)).toBeGreaterThan(0.99999)
          expect(relativeDistance(row, reference)).toBeLessThan(1e-4)
        }
      },
    )
  },
)

it('pools the first of all tokens with rotary positions as the plain graph does', async () => {
  const { size, ...normalisation } = readReference('timm-pe-core')
  const { config, ...checkpoint } = await openTiny('timm-pe-core')
  const unpooled = { ...checkpoint, config: { ...config, vision: { ...config.vision, attentionPool: null } } }
  const pixels = pictures(2, size)
  const fused = await runGraph(exportVision(unpooled), pixelTensor(pixels, size))
  const values = pixelValueTensor(pixels, size, normalisation)
  const plain = await runGraph(exportVision(unpooled, { plain: true }), values)
  expect(fused).toHaveLength(2)
  for (const [i, row] of fused.entries()) expect(relativeDistance(row, plain[i] as Float32Array)).toBeLessThan(1e-4)
})
