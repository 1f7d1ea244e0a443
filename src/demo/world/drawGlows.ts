/** Draws vehicle lights in the dark: beams on the ground, halos around lamps, streaks on wet asphalt. */

import type { SKRSContext2D } from '@napi-rs/canvas'
import type { Camera } from './createCamera.ts'
import type { Glow } from './items/item.ts'
import type { Lighting } from './lighting.ts'
import { fillPolygon } from './paint.ts'

const COLOURS: Readonly<Record<Glow['kind'], string>> = { head: '255,240,205', tail: '255,40,30', brake: '255,40,30' }

/** Cones of light on the ground before headlights. */
export function drawBeams(ctx: SKRSContext2D, camera: Camera, glows: readonly Glow[], lighting: Lighting): void {
  if (lighting.glow === 0) return
  ctx.save()
  ctx.globalCompositeOperation = 'lighter'
  for (const { kind, at, heading } of glows) {
    if (kind !== 'head') continue
    for (const [reach, wide, alpha] of [
      [9, 2.1, 0.12],
      [6, 1.3, 0.14],
    ] as const) {
      const [cos, sin] = [Math.cos(heading), Math.sin(heading)]
      const spot = (ahead: number, aside: number) =>
        camera.project(at[0] + cos * ahead - sin * aside, at[1] + sin * ahead + cos * aside, 0)
      const [near, far] = [spot(0.6, 0), spot(reach, 0)]
      if (near[2] < 1.5 || far[2] < 1.5) continue
      const fade = ctx.createLinearGradient(near[0], near[1], far[0], far[1])
      const strength = alpha * lighting.glow ** 2
      fade.addColorStop(0, `rgba(255,236,196,${strength.toFixed(3)})`)
      fade.addColorStop(0.35, `rgba(255,236,196,${strength.toFixed(3)})`)
      fade.addColorStop(1, 'rgba(255,236,196,0)')
      ctx.fillStyle = fade
      fillPolygon(ctx, [
        spot(0.4, -0.25),
        spot(0.4, 0.25),
        spot(reach * 0.8, wide),
        spot(reach, wide * 0.5),
        spot(reach, -wide * 0.5),
        spot(reach * 0.8, -wide),
      ])
    }
  }
  ctx.restore()
}

/** Halos of lamps that look at the camera. Brake lights show by day too. */
export function drawGlows(ctx: SKRSContext2D, camera: Camera, glows: readonly Glow[], lighting: Lighting): void {
  ctx.save()
  ctx.globalCompositeOperation = 'lighter'
  const [cx, cy] = camera.placement.position
  for (const { kind, at, heading } of glows) {
    const strength = kind === 'brake' ? Math.max(0.75, lighting.glow) : lighting.glow
    const [dx, dy] = [cx - at[0], cy - at[1]]
    const towards = (dx * Math.cos(heading) + dy * Math.sin(heading)) / Math.max(0.1, Math.hypot(dx, dy))
    if (strength === 0 || towards < -0.1) continue
    const [u, v, depth] = camera.project(...at)
    if (depth < 1.5) continue
    const size = (kind === 'head' ? 0.75 : kind === 'brake' ? 0.62 : 0.32) * (0.5 + 0.5 * Math.max(0, towards))
    const r = size * camera.scaleAt(depth)
    const halo = ctx.createRadialGradient(u, v, 0, u, v, r)
    halo.addColorStop(0, `rgba(${COLOURS[kind]},${(0.95 * strength).toFixed(3)})`)
    halo.addColorStop(0.3, `rgba(${COLOURS[kind]},${(0.4 * strength).toFixed(3)})`)
    halo.addColorStop(1, `rgba(${COLOURS[kind]},0)`)
    ctx.fillStyle = halo
    ctx.fillRect(u - r, v - r, 2 * r, 2 * r)
    if (lighting.weather === 'rain') streak(ctx, camera, at, COLOURS[kind], strength)
  }
  ctx.restore()
}

function streak(ctx: SKRSContext2D, camera: Camera, at: Glow['at'], colour: string, strength: number): void {
  const [u, v, depth] = camera.project(at[0], at[1], 0)
  const k = camera.scaleAt(depth)
  const fade = ctx.createLinearGradient(0, v, 0, v + k * 1.6)
  fade.addColorStop(0, `rgba(${colour},${(0.32 * strength).toFixed(3)})`)
  fade.addColorStop(1, `rgba(${colour},0)`)
  ctx.fillStyle = fade
  ctx.fillRect(u - k * 0.12, v, k * 0.24, k * 1.6)
}
