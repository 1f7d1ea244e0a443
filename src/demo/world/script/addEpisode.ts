/** Adds the actors of an episode to a scene and returns when the next episode may begin. */

import { addCrowd, addLoiterer, addRider, addWalkers } from './addPeople.ts'
import { addVehicle } from './addVehicle.ts'
import type { Population } from './population.ts'

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

/** @returns seconds: the next episode's earliest moment; often before this one has ended. */
export function addEpisode(scene: Population, episode: Episode, now: number): number {
  const { random } = scene
  switch (episode) {
    case 'walker':
      return Math.max(now + 4, addWalkers(scene, now, 1) - random.between(0, 6))
    case 'pair':
      return Math.max(now + 4, addWalkers(scene, now, 2) - random.between(0, 6))
    case 'several':
      addWalkers(scene, now, 2)
      return addWalkers(scene, now + random.between(1, 4), random.integer(1, 2)) - random.between(0, 5)
    case 'drive':
      return addVehicle(scene, now, null) - random.between(0, 3)
    case 'traffic':
      return addTraffic(scene, now)
    case 'halt':
      if (random.chance(0.35)) addWalkers(scene, now + random.between(0, 12), random.integer(1, 2))
      return addVehicle(scene, now, random.between(6, 25)) - random.between(0, 3)
    case 'crowd':
      return addCrowdEpisode(scene, now)
    case 'cyclist':
      return addRider(scene, now, 'bicycle') - random.between(0, 3)
    case 'dog':
      return addRider(scene, now, 'dog') - random.between(0, 3)
    case 'waiting':
      return addLoiterer(scene, now) - random.between(0, 5)
    case 'empty':
      return lastExit(scene, now) + random.between(8, 20)
  }
}

function addTraffic(scene: Population, now: number): number {
  const { random } = scene
  const count = random.integer(3, 5)
  let end = now
  for (let i = 0; i < count; i++) end = Math.max(end, addVehicle(scene, now + i * random.between(2, 4.5), null))
  return end
}

/** A crowd; now and then something drives past it meanwhile. */
function addCrowdEpisode(scene: Population, now: number): number {
  const { random } = scene
  const { together, stays, end } = addCrowd(scene, now)
  if (random.chance(0.4)) addVehicle(scene, together + random.between(0, stays), null)
  return end - random.between(0, 6)
}

/** The time at which all actors that do not stay for ever have left. */
function lastExit(scene: Population, now: number): number {
  return Math.max(now, ...scene.actors.map(actor => actor.to).filter(Number.isFinite))
}
