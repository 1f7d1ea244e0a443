/** The little plots a scene is made of. Each casts its actors and says when the next may begin. */

import type { Cast } from './cast.ts'
import { castCrowd, castLoiterer, castRider, castWalkers } from './people.ts'
import { castVehicle } from './vehicles.ts'

export type Episode =
  | 'walker'
  | 'pair'
  | 'several'
  | 'drive'
  | 'traffic'
  | 'halt'
  | 'crowd'
  | 'cyclist'
  | 'dog'
  | 'waiting'
  | 'empty'

/** @returns seconds: the next episode's earliest moment; often before this one is quite over. */
export function playEpisode(cast: Cast, episode: Episode, now: number): number {
  const { random } = cast
  switch (episode) {
    case 'walker':
      return Math.max(now + 4, castWalkers(cast, now, 1) - random.between(0, 6))
    case 'pair':
      return Math.max(now + 4, castWalkers(cast, now, 2) - random.between(0, 6))
    case 'several':
      castWalkers(cast, now, 2)
      return castWalkers(cast, now + random.between(1, 4), random.integer(1, 2)) - random.between(0, 5)
    case 'drive':
      return castVehicle(cast, now, null) - random.between(0, 3)
    case 'traffic':
      return playTraffic(cast, now)
    case 'halt':
      if (random.chance(0.35)) castWalkers(cast, now + random.between(0, 12), random.integer(1, 2))
      return castVehicle(cast, now, random.between(6, 25)) - random.between(0, 3)
    case 'crowd':
      return playCrowd(cast, now)
    case 'cyclist':
      return castRider(cast, now, 'bicycle') - random.between(0, 3)
    case 'dog':
      return castRider(cast, now, 'dog') - random.between(0, 3)
    case 'waiting':
      return castLoiterer(cast, now) - random.between(0, 5)
    case 'empty':
      return lastExit(cast, now) + random.between(8, 20)
  }
}

function playTraffic(cast: Cast, now: number): number {
  const { random } = cast
  const count = random.integer(3, 5)
  let end = now
  for (let i = 0; i < count; i++) end = Math.max(end, castVehicle(cast, now + i * random.between(2, 4.5), null))
  return end
}

/** A crowd; now and then something drives past it meanwhile. */
function playCrowd(cast: Cast, now: number): number {
  const { random } = cast
  const { together, stays, end } = castCrowd(cast, now)
  if (random.chance(0.4)) castVehicle(cast, together + random.between(0, stays), null)
  return end - random.between(0, 6)
}

/** The moment by which everybody who does not stay for good has left. */
function lastExit(cast: Cast, now: number): number {
  return Math.max(now, ...cast.actors.map(actor => actor.to).filter(Number.isFinite))
}
