/** Computes a walking person's joints from the metres walked, and projects the limbs into the frame. */

import type { Camera, Point3 } from '../createCamera.ts'
import { type Limb, type PersonLook, STRIDE_METRES, type Stance } from './limb.ts'

type Side = -1 | 1

/** A body in its own measures: a person of 1.75 m, forward, left and up in metres. */
interface Frame {
  /** Radians; two steps a turn. */
  readonly phase: number
  /** 0 stands still, 1 full stride. */
  readonly stride: number
  /** How far the body is up at this part of a step; feet stay on the ground. */
  readonly bob: number
  point(forward: number, left: number, up: number): Point3
  limb(name: Limb['name'], side: Limb['side'], from: Point3, to: Point3, radius: number, endRadius?: number): void
}

/** The limbs in drawing order: those on the far side first. */
export function figureLimbs(camera: Camera, look: PersonLook, at: Stance): Limb[] {
  const limbs: Limb[] = []
  const frame = createFrame(camera, look, at, limbs)
  const [cx, cy] = camera.placement.position
  const [dx, dy] = [cx - at.x, cy - at.y]
  const [fx, fy] = [Math.cos(at.heading), Math.sin(at.heading)]
  const near: Side = dx * -fy + dy * fx > 0 ? 1 : -1
  const far: Side = near === 1 ? -1 : 1
  /** 1 faces the camera, -1 faces away. */
  const facing = (dx * fx + dy * fy) / Math.max(0.1, Math.hypot(dx, dy))
  addArm(frame, look, far)
  addLeg(frame, far)
  addLeg(frame, near)
  if (facing > 0) addBackpack(frame, look)
  addTrunk(frame, look, facing)
  if (facing <= 0) addBackpack(frame, look)
  addArm(frame, look, near)
  addHead(frame, look)
  return limbs
}

function createFrame(camera: Camera, look: PersonLook, at: Stance, limbs: Limb[]): Frame {
  const k = look.height / 1.75
  const phase = (at.travelled / (STRIDE_METRES * k)) * 2 * Math.PI
  const [fx, fy] = [Math.cos(at.heading), Math.sin(at.heading)]
  const bob = 0.025 * at.stride * Math.cos(2 * phase)
  return {
    phase,
    stride: at.stride,
    bob,
    point: (forward, left, up) => [
      at.x + (forward * fx - left * fy) * k,
      at.y + (forward * fy + left * fx) * k,
      (up + bob) * k,
    ],
    limb: (name, side, a, b, radius, endRadius = radius) => {
      const [from, to] = [camera.project(...a), camera.project(...b)]
      const [start, end] = [radius * k * camera.scaleAt(from[2]), endRadius * k * camera.scaleAt(to[2])]
      limbs.push({ name, side, from, to, radius: start, endRadius: end })
    },
  }
}

const [HIP, THIGH, SHIN] = [0.92, 0.45, 0.42]

function addLeg({ phase, stride, bob, point, limb }: Frame, side: Side): void {
  const turn = phase + (side > 0 ? 0 : Math.PI)
  const lift = Math.max(0, Math.cos(turn)) * stride
  const thigh = 0.5 * Math.sin(turn) * stride + 0.12 * stride * lift
  const shin = thigh - 0.28 * stride - 0.75 * lift * stride + (stride > 0.2 ? 0.2 : 0)
  const left = (0.085 + 0.03 * (1 - stride)) * side
  const kneeUp = HIP - THIGH * Math.cos(thigh)
  const ankleUp = kneeUp - SHIN * Math.cos(shin)
  const forward = THIGH * Math.sin(thigh) + SHIN * Math.sin(shin)
  const knee = point(THIGH * Math.sin(thigh), left, kneeUp)
  const ankle = point(forward, left, Math.max(0.06 - bob, ankleUp))
  limb('leg', side, point(0, 0.08 * side, HIP), knee, 0.088, 0.07)
  limb('shin', side, knee, ankle, 0.066, 0.048)
  limb('shoe', side, ankle, point(forward + 0.16, left, Math.max(0.04 - bob, ankleUp - 0.05)), 0.05, 0.045)
}

/** Arms swing against the legs; the left one carries the bag. */
function addArm({ phase, stride, point, limb }: Frame, look: PersonLook, side: Side): void {
  const holds = look.umbrella && side === 1
  const swing = -Math.sin(phase + (side > 0 ? 0 : Math.PI)) * 0.5 * stride
  const bend = swing + 0.3
  const reach = 0.27 * Math.sin(swing) + 0.25 * Math.sin(bend)
  const elbow = holds ? point(0.12, 0.25, 1.18) : point(0.27 * Math.sin(swing), 0.25 * side, 1.15)
  const hand = holds ? point(0.26, 0.14, 1.34) : point(reach, 0.25 * side, 1.15 - 0.25 * Math.cos(bend))
  limb('arm', side, point(0, 0.2 * side, 1.42), elbow, 0.062, 0.054)
  limb('forearm', side, elbow, hand, 0.052, 0.04)
  limb('hand', side, hand, hand, 0.045)
  if (look.bag === 'shopping' && side === 1 && !holds) {
    limb('bag', side, point(reach, 0.26, 0.82), point(reach, 0.26, 0.6), 0.1, 0.14)
  }
}

function addTrunk({ stride, point, limb }: Frame, look: PersonLook, facing: number): void {
  const width = 0.128 + 0.056 * Math.abs(facing)
  if (look.coat || look.skirt) limb('coat', 0, point(0, 0, 0.98), point(0, 0, 0.72), width - 0.02, width + 0.012)
  limb('torso', 0, point(0.05 * stride, 0, 1.36), point(0, 0, 0.98), width, width - 0.032)
}

function addBackpack({ point, limb }: Frame, look: PersonLook): void {
  if (look.bag === 'backpack') limb('bag', 0, point(-0.2, 0, 1.36), point(-0.2, 0, 1.08), 0.14, 0.16)
}

function addHead({ stride, point, limb }: Frame, look: PersonLook): void {
  const lean = 0.05 * stride
  const [nape, ends] = look.longHair ? [1.5, 0.1] : [1.64, 0.09]
  limb('head', 0, point(lean + 0.04, 0, 1.63), point(lean + 0.04, 0, 1.58), 0.108, 0.09)
  limb('hair', 0, point(lean + 0.02, 0, 1.68), point(lean - 0.03, 0, nape), 0.102, ends)
  if (look.umbrella) limb('umbrella', 0, point(0.12, 0.08, 2), point(0.12, 0.08, 1.34), 0.5)
}
