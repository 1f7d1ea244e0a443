import { beforeAll, describe, expect, test } from 'vitest'
import { exportText } from '../../../src/onnx/exportText.ts'
import { exportVision } from '../../../src/onnx/exportVision.ts'
import type { Graph } from '../../../src/onnx/graph.ts'
import { largestDifference } from '../../../src/onnx/measure/compareEmbeddings.ts'
import { openCheckpoint } from '../../../src/onnx/openCheckpoint.ts'
import { applyRecipe } from '../../../src/onnx/variants/applyRecipe.ts'
import { findLinears } from '../../../src/onnx/variants/linears.ts'
import { parseVariant } from '../../../src/onnx/variants/parseVariant.ts'
import { addStatistics, statisticsOf } from '../../../src/onnx/variants/statistics.ts'
import { cosine } from '../../../src/util/vector.ts'
import {
  CLIPS,
  idTensor,
  openTiny,
  pictures,
  pixelTensor,
  pixelValueTensor,
  readReference,
  runGraph,
  TINY,
  type Tiny,
  tinyDir,
} from '../fixtures.ts'

const recipe = (name: string) => parseVariant(name, { prune: 0.3, slim: 0.5 })

// Models of 36 channels with random weights lose more than real ones. The limits say that the arithmetic is right: the
// lowest cosines measured were 0.9975, 0.9245, 0.8753 and 0.8680, and one wrong scale or a shifted row gives below 0.5.
const LIMITS = [
  ['fp16', 0.99999],
  ['int8', 0.995],
  ['int4', 0.9],
  ['pruned-30', 0.8],
  ['pruned-30+int8', 0.8],
] as const

/** The other checkpoints are too small and too random for coarse variants: a few weights decide. */
const limitsOf = (name: Tiny) => LIMITS.filter(([variant]) => isClip(name) || variant === 'fp16' || variant === 'int8')
const isClip = (name: Tiny) => CLIPS.some(each => each === name)

describe.each(TINY)('variants of %s', name => {
  let exported: Graph
  let textbook: Graph
  const { size, imageEmbeds, textEmbeds, inputIds, ...normalisation } = readReference(name)
  const images = imageEmbeds.map(row => Float32Array.from(row))
  const texts = textEmbeds.map(row => Float32Array.from(row))
  const pixels = pictures(3, size)
  beforeAll(async () => {
    const checkpoint = await openTiny(name)
    exported = exportVision(checkpoint)
    textbook = exportVision(checkpoint, { plain: true })
  })

  test.each(limitsOf(name))(
    '%s stays near its own implementation, in fused and plain graphs',
    async (variant, least) => {
      const fused = await runGraph(applyRecipe(exported, recipe(variant)).graph, pixelTensor(pixels, size))
      const plain = await runGraph(
        applyRecipe(textbook, recipe(variant)).graph,
        pixelValueTensor(pixels, size, normalisation),
      )
      for (const [i, reference] of images.entries()) {
        expect(cosine(fused[i] as Float32Array, reference)).toBeGreaterThan(least)
        expect(cosine(plain[i] as Float32Array, reference)).toBeGreaterThan(least)
      }
    },
  )

  test.each(limitsOf(name))('%s of the text tower stays near too', async (variant, least) => {
    const graph = exportText(await openTiny(name))
    const rows = await runGraph(applyRecipe(graph, recipe(variant)).graph, idTensor(inputIds))
    for (const [i, reference] of texts.entries())
      expect(cosine(rows[i] as Float32Array, reference)).toBeGreaterThan(least)
  })

  // Slim does not prune heads with rotary positions.
  const slims = name.startsWith('timm-pe-core') ? [] : ['slim-50', 'slim-50+int8', 'slim-50+int4']
  test.each(['fp32', 'fp16', 'int8', 'int4', 'pruned-30', ...slims])(
    '%s gives a picture the same embedding alone and in any batch',
    async variant => {
      const { graph } = applyRecipe(exported, recipe(variant))
      const together = await runGraph(graph, pixelTensor(pixels, size))
      const length = size * size * 3
      for (const [i, row] of together.entries()) {
        const [alone] = await runGraph(graph, pixelTensor(pixels.slice(i * length, (i + 1) * length), size))
        expect(largestDifference([row], [alone as Float32Array])).toBeLessThan(1e-4)
      }
    },
  )

  test('counts a quantized weight as one parameter', () => {
    expect(applyRecipe(exported, recipe('int4')).statistics).toEqual(statisticsOf(exported))
  })
})

test('prunes what torch counts as linear layers: the patch embedding is a convolution there', async () => {
  const checkpoint = await openCheckpoint(tinyDir('quick-gelu-p32'))
  const towers = [exportVision(checkpoint), exportText(checkpoint)]
  const [vision, text] = towers.map(tower => applyRecipe(tower, recipe('pruned-30')).statistics)
  if (vision === undefined || text === undefined) throw new Error('no statistics')
  const layers = towers.flatMap(findLinears).filter(linear => linear.name !== 'patches')
  const expected = layers.reduce((sum, { rows, columns }) => sum + Math.round(0.3 * rows * columns), 0)
  const before = addStatistics(...towers.map(statisticsOf))
  expect(addStatistics(vision, text).nonZero).toBe(before.nonZero - expected)
})

test('multiplies pixels as they are: nothing but the weights is rounded', async () => {
  const graph = applyRecipe(exportVision(await openCheckpoint(tinyDir('quick-gelu-p32'))), recipe('int8')).graph
  const patches = graph.nodes.find(node => node.name === 'patches/int8')
  expect(patches?.inputs[0]).toBe('patches.flat')
  expect(graph.nodes.some(node => node.name === 'patches.floats')).toBe(false)
})

test('a recipe treats layers by name', async () => {
  const graph = exportVision(await openCheckpoint(tinyDir('quick-gelu-p32')))
  const layers = [
    { match: 'layers.0.*', store: 'fp32', prune: null },
    { match: '*fc1*', store: 'int4', prune: null },
    { match: 'layers.2.attn.out*', store: 'fp16', prune: 0.5 },
  ] as const
  const made = applyRecipe(graph, { ...recipe('int8'), name: 'mixed', layers })
  const ops = new Map(made.graph.nodes.map(node => [node.name, node.op]))
  expect(ops.get('layers.0.mlp.fc1.matmul')).toBe('MatMul')
  expect(ops.get('layers.1.mlp.fc1.matmul/int4')).toBe('MatMulNBits')
  expect(ops.get('layers.1.mlp.fc2.matmul/int8')).toBe('MatMulIntegerToFloat')
  expect(ops.get('layers.2.attn.out.weight/cast')).toBe('Cast')
  expect(made.statistics.removed).toBeGreaterThan(0)
})
