/** Detects conflicts between actors before they are added, so that no vehicle hits anyone. */

import type { Path } from '../paths.ts'
import type { Actor, ActorState } from './actor.ts'

/** Seconds apart at which two actors are compared. */
const TICK = 0.5

/** Whether two vehicles of one lane come nearer than a bus's length. */
export function tooClose(a: Actor, b: Actor): boolean {
  return during(Math.max(a.from, b.from) - 1, Math.min(a.to, b.to) + 1, t => {
    const [p, q] = [a.at(t), b.at(t)]
    return Math.hypot(p.x - q.x, p.y - q.y) < 10
  })
}

/** Whether a person is in front of or beside a vehicle while it drives, or under it at rest. */
export function inTheWay(vehicle: Actor, other: Actor): boolean {
  return during(Math.max(vehicle.from, other.from), Math.min(vehicle.to, other.to), t => {
    const { x, y } = other.at(t)
    return touches(vehicle.at(t), x, y, { reach: 7, aside: 1.5 })
  })
}

/** Whether a person who starts along a path then would step in front of a vehicle. */
export function wouldMeet(vehicle: Actor, path: Path, start: number, speed: number): boolean {
  return during(Math.max(vehicle.from, start), Math.min(vehicle.to, start + path.length / speed), t => {
    const [x, y] = path.at((t - start) * speed)
    return touches(vehicle.at(t), x, y, { reach: 9, aside: 1.8 })
  })
}

/** @param room metres before and beside a moving vehicle's middle that must be free; at rest one may pass its nose. */
function touches(vehicle: ActorState, x: number, y: number, room: { reach: number; aside: number }): boolean {
  const [dx, dy] = [x - vehicle.x, y - vehicle.y]
  const [cos, sin] = [Math.cos(vehicle.heading), Math.sin(vehicle.heading)]
  const ahead = dx * cos + dy * sin
  const reach = vehicle.action === 'stopped' ? 3.4 : room.reach
  return ahead > -5.5 && ahead < reach && Math.abs(dy * cos - dx * sin) < room.aside
}

function during(from: number, to: number, test: (t: number) => boolean): boolean {
  for (let t = from; t <= to; t += TICK) if (test(t)) return true
  return false
}
