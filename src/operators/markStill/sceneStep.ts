/** One camera's scene over time, block by block: what moves, what came to rest, what is unchanged. */

import { type Hidden, lightChange, likeness, visibleCount } from './lumaBlocks.ts'

export interface SceneOptions {
  /** Fraction of the image that must differ for the scene to count as changed: [0, 1]. */
  readonly threshold: number
  /** The scene counts as changed at least this often, ms. */
  readonly refreshMs: number
  /** Blocks per row of the grid. Default: the grid is square. */
  readonly columns?: number
  /** Blocks under masks. Default: none. */
  readonly hidden?: Hidden
}

/** Everything is per block, [grid * grid]. */
export interface SceneState {
  readonly at: number
  readonly previous: Float32Array
  /** The last frame that was not still, and its time. */
  readonly reference: Float32Array
  readonly referenceAt: number
  /** Something moved in it: the next calm frame is encoded, otherwise an object that left would keep its old embedding. */
  readonly referenceMoved: boolean
  /** Mean absolute change without events: sensor noise, leaves, rain. In luma steps. */
  readonly noise: Float32Array
  readonly background: Float32Array
  /** For how long each block has looked like the background, ms, bounded. */
  readonly familiarMs: Float32Array
  /** When each block last changed. */
  readonly movedAt: Float64Array
  /** The change that is significant, in luma steps: beyond noise and camera shake. */
  readonly needed: Float32Array
  /** What differs from the background: FOREIGN, or RESTING once it has come to rest; else 0. */
  readonly foreign: Uint8Array
  /** The light of the whole image changed, or another image began: nothing is known about single blocks. */
  readonly isNewScene: boolean
  /** Blocks under masks: they never change. */
  readonly hidden: Hidden
}

export const [FOREIGN, RESTING] = [1, 2]

export interface SceneJudgement {
  readonly motion: number
  readonly settled: number
  readonly still: boolean
}

/** Smaller changes of a block's mean come from compression. Luma steps of 255. */
const LEAST_CHANGE = 5
/** Changes below this many times the block's noise are noise. */
const NOISE_FACTOR = 5
/** A change of this many luma steps always counts, however noisy the block: a crowded square must not become blind. */
const MOST_CHANGE_NEEDED = 24
/** Camera shake in blocks, about half a pixel: it changes a block by this fraction of the difference to its neighbours. */
const SHAKE_SHARE = 0.08
/** Weight of a new frame in a block's noise. */
const NOISE_RATE = 0.05
/** The whole image is this much brighter or darker at once: a lamp, a cloud, the exposure. Luma steps. */
export const LIGHT_JUMP = 12
/** More of the image than this changed at once: a change of light, or a cut. */
const UPHEAVAL = 0.6
/** A change of light keeps the correlation with the previous image above this; a cut does not. */
const ALIKE = 0.6
/** A block unchanged this long is at rest. */
export const REST_MS = 1200
/** Weight of a new frame in the background where it matches: follows daylight. */
const BACKGROUND_RATE = 0.1
/** An object at rest becomes background after three times as long as the background was seen, within these bounds. */
const ABSORB_FACTOR = 3
const LEAST_ABSORB_MS = 10_000
const MOST_ABSORB_MS = 600_000

/**
 * Compares one frame with the scene.
 * @param state of the frame before; null for the first one, which is never still and has no motion
 * @param blocks mean luma per block (`lumaBlocks`)
 * @param at frame time, ms; when it jumps back, the state starts again
 */
export function sceneStep(
  state: SceneState | null,
  blocks: Float32Array,
  at: number,
  { threshold, refreshMs, columns = Math.sqrt(blocks.length), hidden = null }: SceneOptions,
): [SceneState, SceneJudgement] {
  if (state === null || state.previous.length !== blocks.length || at < state.at)
    return [beginning(blocks, at, hidden), { motion: 0, settled: 0, still: false }]

  const needed = changeNeeded(blocks, state.noise, columns)
  const noise = state.noise.slice()
  const movedAt = state.movedAt.slice()
  const { light, changed } = changes(state, blocks, at, { needed, noise, movedAt, hidden })
  const visible = visibleCount(blocks, hidden) / blocks.length
  const isNewScene = changed > UPHEAVAL * visible || Math.abs(light) >= LIGHT_JUMP
  const motion = isNewScene && likeness(state.previous, blocks, hidden) > ALIKE ? 0 : changed

  const background = isNewScene ? blocks.slice() : state.background.slice()
  const familiarMs = isNewScene ? new Float32Array(blocks.length) : state.familiarMs.slice()
  const foreign = new Uint8Array(blocks.length)
  const settled = isNewScene
    ? 0
    : settle(blocks, at, { needed, background, familiarMs, movedAt, foreign, hidden, elapsedMs: at - state.at })

  const differing = isNewScene ? 1 : shareDiffering(state.reference, blocks, needed, hidden)
  const still = !state.referenceMoved && differing < threshold && at - state.referenceAt < refreshMs
  const reference = still ? state.reference : blocks
  const referenceAt = still ? state.referenceAt : at
  const referenceMoved = !still && motion >= threshold / 2
  const next = { at, previous: blocks, reference, referenceAt, referenceMoved, noise, background, familiarMs, movedAt }
  return [
    { ...next, needed, foreign, isNewScene, hidden },
    { motion, settled, still },
  ]
}

