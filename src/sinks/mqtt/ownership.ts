/** Decides which retained topics an earlier run published: those that its messages name, or whose payload has its schema. */

import { z } from 'zod'
import { parseJson } from '../../util/parseJson.ts'
import type { DiscoveryDevice } from './discoveryDevice.ts'
import { safeLevel, type Topics } from './topics.ts'

export interface Ownership {
  /** Reads cameras, events and topics of the earlier run from a retained message. */
  learn(topic: string, payload: Buffer): void
  /** A device that was announced under this prefix; null for one of another program or another Watchword. */
  readDevice(payload: Buffer): DiscoveryDevice | null
  isOurs(topic: string): boolean
}

/** Larger messages are not parsed as JSON. */
const MAX_JSON_BYTES = 256 * 1024

export function createOwnership(topics: Topics): Ownership {
  /** Full topics. */
  const named = new Set<string>()
  /** Topic levels. */
  const cameras = new Set<string>()
  const events = new Set<string>()
  const base = topics.bridgeState.slice(0, -'/bridge/state'.length)

  const read = <T>(shape: z.ZodType<T>, payload: Buffer): T | null =>
    payload.length > MAX_JSON_BYTES ? null : (shape.safeParse(parseJson(payload.toString('utf8'))).data ?? null)
  const learnInfo = (payload: Buffer) => {
    const info = read(INFO, payload)
    for (const camera of info?.cameras ?? []) cameras.add(safeLevel(camera))
    for (const event of info?.events ?? []) events.add(safeLevel(event))
  }
  const nameEvent = (camera: string, event: string) => {
    for (const topic of [topics.state, topics.attributes, topics.snapshot, topics.crop]) named.add(topic(camera, event))
  }
  const levelsOf = (topic: string) => topic.slice(base.length + 1).split('/')
  const learnJson = (topic: string, payload: Buffer) => {
    const [camera = '', event = ''] = levelsOf(topic)
    const isAttributes = topic === `${base}/${camera}/${event}/attributes`
    if (topic.startsWith(`${base}/bridge/`)) {
      if (read(CHECK, payload)) named.add(topic)
    } else if (isAttributes) {
      const change = read(ATTRIBUTES, payload)
      if (change && topics.attributes(change.camera, change.event) === topic) nameEvent(change.camera, change.event)
    } else if (read(STATUS, payload)) {
      named.add(topic)
      named.add(topic.replace(/status$/, 'availability'))
    }
  }
  return {
    learn: (topic, payload) => {
      if (topic === topics.bridgeInfo) learnInfo(payload)
      else if (payload[0] === OPENING_BRACE) learnJson(topic, payload)
    },
    readDevice: payload => {
      const device = read(DEVICE, payload)
      if (!device?.availability.some(({ topic }) => topic === topics.bridgeState)) return null
      for (const topic of topicsIn(device)) named.add(topic)
      return device
    },
    isOurs: topic => {
      if (named.has(topic)) return true
      const [camera = '', event = '', ...leaf] = levelsOf(topic)
      if (camera === 'bridge') return leaf.length === 1 && events.has(leaf[0] ?? '')
      return cameras.has(camera) && (leaf.length === 0 || events.has(event))
    },
  }
}

const OPENING_BRACE = '{'.charCodeAt(0)

/** Every topic that a device names, as `state_topic` and `availability` do. */
function topicsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(topicsIn)
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === 'string' ? (/(^|_)topic$/.test(key) ? [item] : []) : topicsIn(item),
  )
}

const INFO = z.looseObject({
  schema_version: z.number(),
  version: z.string(),
  cameras: z.array(z.string()).max(10_000),
  events: z.array(z.string()).max(10_000),
})
const ATTRIBUTES = z.looseObject({
  ...{ id: z.string(), camera: z.string(), event: z.string(), variant: z.string() },
  ...{ start_time: z.number(), top_score: z.number() },
})
const STATUS = z.looseObject({
  ...{ schema_version: z.number(), state: z.string(), at: z.number() },
  ...{ problem: z.string().nullable(), reason: z.string().nullable(), retry_in: z.number().nullable() },
})
const CHECK = z.strictObject({ state: z.enum(['ok', 'warning', 'critical']), detail: z.string() })
const DEVICE = z.looseObject({
  availability: z.array(z.looseObject({ topic: z.string() })),
  components: z.record(z.string(), z.looseObject({ platform: z.string() })),
})
