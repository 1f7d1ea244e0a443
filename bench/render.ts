/** How fast the demo's world is drawn and encoded. */

import { join } from 'node:path'
import { renderVideo } from '../src/demo/renderVideo.ts'
import { createWorld } from '../src/demo/world/createWorld.ts'
import { videoSizeOf, type WorldOptions } from '../src/demo/world/world.ts'
import { quantile } from '../src/util/vector.ts'
import { ownCpuSeconds } from './cpu.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'

const SECONDS = 6
const FPS = 10
const ROUNDS = 3
const SCENES: readonly Pick<WorldOptions, 'view' | 'distance' | 'light' | 'weather'>[] = [
  { view: 'street', light: 'day', weather: 'clear' },
  { view: 'crossing', light: 'dusk', weather: 'rain' },
  { view: 'plaza', light: 'night', weather: 'fog' },
  { view: 'street', distance: 'far', light: 'day', weather: 'clear' },
]

export async function benchRender(rig: Rig): Promise<Measurement> {
  const rows: (readonly (string | number)[])[] = []
  for (const scene of SCENES) {
    const speeds: number[] = []
    const cpu: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const rest = { seed: round, startTime: 0, durationSeconds: SECONDS, ...videoSizeOf(scene.distance ?? 'near') }
      const world = createWorld({ ...scene, ...rest })
      const output = join(rig.dir, 'render.mp4')
      const [startedAt, cpuBefore] = [performance.now(), ownCpuSeconds()]
      await renderVideo({ world, fps: FPS, output, truth: null, ffmpegPath: rig.ffmpeg.path })
      speeds.push((SECONDS * 1000) / (performance.now() - startedAt))
      cpu.push(SECONDS / (ownCpuSeconds() - cpuBefore))
    }
    rows.push([
      `${scene.distance ?? 'near'} ${scene.view}, ${scene.light}, ${scene.weather}`,
      times(speeds),
      times(cpu),
      scene.distance === 'far' ? '' : '≥ 2x',
    ])
  }
  return {
    name: 'render',
    title: 'Drawing and encoding the demo’s world',
    method: `\`renderVideo\` of ${SECONDS} s at 640x360, far at 1280x720, and ${FPS} fps, ${ROUNDS} seeds each: seconds of video for a second of waiting, and for a second of CPU (encoder included).`,
    columns: ['scene', 'real time, median (spread)', 'a CPU-second', 'target'],
    rows,
    notes: [],
  }
}

function times(values: readonly number[]): string {
  return `${quantile(values, 0.5).toFixed(1)}x (${Math.min(...values).toFixed(1)} – ${Math.max(...values).toFixed(1)})`
}