function beginning(blocks: Float32Array, at: number, hidden: Hidden): SceneState {
  const { length } = blocks
  return {
    at,
    previous: blocks,
    reference: blocks,
    referenceAt: at,
    referenceMoved: false,
    noise: new Float32Array(length).fill(1),
    background: blocks.slice(),
    familiarMs: new Float32Array(length),
    movedAt: new Float64Array(length).fill(at),
    needed: new Float32Array(length).fill(MOST_CHANGE_NEEDED),
    foreign: new Uint8Array(length),
    isNewScene: true,
    hidden,
  }
}

/**
 * Compares with the previous frame; updates `noise` and `movedAt` in place.
 * @returns the brightness change of the whole image in luma steps, and the fraction of blocks that changed beyond it
 */
function changes(
  { previous, noise: before }: SceneState,
  blocks: Float32Array,
  at: number,
  {
    needed,
    noise,
    movedAt,
    hidden,
  }: { needed: Float32Array; noise: Float32Array; movedAt: Float64Array; hidden: Hidden },
): { light: number; changed: number } {
  const light = lightChange(previous, blocks, hidden)
  let count = 0
  for (let i = 0; i < blocks.length; i++) {
    if (hidden?.[i]) continue
    const size = Math.abs(blocks[i]! - previous[i]! - light)
    if (size > needed[i]!) {
      movedAt[i] = at
      count += 1
    }
    // Bounded, so that a single passing car does not raise the block's noise level.
    const usual = before[i]!
    noise[i] = usual + NOISE_RATE * (Math.min(size, 3 * Math.max(usual, 1)) - usual)
  }
  return { light, changed: count / blocks.length }
}

interface Past {
  readonly needed: Float32Array
  readonly background: Float32Array
  readonly familiarMs: Float32Array
  readonly movedAt: Float64Array
  readonly foreign: Uint8Array
  readonly hidden: Hidden
  readonly elapsedMs: number
}

/** Fraction of blocks that rest and differ from the background; updates the background and `foreign` in place. */
function settle(
  blocks: Float32Array,
  at: number,
  { needed, background, familiarMs, movedAt, foreign, hidden, elapsedMs }: Past,
): number {
  const light = lightChange(background, blocks, hidden)
  let settled = 0
  for (let i = 0; i < blocks.length; i++) {
    if (hidden?.[i]) continue
    const difference = blocks[i]! - background[i]!
    const restMs = at - movedAt[i]!
    const familiar = familiarMs[i]!
    if (Math.abs(difference - light) <= needed[i]!) {
      background[i]! += BACKGROUND_RATE * difference
      familiarMs[i] = Math.min(familiar + elapsedMs, MOST_ABSORB_MS / ABSORB_FACTOR)
    } else if (restMs >= Math.max(LEAST_ABSORB_MS, ABSORB_FACTOR * familiar)) {
      background[i] = blocks[i]!
      familiarMs[i] = restMs
    } else if (restMs >= REST_MS) {
      foreign[i] = RESTING
      settled += 1
    } else foreign[i] = FOREIGN
  }
  return settled / blocks.length
}

/** Fraction of blocks that differ from an earlier image after removing the change of light; 1 when the light itself changed. */
function shareDiffering(earlier: Float32Array, blocks: Float32Array, needed: Float32Array, hidden: Hidden): number {
  const light = lightChange(earlier, blocks, hidden)
  if (Math.abs(light) >= LIGHT_JUMP) return 1
  let differing = 0
  for (let i = 0; i < blocks.length; i++) {
    if (hidden?.[i]) continue
    const difference = Math.abs(blocks[i]! - earlier[i]! - light)
    if (difference > needed[i]!) differing += 1
  }
  return differing / blocks.length
}

/** The significant change of each block's mean, in luma steps: beyond its noise and the effect of camera shake. */
function changeNeeded(blocks: Float32Array, noise: Float32Array, columns: number): Float32Array {
  return blocks.map((value, i) => {
    const x = i % columns
    const left = x > 0 ? Math.abs(value - blocks[i - 1]!) : 0
    const right = x < columns - 1 ? Math.abs(value - blocks[i + 1]!) : 0
    const above = i >= columns ? Math.abs(value - blocks[i - columns]!) : 0
    const below = i + columns < blocks.length ? Math.abs(value - blocks[i + columns]!) : 0
    const noisy = Math.min(MOST_CHANGE_NEEDED, Math.max(LEAST_CHANGE, NOISE_FACTOR * noise[i]!))
    return noisy + SHAKE_SHARE * Math.max(left, right, above, below)
  })
}
