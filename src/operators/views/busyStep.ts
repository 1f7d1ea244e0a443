/** Finds blocks that change all the time: a clock in the image, a flag, a fountain. They are no subject for a crop. Pure. */

import type { SceneState } from '../markStill/sceneStep.ts'

/** A block counts as active for this long after a change: a clock changes once a second. */
const ACTIVE_MS = 1500
/** Time constant of the average. */
const TAU_MS = 20_000
/** Fraction of the time in which a busy block is active. People who pass one after the other stay below it. */
const BUSY = 0.6

/**
 * @param before [blocks] fraction of the time in which each block was active, [0, 1]; null at the start
 * @param elapsedMs since the frame before
 * @returns the same after this frame
 */
export function busyStep(
  before: Float32Array | null,
  { movedAt, at, isNewScene }: SceneState,
  elapsedMs: number,
): Float32Array {
  if (before === null || before.length !== movedAt.length) return new Float32Array(movedAt.length)
  // Every block counts as moved in a new scene.
  if (isNewScene) return before
  const alpha = 1 - Math.exp(-Math.max(0, elapsedMs) / TAU_MS)
  const activeMs = Math.max(ACTIVE_MS, elapsedMs)
  return before.map((fraction, i) => fraction + alpha * (Number(at - movedAt[i]! < activeMs) - fraction))
}

export function isBusy(fraction: number | undefined): boolean {
  return (fraction ?? 0) > BUSY
}
