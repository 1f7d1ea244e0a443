/** Translates a request to switch an event on or off into commands for the watch state in force. */

import type { Command, WatchState } from '../../operators/watchState.ts'

type EventCommand = Extract<Command, { type: 'event' }>

/**
 * The state has one switch for all cameras and one per camera, and an event is watched where both are on. A request is
 * about the result: on for one camera is on there alone when it was off everywhere, and on for all is on for all.
 * @param watched camera → events, as the config says
 */
export function switchEvent(
  command: EventCommand,
  state: WatchState,
  watched: Readonly<Record<string, readonly string[]>>,
): readonly EventCommand[] {
  const { event, camera, enabled } = command
  if (!enabled) return [command]
  const one = (each: string, isOn: boolean): EventCommand => ({ type: 'event', event, camera: each, enabled: isOn })
  const cameras = Object.keys(watched).filter(each => watched[each]?.includes(event))
  if (camera === null) {
    const off = state.cameras.filter(each => cameras.includes(each.camera) && !each.events.includes(event))
    return [...off.map(each => one(each.camera, true)), command]
  }
  const isOffEverywhere = state.events.find(each => each.event === event)?.enabled === false
  if (!isOffEverywhere) return [command]
  const others = cameras.filter(each => each !== camera).map(each => one(each, false))
  return [...others, command, { type: 'event', event, camera: null, enabled: true }]
}
