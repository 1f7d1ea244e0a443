/** Whether a view shows the same as when it was last encoded. Pure. */

import type { Box } from '../../types.ts'
import { lightChange } from '../markStill/lumaBlocks.ts'
import { LIGHT_JUMP, type SceneOptions, type SceneState } from '../markStill/sceneStep.ts'

/** A view as it was when it was last not still. */
export interface ViewReference {
  readonly box: Box
  /** Of the whole grid. */
  readonly blocks: Float32Array
  /** Frame time, ms. */
  readonly at: number
  /** Something moved in it: the next calm frame is encoded too, because what moved may have left. */
  readonly moved: boolean
}

export interface ViewNow {
  readonly scene: SceneState
  readonly box: Box
  /** Blocks of the view. */
  readonly cells: readonly number[]
  /** Fraction of the view that moves. */
  readonly motion: number
}

/** @returns the reference after this frame, and whether the view is still */
export function viewStillness(
  before: ViewReference | null,
  { scene, box, cells, motion }: ViewNow,
  { threshold, refreshMs }: Pick<SceneOptions, 'threshold' | 'refreshMs'>,
): readonly [ViewReference, boolean] {
  const { at, previous: blocks, isNewScene } = scene
  const still =
    before !== null &&
    !isNewScene &&
    !before.moved &&
    isSame(before.box, box) &&
    at >= before.at &&
    at - before.at < refreshMs &&
    fractionDiffering(before.blocks, scene, cells) < threshold
  if (before !== null && still) return [before, true]
  return [{ box, blocks, at, moved: motion >= threshold / 2 }, false]
}

function fractionDiffering(
  earlier: Float32Array,
  { previous: blocks, needed, hidden }: SceneState,
  cells: readonly number[],
): number {
  if (earlier.length !== blocks.length) return 1
  const light = lightChange(earlier, blocks, hidden)
  if (Math.abs(light) >= LIGHT_JUMP) return 1
  let differing = 0
  for (const i of cells) if (!hidden?.[i] && Math.abs(blocks[i]! - earlier[i]! - light) > needed[i]!) differing += 1
  return differing / Math.max(1, cells.length)
}

function isSame(a: Box, b: Box): boolean {
  return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height
}
