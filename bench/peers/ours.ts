/** One run of the product's flow over a clip, in a process of its own: `ours.ts MODEL_DIR VARIANT VIDEO FPS FRAMES GATE`. */

import { EMPTY, NEVER } from 'rxjs'
import { startEncoder } from '../../src/clip/startEncoder.ts'
import { pipeline } from '../../src/pipeline.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { readFile } from '../../src/sources/file.ts'
import { createRedactor } from '../../src/util/redactor.ts'
import { ownCpuSeconds } from '../cpu.ts'
import { filmOptions } from '../filmOptions.ts'
import { report } from './report.ts'

const [modelDir = '', variant = '', path = '', fps = '', frames = '', gate = ''] = process.argv.slice(2)
const telemetry = { emit: () => {} }
const ffmpeg = await findFfmpeg()
const encoder = await startEncoder(
  { modelDir, variant, shadow: [], shadowFraction: 0, provider: 'cpu', threads: 0, maxBatch: 8 },
  telemetry,
)
await encoder.encode([new Uint8Array(encoder.imageSize ** 2 * 3).fill(128)])
const options = filmOptions(8)
const [camera] = options.watchState.cameras
if (camera === undefined) throw new Error('No camera')
const watched = { ...camera, motion: { ...camera.motion, enabled: gate === 'on' } }
const embeddings: Float32Array[] = []
const memory = {
  fits: () => () => null,
  offer: ({ embedding }: { readonly embedding: Float32Array }) => {
    embeddings.push(embedding)
  },
}
const read = { camera: camera.camera, path, size: encoder.imageSize, fit: 'crop', snapshot: null } as const
const open = () =>
  readFile(
    { ...read, sampling: { fps: Number(fps) }, maxFrames: Number(frames), inputFps: null },
    { ffmpeg, telemetry, redact: createRedactor() },
  )
const [before, startedAt] = [ownCpuSeconds(), performance.now()]
await pipeline(
  { ...options, watchState: { ...options.watchState, cameras: [watched] } },
  { open, encoder, telemetry, memory, commands$: EMPTY, stop$: NEVER },
).forEach(() => {})
report({
  cpuSeconds: ownCpuSeconds() - before,
  seconds: (performance.now() - startedAt) / 1000,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  embeddings,
})
await encoder.close()
