/** Chooses where the people of a crowd stand. */

import type { Random } from '../../../util/random.ts'
import type { Gathering } from '../views/view.ts'

/** Spread like people who talk: no two closer than an arm's length. */
export function crowdSpots(place: Gathering, count: number, random: Random): (readonly [number, number])[] {
  const spots: [number, number][] = []
  for (let tries = 0; spots.length < count && tries < 600; tries++) {
    const room = 1 + tries / 250
    const angle = random.between(0, 2 * Math.PI)
    const r = place.radius * Math.sqrt(random.next()) * room
    const spot: [number, number] = [place.x + r * Math.cos(angle) * 1.5, place.y + r * Math.sin(angle) * 0.62]
    if (spots.every(([x, y]) => Math.hypot((x - spot[0]) * 0.9, y - spot[1]) > 0.52)) spots.push(spot)
  }
  return spots
}
