/** How fast onnxruntime multiplies matrices of ViT-B/32's sizes, and how close our variants come to that. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { exportModel } from '../src/onnx/exportModel.ts'
import type { Graph } from '../src/onnx/graph.ts'
import { rangesFrom, rangesGraph } from '../src/onnx/measure/rangesGraph.ts'
import { loadModel, saveModel } from '../src/onnx/onnxFile.ts'
import { int8Kernel } from '../src/onnx/session/int8Kernel.ts'
import { openSession } from '../src/onnx/session/openSession.ts'
import { openVisionSession } from '../src/onnx/session/openVisionSession.ts'
import { sessionOptions } from '../src/onnx/session/sessionOptions.ts'
import { applyRecipe } from '../src/onnx/variants/applyRecipe.ts'
import { parseVariant } from '../src/onnx/variants/parseVariant.ts'
import type { Ranges } from '../src/onnx/variants/ranges.ts'
import { createRandom } from '../src/util/random.ts'
import { quantile } from '../src/util/vector.ts'
import { openFolder } from '../test/support/openFolder.ts'
import { createFeeds, KINDS, type Product, productsModel } from './gemmModel.ts'
import { makeCheckpoint, VIT_B_32 } from './makeCheckpoint.ts'
import type { Measurement } from './report.ts'

/** All products of one image with constant weights. The last layer computes one token only. */
const PRODUCTS: readonly Product[] = [
  { name: 'patches', rows: 49, inputs: 3072, outputs: 768, count: 1 },
  { name: 'queries, keys, values', rows: 50, inputs: 768, outputs: 2304, count: 11 },
  { name: 'attention output', rows: 50, inputs: 768, outputs: 768, count: 11 },
  { name: 'MLP, first', rows: 50, inputs: 768, outputs: 3072, count: 11 },
  { name: 'MLP, second', rows: 50, inputs: 3072, outputs: 768, count: 11 },
  { name: 'last keys, values', rows: 50, inputs: 768, outputs: 1536, count: 1 },
  { name: 'last query, attention output', rows: 1, inputs: 768, outputs: 768, count: 2 },
  { name: 'last MLP, first', rows: 1, inputs: 768, outputs: 3072, count: 1 },
  { name: 'last MLP, second', rows: 1, inputs: 3072, outputs: 768, count: 1 },
  { name: 'projection', rows: 1, inputs: 768, outputs: 512, count: 1 },
]
const BATCHES = [1, 8]
const ROUNDS = 15
const OPERATIONS = PRODUCTS.reduce((sum, each) => sum + 2 * each.rows * each.inputs * each.outputs * each.count, 0)
const IMAGE = { imageSize: VIT_B_32.vision_config.image_size, mean: [0, 0, 0], std: [1, 1, 1] } as const

/** Needs 1.5 GB of disk in the temporary directory, and as much memory. */
export async function benchGemm(): Promise<Measurement> {
  const { path: dir, remove } = openFolder('watchword-bench-')
  try {
    const contestants = [...(await openProducts()), ...(await openVariants(dir))]
    const rows = []
    for (const batch of BATCHES) rows.push(...(await compare(contestants, batch)))
    for (const { session } of contestants) await session.release()
    return {
      name: 'gemm',
      title: 'Matrix products of ViT-B/32’s sizes, and the variants beside them',
      method:
        `The ${PRODUCTS.reduce((sum, { count }) => sum + count, 0)} products of an image that have constant weights, ` +
        'as nothing but products in one graph, and whole variants; random weights, one thread, all in turns. ' +
        'CPU time of the process: other programs disturb it less than the clock.',
      columns: [
        'batch',
        'what',
        'CPU ms a frame',
        'quartiles',
        'GOP/s',
        'times as fast as fp32',
        'of its products’ speed',
      ],
      rows,
      notes: [
        `int8 layers are multiplied by the ${await int8Kernel()} kernels here. The last column is the share of a ` +
          'variant’s time that its matrix products alone take: 1.00 is the limit. u8·s8 is MatMulInteger; u8·u8 the same ' +
          'with `x64quantprecision`; u8·s8 → u8 is QLinearMatMul; blocks are MatMulNBits with accuracy level 4.',
      ],
    }
  } finally {
    remove()
  }
}

interface Contestant {
  readonly name: string
  readonly session: InferenceSession
  /** Whose time is 1. */
  readonly reference: string
  /** The products alone. */
  readonly limit: string | null
  prepare(batch: number): () => Promise<unknown>
}

