/** What a request to switch an event on or off means for the plan in force. */

import type { Command, WatchState } from '../../operators/watchState.ts'

type EventControl = Extract<Command, { type: 'event' }>

/**
 * The plan keeps one switch for all cameras and one per camera, and an event is watched where both are on. A request is
 * about the result: on for one camera is on there alone when it was off everywhere, and on for all is on for all.
 * @param watched camera → events, as the config says
 */
export function switchEvent(
  control: EventControl,
  plan: WatchState,
  watched: Readonly<Record<string, readonly string[]>>,
): readonly EventControl[] {
  const { event, camera, enabled } = control
  if (!enabled) return [control]
  const one = (each: string, isOn: boolean): EventControl => ({ type: 'event', event, camera: each, enabled: isOn })
  const cameras = Object.keys(watched).filter(each => watched[each]?.includes(event))
  if (camera === null) {
    const off = plan.cameras.filter(each => cameras.includes(each.camera) && !each.events.includes(event))
    return [...off.map(each => one(each.camera, true)), control]
  }
  const isOffEverywhere = plan.events.find(each => each.event === event)?.enabled === false
  if (!isOffEverywhere) return [control]
  const others = cameras.filter(each => each !== camera).map(each => one(each, false))
  return [...others, control, { type: 'event', event, camera: null, enabled: true }]
}
