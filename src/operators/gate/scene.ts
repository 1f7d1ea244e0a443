/** What one camera's scene looks like over time, block by block: what moves, what came to rest, what is as it was. */

import { lightChange, likeness } from './blocks.ts'

export interface SceneOptions {
  /** Share of the picture that must differ for the scene to count as another one: [0, 1]. */
  readonly threshold: number
  /** The scene is called another one at least this often. */
  readonly keepaliveMs: number
}

/** Everything is per block, [grid * grid]. */
export interface SceneState {
  readonly at: number
  readonly previous: Float32Array
  /** The last frame that was not still, and its time. */
  readonly reference: Float32Array
  readonly referenceAt: number
  /** Something moved in it: the first calm frame after it is looked at anew, lest what left without a trace stays. */
  readonly referenceMoved: boolean
  /** Mean absolute change where nothing happens: sensor noise, leaves, rain. In luma steps. */
  readonly noise: Float32Array
  readonly background: Float32Array
  /** For how long each block has looked like the background, ms, bounded. */
  readonly familiarMs: Float32Array
  /** When each block last changed. */
  readonly movedAt: Float64Array
}

export interface SceneJudgement {
  readonly motion: number
  readonly settled: number
  readonly still: boolean
}

/** Smaller changes of a block's mean are compression at work. Luma steps of 255. */
const LEAST_CHANGE = 5
/** Changes below this many times the block's noise are noise. */
const NOISE_FACTOR = 5
/** However restless a block is, a change of this many luma steps is seen: a crowded square must not go blind. */
const MOST_CHANGE_NEEDED = 24
/** A camera that shakes by this share of a block, about half a pixel, changes it by as much of what its neighbours differ. */
const SHAKE_SHARE = 0.08
/** Weight of a new frame in a block's noise. */
const NOISE_RATE = 0.05
/** The whole picture this much brighter or darker at once: a lamp, a cloud, the exposure. Luma steps. */
const LIGHT_JUMP = 12
/** More of the picture than this changed at once: light again, or a cut. */
const UPHEAVAL = 0.6
/** Light leaves the picture this much like the one before; a cut does not. */
const ALIKE = 0.6
/** A block unchanged this long is at rest. */
export const REST_MS = 1200
/** Weight of a new frame in the background where it fits: follows the sun. */
const BACKGROUND_RATE = 0.1
/** What has come to rest becomes background after three times as long as the background was seen, within these bounds. */
const ABSORB_FACTOR = 3
const LEAST_ABSORB_MS = 10_000
const MOST_ABSORB_MS = 600_000

/**
 * Judges one frame.
 * @param state of the frame before; null for the first one, which is never still and has no motion
 * @param blocks mean luma per block (`lumaBlocks`)
 * @param at frame time, ms; one that jumps back starts anew
 */
export function sceneStep(
  state: SceneState | null,
  blocks: Float32Array,
  at: number,
  { threshold, keepaliveMs }: SceneOptions,
): [SceneState, SceneJudgement] {
  if (state === null || state.previous.length !== blocks.length || at < state.at)
    return [beginning(blocks, at), { motion: 0, settled: 0, still: false }]

  const needed = changeNeeded(blocks, state.noise)
  const noise = state.noise.slice()
  const movedAt = state.movedAt.slice()
  const { light, changed } = changes(state, blocks, at, { needed, noise, movedAt })
  const anew = changed > UPHEAVAL || Math.abs(light) >= LIGHT_JUMP
  const motion = anew && likeness(state.previous, blocks) > ALIKE ? 0 : changed

  const background = anew ? blocks.slice() : state.background.slice()
  const familiarMs = anew ? new Float32Array(blocks.length) : state.familiarMs.slice()
  const settled = anew ? 0 : settle(blocks, at, { needed, background, familiarMs, movedAt, elapsedMs: at - state.at })

  const differing = anew ? 1 : shareDiffering(state.reference, blocks, needed)
  const still = !state.referenceMoved && differing < threshold && at - state.referenceAt < keepaliveMs
  const reference = still ? state.reference : blocks
  const referenceAt = still ? state.referenceAt : at
  const referenceMoved = !still && motion >= threshold / 2
  return [
    { at, previous: blocks, reference, referenceAt, referenceMoved, noise, background, familiarMs, movedAt },
    { motion, settled, still },
  ]
}

function beginning(blocks: Float32Array, at: number): SceneState {
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
  }
}

/**
 * Compares with the frame before; learns `noise` and notes `movedAt` in place.
 * @returns how much brighter the whole picture is, in luma steps, and the share of blocks that changed beside that
 */
function changes(
  { previous, noise: before }: SceneState,
  blocks: Float32Array,
  at: number,
  { needed, noise, movedAt }: { needed: Float32Array; noise: Float32Array; movedAt: Float64Array },
): { light: number; changed: number } {
  const light = lightChange(previous, blocks)
  let count = 0
  for (let i = 0; i < blocks.length; i++) {
    const size = Math.abs(blocks[i]! - previous[i]! - light)
    if (size > needed[i]!) {
      movedAt[i] = at
      count += 1
    }
    // Bounded, so that one passing car does not teach the block that cars are noise.
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
  readonly elapsedMs: number
}

/** Share of blocks that rest and differ from the background; learns the background in place. */
function settle(
  blocks: Float32Array,
  at: number,
  { needed, background, familiarMs, movedAt, elapsedMs }: Past,
): number {
  const light = lightChange(background, blocks)
  let settled = 0
  for (let i = 0; i < blocks.length; i++) {
    const difference = blocks[i]! - background[i]!
    const restMs = at - movedAt[i]!
    const familiar = familiarMs[i]!
    if (Math.abs(difference - light) <= needed[i]!) {
      background[i]! += BACKGROUND_RATE * difference
      familiarMs[i] = Math.min(familiar + elapsedMs, MOST_ABSORB_MS / ABSORB_FACTOR)
    } else if (restMs >= Math.max(LEAST_ABSORB_MS, ABSORB_FACTOR * familiar)) {
      background[i] = blocks[i]!
      familiarMs[i] = restMs
    } else if (restMs >= REST_MS) settled += 1
  }
  return settled / blocks.length
}

/** Share of blocks that differ from an earlier picture, light aside; 1 when the light itself is another one. */
function shareDiffering(earlier: Float32Array, blocks: Float32Array, needed: Float32Array): number {
  const light = lightChange(earlier, blocks)
  if (Math.abs(light) >= LIGHT_JUMP) return 1
  let differing = 0
  for (let i = 0; i < blocks.length; i++) {
    const difference = Math.abs(blocks[i]! - earlier[i]! - light)
    if (difference > needed[i]!) differing += 1
  }
  return differing / blocks.length
}

/** The change of each block's mean that counts, in luma steps: above its noise and what shaking does to its edges. */
function changeNeeded(blocks: Float32Array, noise: Float32Array): Float32Array {
  const side = Math.sqrt(blocks.length)
  return blocks.map((value, i) => {
    const x = i % side
    const left = x > 0 ? Math.abs(value - blocks[i - 1]!) : 0
    const right = x < side - 1 ? Math.abs(value - blocks[i + 1]!) : 0
    const above = i >= side ? Math.abs(value - blocks[i - side]!) : 0
    const below = i + side < blocks.length ? Math.abs(value - blocks[i + side]!) : 0
    const noisy = Math.min(MOST_CHANGE_NEEDED, Math.max(LEAST_CHANGE, NOISE_FACTOR * noise[i]!))
    return noisy + SHAKE_SHARE * Math.max(left, right, above, below)
  })
}