async function openProducts(): Promise<Contestant[]> {
  const opened: Contestant[] = []
  for (const kind of KINDS) {
    const options = sessionOptions({ provider: 'cpu', threads: 1, int8Kernel: kind === 'u8·u8' ? 'u8u8' : 'u8s8' })
    const session = await InferenceSession.create(productsModel(PRODUCTS, kind), options)
    opened.push({
      name: `products, ${kind}`,
      session,
      reference: 'products, fp32',
      limit: null,
      prepare: batch => {
        const feeds = createFeeds(PRODUCTS, kind, batch)
        return () => session.run(feeds)
      },
    })
  }
  return opened
}

const LIMITS: Readonly<Record<string, string>> = {
  fp32: 'products, fp32',
  int8: 'products, u8·s8',
  'int8, measured ranges': 'products, u8·s8',
}

async function openVariants(dir: string): Promise<Contestant[]> {
  const opened: Contestant[] = []
  for (const [name, path] of await makeVariants(dir)) {
    const { session, embed } = await openVisionSession(path, IMAGE, { threads: 1 })
    opened.push({
      name: `variant ${name}`,
      session,
      reference: 'variant fp32',
      limit: LIMITS[name] ?? null,
      prepare: batch => {
        const images = Array.from({ length: batch }, (_, n) =>
          Uint8Array.from({ length: IMAGE.imageSize ** 2 * 3 }, (_, i) => (i * 31 + n) % 256),
        )
        return () => embed(images)
      },
    })
  }
  return opened
}

async function compare(contestants: readonly Contestant[], batch: number) {
  const times = await timeInTurns(contestants.map(each => [each.name, each.prepare(batch)] as const))
  const ofFrame = (name: string) => (times.get(name) ?? []).map(ms => ms / batch)
  const middle = (name: string) => quantile(ofFrame(name), 0.5)
  return contestants.map(({ name, reference, limit }) => [
    batch,
    name,
    middle(name).toFixed(1),
    [0.25, 0.75].map(q => quantile(ofFrame(name), q).toFixed(1)).join('–'),
    name.startsWith('products') ? (OPERATIONS / middle(name) / 1e6).toFixed(0) : '',
    (middle(reference) / middle(name)).toFixed(2),
    limit === null ? '' : (middle(limit) / middle(name)).toFixed(2),
  ])
}

/** CPU milliseconds of each run. */
async function timeInTurns(
  runs: readonly (readonly [string, () => Promise<unknown>])[],
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(runs.map(([name]) => [name, []]))
  for (let round = -2; round < ROUNDS; round++) {
    for (const [name, run] of runs) {
      const before = process.cpuUsage()
      await run()
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) times.get(name)?.push((user + system) / 1000)
    }
  }
  return times
}

/** Each int8 variant twice: with a scale per row, as without frames, and with measured ranges. */
async function makeVariants(dir: string): Promise<Map<string, string>> {
  await makeCheckpoint(join(dir, 'checkpoint'))
  await exportModel({ checkpointDir: join(dir, 'checkpoint'), outputDir: join(dir, 'model') })
  await rm(join(dir, 'checkpoint'), { recursive: true })
  const exact = join(dir, 'model', 'vision.fp32.onnx')
  const graph = await loadModel(exact)
  const paths = new Map([['fp32', exact]])
  const save = async (name: string, variant: Graph) => {
    const path = join(dir, 'model', `vision.${paths.size}.onnx`)
    await saveModel(variant, path)
    paths.set(name, path)
  }
  for (const base of ['fp32', 'slim-50']) {
    const cut = applyRecipe(graph, recipeOf(base)).graph
    if (base !== 'fp32') await save(base, cut)
    const int8 = base === 'fp32' ? 'int8' : `${base}+int8`
    const recipe = { ...recipeOf(int8), slim: null }
    await save(int8, applyRecipe(cut, recipe).graph)
    await save(`${int8}, measured ranges`, applyRecipe(cut, recipe, await measureRanges(cut, dir)).graph)
  }
  return paths
}

function recipeOf(name: string) {
  return parseVariant(name, { prune: 0.3, slim: 0.5 })
}

async function measureRanges(graph: Graph, dir: string): Promise<Ranges> {
  const path = join(dir, 'ranges.onnx')
  await saveModel(rangesGraph(graph), path)
  const { session } = await openSession(path, { threads: 1 })
  const length = IMAGE.imageSize ** 2 * 3
  const random = createRandom('ranges')
  const pixels = Uint8Array.from({ length }, () => random.integer(0, 255))
  const feeds = { pixels: new Tensor('uint8', pixels, [1, IMAGE.imageSize, IMAGE.imageSize, 3]) }
  const outputs = Object.entries(await session.run(feeds))
  await session.release()
  return rangesFrom(new Map(outputs.map(([name, { data }]) => [name, data as Float32Array])))
}
