/** Makes an actor at a moment ready for the picture: how far, where, and how to draw it and its shadow. */

import type { Brush } from '../paint.ts'
import type { Actor, Stage } from '../script/actor.ts'
import { createBicycleItem } from './bicycle.ts'
import { createDogItem } from './dog.ts'
import { createPersonItem } from './person.ts'
import type { Item } from './types.ts'
import { createVehicleItem } from './vehicleItem.ts'

export function createItem(brush: Pick<Brush, 'camera'>, actor: Actor, stage: Stage): Item {
  switch (actor.body.form) {
    case 'person':
      return createPersonItem(brush, actor.body.look, stage)
    case 'vehicle':
      return createVehicleItem(brush, actor.body, stage)
    case 'bicycle':
      return createBicycleItem(brush, actor.body, stage)
    case 'dog':
      return createDogItem(brush, actor.body, stage)
  }
}
