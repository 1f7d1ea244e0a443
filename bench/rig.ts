/** What several measurements need: a folder that is removed in the end, models, footage. Made when first asked for. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { clipModelBuilder } from '../src/commands/clipModelBuilder.ts'
import { createWorld } from '../src/demo/world/createWorld.ts'
import type { WorldOptions } from '../src/demo/world/world.ts'
import { resolveModel } from '../src/models/resolveModel.ts'
import { exportModel } from '../src/onnx/exportModel.ts'
import { type Ffmpeg, findFfmpeg } from '../src/sources/ffmpeg/findFfmpeg.ts'
import { openFolder } from '../test/support/openFolder.ts'
import { type CheckpointShape, makeCheckpoint, VIT_B_32 } from './makeCheckpoint.ts'

export interface Rig {
  readonly dir: string
  readonly ffmpeg: Ffmpeg
  /** A data directory in which the bundled model is ready, int8 and fp32. */
  data(): Promise<string>
  /** Model directory with a vision tower of ViT-B/32's size and random weights, fp32. */
  vitB32(): Promise<string>
  /** The same with patches of 16 pixels: four times the work a picture. */
  vitB16(): Promise<string>
  close(): void
}

export async function createRig(): Promise<Rig> {
  const { path: dir, remove } = openFolder('watchword-bench-')
  const model = (name: string, patch: number) =>
    lazily(async () => {
      const [checkpointDir, outputDir] = [join(dir, `${name}-checkpoint`), join(dir, name)]
      await makeCheckpoint(checkpointDir, withPatch(patch))
      await exportModel({ checkpointDir, outputDir })
      await rm(checkpointDir, { recursive: true })
      return outputDir
    })
  return {
    dir,
    ffmpeg: await findFfmpeg(),
    data: lazily(async () => {
      const dataDir = join(dir, 'data')
      for (const variant of ['fp32', 'int8'])
        await resolveModel('demo', { variant, dataDir, modelBuilder: clipModelBuilder })
      return dataDir
    }),
    vitB32: model('vit-b-32', 32),
    vitB16: model('vit-b-16', 16),
    close: remove,
  }
}

/** The text tower is the smallest that goes with the bundled model's words: no frame passes it. */
function withPatch(patch: number): CheckpointShape {
  const tower = { hidden_size: 64, intermediate_size: 128, num_hidden_layers: 1, num_attention_heads: 1 }
  return {
    ...VIT_B_32,
    vision_config: { ...VIT_B_32.vision_config, patch_size: patch },
    text_config: { ...tower, vocab_size: 4096, max_position_embeddings: 32 },
  }
}

export interface FootageOptions {
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly seconds: number
  /** Seconds between keyframes. */
  readonly keyframeSeconds: number
  /** One picture all the time, with a sensor's noise. */
  readonly still?: boolean
}

/** The street by day as H.264 Annex B with access unit delimiters and without B-frames, as `startReplay` wants it. */
export async function makeFootage(path: string, { path: ffmpeg }: Ffmpeg, options: FootageOptions): Promise<void> {
  const { width, height, fps, seconds, keyframeSeconds, still = false } = options
  const input = `-v error -f rawvideo -pix_fmt rgba -video_size ${width}x${height} -framerate ${fps} -i pipe:0`
  const filter = still ? `-vf loop=loop=${fps * seconds - 1}:size=1,noise=alls=4:allf=t` : '-vf null'
  const codec = `-c:v libx264 -preset veryfast -bf 0 -g ${fps * keyframeSeconds} -pix_fmt yuv420p -x264-params aud=1:scenecut=0`
  const args = `${input} ${filter} ${codec} -f h264 pipe:1`.split(' ')
  const child = spawn(ffmpeg, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const file = createWriteStream(path)
  child.stdout.pipe(file)
  const world: WorldOptions = {
    view: 'street',
    light: 'day',
    weather: 'clear',
    seed: 'bench',
    startTime: 0,
    durationSeconds: Math.max(60, seconds),
    width,
    height,
  }
  const drawn = createWorld(world)
  for (let n = 0; n < (still ? 1 : fps * seconds); n++) {
    if (!child.stdin.write(Buffer.from(drawn.draw(n / fps)))) await once(child.stdin, 'drain')
  }
  child.stdin.end()
  await once(file, 'close')
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}
