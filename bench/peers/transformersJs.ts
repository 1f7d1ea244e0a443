/**
 * transformers.js over a clip: `transformersJs.ts PACKAGES MODEL_DIR VIDEO FPS FRAMES pipeline|tower`. `pipeline` is its
 * zero-shot image classification, one image at a time; `tower` its processor and vision tower in batches of eight.
 */

import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { ownCpuSeconds } from '../cpu.ts'
import { report } from './report.ts'

const [packages = '', modelDir = '', video = '', fps = '', frames = '', mode = ''] = process.argv.slice(2)
const [WIDTH, HEIGHT, BATCH, LABELS] = [
  768,
  576,
  8,
  ['a street', 'a person walking', 'an empty pavement', 'a parked car'],
]

// Its types are not installed here: it is a peer, not a dependency.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Untyped = any
const entry = createRequire(join(packages, 'x.js')).resolve('@huggingface/transformers')
const hf: Untyped = await import(pathToFileURL(entry).href)
Object.assign(hf.env, { allowRemoteModels: false, localModelPath: dirname(modelDir) })
const name = basename(modelDir)

const classify: Untyped =
  mode === 'pipeline' ? await hf.pipeline('zero-shot-image-classification', name, { dtype: 'fp32' }) : null
const tower: Untyped =
  mode === 'tower' ? await hf.CLIPVisionModelWithProjection.from_pretrained(name, { dtype: 'fp32' }) : null
const processor: Untyped = mode === 'tower' ? await hf.AutoProcessor.from_pretrained(name) : null

const embeddings: Float32Array[] = []
let waiting: Untyped[] = []

async function runTower(): Promise<void> {
  const { image_embeds: output } = await tower(await processor.image_processor(waiting))
  const dim = output.dims[1] as number
  for (let i = 0; i < waiting.length; i++) embeddings.push(output.data.slice(i * dim, (i + 1) * dim) as Float32Array)
  waiting = []
}

async function take(pixels: Uint8Array): Promise<void> {
  const image = new hf.RawImage(new Uint8ClampedArray(pixels), WIDTH, HEIGHT, 3)
  if (classify !== null) {
    await classify(image, LABELS)
    return
  }
  waiting.push(image)
  if (waiting.length === BATCH) await runTower()
}

await take(new Uint8Array(WIDTH * HEIGHT * 3).fill(128))
waiting = []
const { path: ffmpeg } = await findFfmpeg()
const [before, startedAt] = [ownCpuSeconds(), performance.now()]
const filter = ['-vf', `fps=${fps},scale=${WIDTH}:${HEIGHT}`, '-frames:v', frames]
const child = spawn(ffmpeg, ['-v', 'error', '-i', video, ...filter, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'])
const ended = new Promise(resolve => child.once('close', resolve))
let buffered = Buffer.alloc(0)
for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
  buffered = Buffer.concat([buffered, chunk])
  const length = WIDTH * HEIGHT * 3
  for (; buffered.length >= length; buffered = buffered.subarray(length)) await take(buffered.subarray(0, length))
}
if (waiting.length > 0) await runTower()
await ended
report({
  cpuSeconds: ownCpuSeconds() - before,
  seconds: (performance.now() - startedAt) / 1000,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  embeddings,
})
// Its threads would keep the process alive; what was printed must be out before it ends.
process.stdout.write('', () => process.exit(0))
