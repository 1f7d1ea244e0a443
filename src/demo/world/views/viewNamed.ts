/** The built-in views by name. */

import type { Distance, ViewName } from '../world.ts'
import { crossing } from './crossing.ts'
import { farCrossing } from './farCrossing.ts'
import { farPlaza } from './farPlaza.ts'
import { farStreet } from './farStreet.ts'
import { plaza } from './plaza.ts'
import { street } from './street.ts'
import type { View } from './view.ts'

const VIEWS: Readonly<Record<Distance, Readonly<Record<ViewName, View>>>> = {
  near: { street, crossing, plaza },
  far: { street: farStreet, crossing: farCrossing, plaza: farPlaza },
}

export function viewNamed(name: ViewName, distance: Distance = 'near'): View {
  return VIEWS[distance][name]
}
