/** Applies one lighting to the background of a view, and computes shadows and overlaps. */

import { type Canvas, createCanvas } from '@napi-rs/canvas'
import type { Backdrop } from './backdrop.ts'
import { type Camera, LOGICAL_HEIGHT, LOGICAL_WIDTH, type Point3 } from './createCamera.ts'
import { lampHead } from './items/createPropItem.ts'
import type { Fall, Item } from './items/item.ts'
import type { Lighting } from './lighting.ts'
import { css, scale } from './paint.ts'
import type { View } from './views/view.ts'

/** The lit image without moving objects; the caller draws the props. */
export function lightBackdrop(backdrop: Backdrop, view: View, camera: Camera, lighting: Lighting): Canvas {
  const { width, height } = backdrop.day
  const canvas = createCanvas(width, height)
  const ctx = canvas.getContext('2d')
  ctx.drawImage(backdrop.day, 0, 0)
  ctx.globalCompositeOperation = 'multiply'
  ctx.drawImage(lightMap(view, camera, lighting), 0, 0, width, height)
  ctx.globalCompositeOperation = 'lighter'
  if (lighting.glow > 0) {
    ctx.globalAlpha = lighting.glow
    ctx.drawImage(backdrop.glow, 0, 0)
    ctx.globalAlpha = 1
  }
  ctx.globalCompositeOperation = 'source-over'
  drawAir(canvas, view, camera, lighting)
  ctx.scale(width / LOGICAL_WIDTH, height / LOGICAL_HEIGHT)
  if (lighting.weather === 'rain') drawWet(canvas, view, camera, lighting)
  return canvas
}

/** Light on every point of the ground, as a small image to multiply with; walls take the light at their foot. */
function lightMap(view: View, camera: Camera, lighting: Lighting): Canvas {
  const [w, h] = [80, 45]
  const canvas = createCanvas(w, h)
  const ctx = canvas.getContext('2d')
  const image = ctx.createImageData(w, h)
  for (let j = 0; j < h; j++) {
    for (let i = 0; i < w; i++) {
      const [u, v] = [((i + 0.5) * LOGICAL_WIDTH) / w, ((j + 0.5) * LOGICAL_HEIGHT) / h]
      const spot = clampDepth(camera, u, v, 26 * (view.reach ?? 1))
      const light = lighting.at(spot[0], spot[1])
      const o = (j * w + i) * 4
      const edge = 1 - 0.16 * (((u - 320) / 320) ** 2 + ((v - 180) / 180) ** 2) ** 1.5 * 0.6
      for (let c = 0; c < 3; c++) image.data[o + c] = 255 * Math.min(1, (light[c] as number) * edge)
      image.data[o + 3] = 255
    }
  }
  ctx.putImageData(image, 0, 0)
  return canvas
}

/** The ground point of a pixel, drawn near when it lies beyond `far` metres or in the sky. */
function clampDepth(camera: Camera, u: number, v: number, far: number): readonly [number, number, number] {
  for (let row = v; row < LOGICAL_HEIGHT; row += 12) {
    const spot = camera.ground(u, row)
    if (spot && spot[2] <= far) return spot
  }
  return [0, 0, far]
}

function drawAir(canvas: Canvas, view: View, camera: Camera, lighting: Lighting): void {
  const { density, colour } = lighting.fog
  if (density < 0.005) return
  const [w, h] = [4, 90]
  const farthest = 34 * (view.reach ?? 1)
  const air = createCanvas(w, h)
  const ctx = air.getContext('2d')
  for (let j = 0; j < h; j++) {
    const spot = camera.ground(320, ((j + 0.5) * LOGICAL_HEIGHT) / h)
    const depth = Math.min(spot?.[2] ?? farthest, farthest)
    ctx.fillStyle = css(colour, 1 - Math.exp(-density * depth))
    ctx.fillRect(0, j, w, 1)
  }
  canvas.getContext('2d').drawImage(air, 0, 0, canvas.width, canvas.height)
}

