/** Footage of the demo's world as Annex B for a real RTSP server: rendered once a machine, kept beside node_modules. */

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createWorld } from '../../src/demo/world/createWorld.ts'
import type { WorldOptions } from '../../src/demo/world/world.ts'
import { findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/watchword', import.meta.url))
const FPS = 10

/** Path of the clip: no B-frames, a keyframe a second, 10 frames a second. */
export async function demoClip(world: Pick<WorldOptions, 'seed' | 'view' | 'durationSeconds'>): Promise<string> {
  const options: WorldOptions = { light: 'day', weather: 'clear', width: 640, height: 360, startTime: 0, ...world }
  const key = createHash('sha256').update(JSON.stringify(options)).digest('hex').slice(0, 12)
  const path = `${CACHE}/${key}.h264`
  if (existsSync(path)) return path
  mkdirSync(CACHE, { recursive: true })
  const { path: ffmpeg } = await findFfmpeg()
  const input = `-v error -f rawvideo -pix_fmt rgba -video_size 640x360 -framerate ${FPS} -i pipe:0`
  const output = `-c:v libx264 -preset superfast -bf 0 -g ${FPS} -pix_fmt yuv420p -f h264 pipe:1`
  const child = spawn(ffmpeg, `${input} ${output}`.split(' '), { stdio: ['pipe', 'pipe', 'inherit'] })
  const file = createWriteStream(`${path}.part`)
  child.stdout.pipe(file)
  const drawn = createWorld(options)
  for (let n = 0; n < options.durationSeconds * FPS; n++) {
    if (!child.stdin.write(Buffer.from(drawn.draw(n / FPS)))) await once(child.stdin, 'drain')
  }
  child.stdin.end()
  await once(file, 'close')
  renameSync(`${path}.part`, path)
  return path
}
