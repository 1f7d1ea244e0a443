/** Facades that are nearer to the camera than some walkways and hide what passes behind them. */

import type { Camera, Point2 } from './createCamera.ts'
import type { Facade, View } from './views/view.ts'

export interface Wall {
  /** Its outline in the image, logical pixels. */
  readonly outline: readonly Point2[]
  /** Whether a spot on the ground lies on the other side of it than the camera. */
  hides(x: number, y: number): boolean
}

export function wallsOf(view: View, camera: Camera): Wall[] {
  const [cx, cy] = camera.placement.position
  return view.facades
    .filter(facade => facade.hides)
    .map(facade => {
      const [[ax, ay], [bx, by]] = [facade.from, facade.to]
      const here = Math.sign(sideOf(facade, cx, cy))
      return {
        outline: camera.polygon([
          [ax, ay, 0],
          [bx, by, 0],
          [bx, by, facade.height],
          [ax, ay, facade.height],
        ]),
        hides: (x, y) => Math.sign(sideOf(facade, x, y)) === -here,
      }
    })
}

/** Even-odd rule. */
export function inside(outline: readonly Point2[], x: number, y: number): boolean {
  let odd = false
  let previous = outline.at(-1)
  for (const point of outline) {
    if (previous && point[1] > y !== previous[1] > y) {
      const cut = previous[0] + ((y - previous[1]) / (point[1] - previous[1])) * (point[0] - previous[0])
      if (x < cut) odd = !odd
    }
    previous = point
  }
  return odd
}

function sideOf({ from, to }: Facade, x: number, y: number): number {
  return (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0])
}
