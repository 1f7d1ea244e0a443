/** Finds what moves or has come to rest in a grid of blocks: groups of neighbouring blocks as boxes. Pure. */

import type { Box } from '../../types.ts'
import type { Grid } from '../markStill/lumaBlocks.ts'
import type { SceneState } from '../markStill/sceneStep.ts'
import { isBusy } from './busyStep.ts'

export interface Subject {
  /** The smallest box of blocks around it. */
  readonly box: Box
  /** Number of blocks that move, and of those that only differ from the background. */
  readonly moving: number
  readonly foreign: number
}

/** Blocks this far apart belong together: the legs and the head of a person may move while the body looks like the wall behind it. */
const REACH = 2
/** A single block may be a leaf or noise. */
const LEAST_BLOCKS = 2
/** More groups than this are rain, snow or a change of light, and cost time. */
const MOST_SUBJECTS = 40

/**
 * The largest first. None in a scene that has just begun.
 * @param busy of `busyStep`
 */
export function findSubjects(scene: SceneState, grid: Grid, busy: Float32Array): readonly Subject[] {
  if (scene.isNewScene) return []
  const active = activeBlocks(scene, busy)
  const subjects: Subject[] = []
  for (let start = 0; start < active.length && subjects.length < MOST_SUBJECTS; start++) {
    if (active[start] === 0) continue
    const subject = collect(active, start, grid)
    if (subject !== null) subjects.push(subject)
  }
  return subjects.sort((a, b) => b.moving + b.foreign - (a.moving + a.foreign))
}

const [FOREIGN_BLOCK, MOVING_BLOCK] = [1, 2]

function activeBlocks({ foreign, movedAt, at }: SceneState, busy: Float32Array): Uint8Array {
  const active = new Uint8Array(foreign.length)
  for (let i = 0; i < active.length; i++) {
    if (isBusy(busy[i])) continue
    if (movedAt[i] === at) active[i] = MOVING_BLOCK
    else if (foreign[i]! > 0) active[i] = FOREIGN_BLOCK
  }
  return active
}

/** Takes the group around a block out of `active`. @returns null when it is too small */
function collect(active: Uint8Array, start: number, { columns, rows }: Grid): Subject | null {
  let [left, top, right, bottom] = [columns, rows, 0, 0]
  let [moving, foreign] = [0, 0]
  const queue = [start]
  const take = (block: number) => {
    if (active[block] === MOVING_BLOCK) moving += 1
    else foreign += 1
    active[block] = 0
  }
  take(start)
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [x, y] = [next % columns, Math.floor(next / columns)]
    left = Math.min(left, x)
    right = Math.max(right, x + 1)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y + 1)
    for (let ny = Math.max(0, y - REACH); ny <= Math.min(rows - 1, y + REACH); ny++)
      for (let nx = Math.max(0, x - REACH); nx <= Math.min(columns - 1, x + REACH); nx++) {
        const neighbour = ny * columns + nx
        if (active[neighbour] === 0) continue
        take(neighbour)
        queue.push(neighbour)
      }
  }
  if (moving + foreign < LEAST_BLOCKS) return null
  const box = { x: left / columns, y: top / rows, width: (right - left) / columns, height: (bottom - top) / rows }
  return { box, moving, foreign }
}
