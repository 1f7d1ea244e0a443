/** Random scenes with a bright square that comes, rests and leaves, for the whole pipeline. */

import fc from 'fast-check'
import { FRAME_GAP_MS } from '../../src/commands/watchStateOf.ts'
import type { DetectRule } from '../../src/operators/detect/detectRule.ts'
import type { WatchState } from '../../src/operators/watchState.ts'
import type { Frame, Signal } from '../../src/types.ts'
import { normalize } from '../../src/util/vector.ts'
import { imageFrame, status } from './frames.ts'

const SIZE = 56
const DETAIL = 2 * SIZE
const GATE = [
  [0, 0],
  [0.5, 0],
  [0.5, 1],
  [0, 1],
] as const

const trigger = {
  threshold: 0.6,
  releaseThreshold: 0.4,
  minOnMs: 500,
  minOffMs: 1000,
  cooldownMs: 0,
  maxDurationMs: 20_000,
}
/** One event for each rule, and one that is tied to a zone. */
const RULES: Readonly<Record<string, DetectRule>> = {
  present: { rule: 'present', trigger },
  gate: { rule: 'present', trigger: { ...trigger, minOnMs: 0 } },
  moves: { rule: 'moves', motionWindowMs: 3000, trigger },
  stops: { rule: 'stops', motionWindowMs: 6000, trigger },
  loiters: { rule: 'loiters', dwellMs: 4000, trigger },
  leaves: { rule: 'leaves', holdMs: 3000, trigger },
}

/** Two cameras with crops and a zone. */
export const watchState: WatchState = {
  cameras: ['a', 'b'].map(camera => ({
    camera,
    enabled: true,
    revision: '1',
    motion: { enabled: true, threshold: 0.004, refreshMs: 5000 },
    views: { crops: 2, zones: [{ name: 'gate', polygon: GATE }], samples: true },
    events: Object.keys(RULES),
    areas: { gate: { zones: ['gate'], overlap: 0.3 } },
  })),
  events: Object.entries(RULES).map(([event, rule]) => ({ event, enabled: true, rule, tauMs: 800 })),
  texts: {
    variant: 'fake',
    logitScale: 20,
    calibration: { centre: 0, width: 1 },
    events: Object.keys(RULES).map(event => ({
      event,
      positive: Float32Array.of(1, 0, 0),
      contrast: [Float32Array.of(0, 1, 0)],
      levels: null,
    })),
  },
}

/** A bright square on a dark wall, seen larger in the detail image. */
interface Scene {
  readonly camera: string
  readonly at: number
  readonly x: number
  readonly side: number
}

function painted(width: number, { x, side }: Scene): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(width * width * 3).fill(40)
  const [left, top, length] = [Math.round(x * width), Math.round(0.4 * width), Math.round(side * width)]
  for (let row = top; row < Math.min(width, top + length); row++)
    pixels.fill(230, (row * width + left) * 3, (row * width + Math.min(width, left + length)) * 3)
  return pixels
}

function frameOf(scene: Scene, seq: number): Frame {
  const detail = { width: DETAIL, height: DETAIL, pixels: painted(DETAIL, scene) }
  const half = { ...scene, x: Math.min(1, scene.x * 2) }
  const zoneImages = new Map([['gate', painted(SIZE, half)]])
  const jpeg = Uint8Array.of(1, 2, 3)
  return { ...imageFrame(scene.at, painted(SIZE, scene), scene.camera), seq, detail, zoneImages, jpeg }
}

/** The more of it is bright, the more it looks like the event; the last number tells images apart. */
export function embed(pixels: Uint8Array): readonly number[] {
  const bright = pixels.reduce((sum, value) => sum + (value > 128 ? 1 : 0), 0) / pixels.length
  const sum = pixels.reduce((total, value, i) => (total + value * (i % 97)) % 10_007, 0)
  return [...normalize(Float32Array.of(Math.min(1, 6 * bright), 0.5, 0.1 * (sum / 10_007)))]
}

export const step = fc.record({
  what: fc.constantFrom(
    'frame',
    'frame',
    'frame',
    'frame',
    'frame',
    'frame',
    'frame',
    'rest',
    'empty',
    'offline',
    'gap',
    'blind',
    'back',
  ),
  camera: fc.constantFrom('a', 'a', 'b'),
  x: fc.double({ min: 0, max: 0.8, noNaN: true }),
  side: fc.constantFrom(0, 0.1, 0.2, 0.3),
  times: fc.integer({ min: 1, max: 12 }),
})
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What the source of one camera says. */
export function signalsOf(camera: string, steps: readonly Step[]): Signal<Frame>[] {
  const signals: Signal<Frame>[] = [status(camera, 0, 'online')]
  let [at, seq] = [1000, 0]
  let last = { x: 0.1, side: 0 }
  for (const { what, times, x, side } of steps) {
    if (what === 'offline') signals.push(status(camera, at, 'offline'), status(camera, at + 10, 'online'))
    if (what === 'gap') at += FRAME_GAP_MS + 1000
    if (what === 'back') at -= 1500
    if (what === 'frame') last = { x, side }
    if (what === 'empty') last = { x: 0, side: 0 }
    for (let i = 0; i < times; i++) {
      at += 500
      const moving = { ...last, x: what === 'frame' ? Math.min(0.9, last.x + 0.02 * i) : last.x }
      const frame = frameOf({ camera, at, ...moving }, seq++)
      signals.push(what === 'blind' ? { ...frame, problem: 'dark' } : frame)
    }
  }
  return [...signals, status(camera, at + 1, 'ended')]
}