/** Puddles that mirror the sky, and lamps smeared on the wet ground. */
function drawWet(canvas: Canvas, view: View, camera: Camera, lighting: Lighting): void {
  const ctx = canvas.getContext('2d')
  view.lanes.forEach((lane, index) => {
    const [a, b] = [lane.points[0], lane.points.at(-1)]
    if (!a || !b) return
    for (let i = 0; i < 9; i++) {
      const k = 0.2 + 0.6 * Math.abs(Math.sin(i * 12.9 + index * 4.1))
      const [u, v, depth] = camera.project(
        a[0] + (b[0] - a[0]) * k + Math.sin(i * 5 + index),
        a[1] + (b[1] - a[1]) * k + 1.4 * Math.sin(i * 3.7 + index),
        0,
      )
      if (depth < 2) continue
      const r = camera.scaleAt(depth) * (0.5 + 0.4 * Math.abs(Math.sin(i * 2.3)))
      ctx.fillStyle = css(scale([176, 188, 200], Math.min(1, lighting.at(0, 14)[1])), 0.2)
      ctx.beginPath()
      ctx.ellipse(u, v, r, r * 0.24, 0, 0, 2 * Math.PI)
      ctx.fill()
    }
  })
  if (lighting.glow < 0.5) return
  ctx.globalCompositeOperation = 'lighter'
  for (const prop of view.props) {
    if (prop.kind !== 'lamp') continue
    const [u, v] = camera.project(lampHead(prop)[0], lampHead(prop)[1], 0)
    const k = 1 / (view.reach ?? 1)
    const smear = ctx.createLinearGradient(0, v - 10 * k, 0, v + 90 * k)
    smear.addColorStop(0, 'rgba(120,88,44,0.45)')
    smear.addColorStop(1, 'rgba(120,88,44,0)')
    ctx.fillStyle = smear
    ctx.fillRect(u - 7 * k, v - 10 * k, 14 * k, 100 * k)
  }
  ctx.globalCompositeOperation = 'source-over'
}

/** Lamps that burn: a bright head and a halo around it. */
export function drawLamps(canvas: Canvas, view: View, camera: Camera, strength: number): void {
  const ctx = canvas.getContext('2d')
  ctx.save()
  ctx.globalCompositeOperation = 'lighter'
  ctx.globalAlpha = strength
  for (const prop of view.props) {
    if (prop.kind !== 'lamp') continue
    const [u, v, depth] = camera.project(...lampHead(prop))
    const r = camera.scaleAt(depth) * 1.5
    const halo = ctx.createRadialGradient(u, v, 0, u, v, r)
    halo.addColorStop(0, 'rgba(255,236,196,1)')
    halo.addColorStop(0.16, 'rgba(255,206,130,0.55)')
    halo.addColorStop(1, 'rgba(255,170,80,0)')
    ctx.fillStyle = halo
    ctx.fillRect(u - r, v - r, 2 * r, 2 * r)
  }
  ctx.restore()
}

/** Where shadows of objects around a spot fall: away from the sun, or at night from the nearest lamp. */
export function shadowFall(view: View, camera: Camera, lighting: Lighting, { x, y }: { x: number; y: number }): Fall {
  const lamps = lighting.light === 'night' ? view.props.filter(prop => prop.kind === 'lamp').map(lampHead) : []
  const far = (lamp: Point3) => Math.hypot(lamp[0] - x, lamp[1] - y)
  const nearest = lamps.sort((a, b) => far(a) - far(b))[0]
  // Infrared light comes from the camera itself: shadows hide behind their objects.
  const slant = lighting.light === 'infrared' ? 0.25 : Math.min(2.2, 1 / lighting.sun[2])
  return ([px, py, pz]) => {
    const k = nearest ? Math.min(0.8, pz / Math.max(0.5, nearest[2] - pz)) : slant * pz
    const [u, v] = nearest
      ? camera.project(px + (px - nearest[0]) * k, py + (py - nearest[1]) * k, 0)
      : camera.project(px - lighting.sun[0] * k, py - lighting.sun[1] * k, 0)
    return [u, v]
  }
}

/** Whether the boxes of two objects overlap in the image. */
export function overlaps(a: Item, b: Item): boolean {
  return (
    a.bounds[0] < b.bounds[2] && b.bounds[0] < a.bounds[2] && a.bounds[1] < b.bounds[3] && b.bounds[1] < a.bounds[3]
  )
}
