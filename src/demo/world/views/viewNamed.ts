/** The built-in views by name. */

import type { ViewName } from '../world.ts'
import { crossing } from './crossing.ts'
import { plaza } from './plaza.ts'
import { street } from './street.ts'
import type { View } from './view.ts'

const VIEWS: Readonly<Record<ViewName, View>> = { street, crossing, plaza }

export function viewNamed(name: ViewName): View {
  return VIEWS[name]
}
