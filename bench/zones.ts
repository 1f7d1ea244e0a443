/** Events with a zone: what is reported from a zone in which nothing happens, and what is found in others. */

import { rm } from 'node:fs/promises'
import { DEFAULT_EVENTS, readLibrary } from '../src/config/promptLibrary.ts'
import { createWorld } from '../src/demo/world/createWorld.ts'
import { videoSizeOf } from '../src/demo/world/world.ts'
import { evaluateRecordings, type FoundEvent } from '../src/eval/evaluateSpans.ts'
import { foundEvents } from '../src/eval/foundEvents.ts'
import type { Span } from '../src/eval/matchSpans.ts'
import { numbered, record, type Scene, scenesOf } from '../test/support/accuracy.ts'
import { InputError } from '../test/support/inputError.ts'
import { createFilmWatcher, type FilmWatcher } from './filmWatcher.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'
import { type EventName, momentsOf, OVERLAP, spansInside, type ZoneName, zonesOf } from './zoneScenes.ts'

export interface ZonesOptions {
  /** Of all scenes together. Default 60. */
  readonly minutes?: string | undefined
}

/** Each event is watched in the quiet zone, where it never happens, and in one where it does. */
const PLACES: Readonly<Record<EventName, ZoneName>> = {
  person_walking: 'walk',
  vehicle_stopping: 'road',
  crowded_scene: 'walk',
}
const SCENE_MINUTES = 3

interface Counted {
  readonly truths: readonly Span[]
  readonly found: readonly FoundEvent[]
}

export async function benchZones(rig: Rig, { minutes = '60' }: ZonesOptions): Promise<Measurement> {
  if (!(Number(minutes) >= SCENE_MINUTES))
    throw new InputError(`Expected \`--minutes\` to be at least ${SCENE_MINUTES}, got ${minutes}`)
  process.env.WATCHWORD_DATA = await rig.data()
  const count = Math.round(Number(minutes) / SCENE_MINUTES)
  const scenes = scenesOf(numbered('zones', count), { durationSeconds: SCENE_MINUTES * 60, distance: 'far' })
  const watcher = await createFilmWatcher(rig, { variant: 'int8', events: tiedEvents() })
  const counts = new Map<string, Counted[]>()
  try {
    for (const scene of scenes) {
      for (const [name, counted] of await watchScene(rig, watcher, scene))
        counts.set(name, [...(counts.get(name) ?? []), counted])
    }
  } finally {
    await watcher.close()
  }
  const hours = (count * SCENE_MINUTES) / 60
  const rows = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([name, counted]) => rowOf(name, counted, hours))
  return {
    name: 'zones',
    isTrial: count * SCENE_MINUTES < 60,
    title: 'Events with a zone',
    method: `${count} far scenes of ${SCENE_MINUTES} minutes, watched as \`run\` does it with int8, but without dropping frames. \`quiet\` is a car park, a corner and a few benches where none of the events ever happens; people walk and vehicles stop beside it all the time. \`walk\` and \`road\` are where they happen. True inside a zone: at least ${OVERLAP} of the box lies in it. Hit: a true span during which the event was on; outside: events during which nothing was true in the zone.`,
    columns: ['zone', 'event', 'true inside', 'hit', 'F1', 'found', 'outside', 'outside, an hour'],
    rows,
    notes: ['Target: no event from outside in an hour.'],
  }
}

/** `quiet person_walking`, `walk person_walking`, …: the library's event, tied to a zone. */
function tiedEvents() {
  const library = readLibrary()
  return Object.fromEntries(
    DEFAULT_EVENTS.flatMap(event =>
      zonesFor(event).map(zone => [`${zone}_${event}`, { ...library[event], zones: [zone], overlap: OVERLAP }]),
    ),
  )
}

function zonesFor(event: EventName): ZoneName[] {
  return ['quiet', PLACES[event]]
}

async function watchScene(rig: Rig, watcher: FilmWatcher, scene: Scene): Promise<Map<string, Counted>> {
  const zones = zonesOf(scene.view)
  const { video } = await record(scene, rig.dir)
  const film = await watcher.watch(video, { zones })
  await rm(video)
  const found = foundEvents(film.found)
  const moments = momentsOf(createWorld({ ...scene, ...videoSizeOf('far'), startTime: 0 }))
  const entries = DEFAULT_EVENTS.flatMap(event =>
    zonesFor(event).map(zone => {
      const counted = { truths: spansInside(moments, zones[zone], event), found: found.get(`${zone}_${event}`) ?? [] }
      return [`${zone} ${event}`, counted] as const
    }),
  )
  return new Map(entries)
}

function rowOf(name: string, counted: readonly Counted[], hours: number): (string | number)[] {
  const { truths, found, f1, falseAlarms } = evaluateRecordings(counted)
  const hit = counted.flatMap(({ truths, found }) =>
    truths.filter(truth => found.some(span => span.from < truth.to && truth.from < span.to)),
  ).length
  return [...name.split(' '), truths, hit, f1.toFixed(3), found, falseAlarms, (falseAlarms / hours).toFixed(1)]
}
