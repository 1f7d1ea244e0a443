/** Creates the drawable item of an actor at a moment: depth, bounds, drawing and shadow. */

import type { Brush } from '../paint.ts'
import type { Actor, ActorState } from '../script/actor.ts'
import { createBicycleItem } from './createBicycleItem.ts'
import { createDogItem } from './createDogItem.ts'
import { createPersonItem } from './createPersonItem.ts'
import { createVehicleItem } from './createVehicleItem.ts'
import type { Item } from './item.ts'

export function createItem(brush: Pick<Brush, 'camera'>, actor: Actor, state: ActorState): Item {
  switch (actor.body.form) {
    case 'person':
      return createPersonItem(brush, actor.body.look, state)
    case 'vehicle':
      return createVehicleItem(brush, actor.body, state)
    case 'bicycle':
      return createBicycleItem(brush, actor.body, state)
    case 'dog':
      return createDogItem(brush, actor.body, state)
  }
}
