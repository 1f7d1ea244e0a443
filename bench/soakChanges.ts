/** What a soak compares: changes that a subscriber received, and changes in the journal. */

import { readFileSync } from 'node:fs'
import mqtt from 'mqtt'

export interface Change {
  readonly type: 'new' | 'update' | 'end'
  readonly seq: number
  readonly after: { readonly id: string; readonly camera: string }
}

export interface Recorder {
  /** In the order of arrival, with those that came again. */
  readonly changes: readonly Change[]
  /** Whether every begin and end of these was received. */
  has(changes: readonly Change[]): boolean
  close(): Promise<void>
}

/** A subscriber whose subscription outlives its connection. */
export async function startRecorder(url: string): Promise<Recorder> {
  const client = await mqtt.connectAsync(url, { clean: false, clientId: 'soak-recorder', reconnectPeriod: 500 })
  const changes: Change[] = []
  const received = new Set<string>()
  client.on('error', () => {})
  client.on('message', (_, payload) => {
    const change = JSON.parse(payload.toString()) as Change
    changes.push(change)
    received.add(keyOf(change))
  })
  await client.subscribeAsync('watchword/events', { qos: 1 })
  return {
    changes,
    has: expected => edgesOf(expected).every(key => received.has(key)),
    close: () => client.endAsync(true),
  }
}

export function readJournal(path: string): Change[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Change)
}

export interface Comparison {
  /** Different ones. */
  readonly published: number
  /** How often one came that had come before. */
  readonly again: number
  readonly notJournaled: number
  readonly notPublished: number
  readonly replaced: number
  readonly outOfOrder: number
  readonly notEndedOnce: number
}

export function compareChanges(published: readonly Change[], journaled: readonly Change[]): Comparison {
  const place = new Map(journaled.map((change, i) => [keyOf(change), i]))
  const first = [...new Map(published.toReversed().map(change => [keyOf(change), change])).values()].toReversed()
  const received = new Set(first.map(keyOf))
  const missing = journaled.filter(change => !received.has(keyOf(change)))
  const latest = new Map<string, number>()
  const isLate = ({ after: { camera } }: Change, i: number) => {
    const before = latest.get(camera) ?? -1
    latest.set(camera, Math.max(before, i))
    return i < before
  }
  const begun = journaled.filter(({ type }) => type === 'new').map(({ after }) => after.id)
  const ends = journaled.filter(({ type }) => type === 'end').map(({ after }) => after.id)
  return {
    published: first.length,
    again: published.length - first.length,
    notJournaled: first.filter(change => !place.has(keyOf(change))).length,
    notPublished: missing.filter(({ type }) => type !== 'update').length,
    replaced: missing.filter(({ type }) => type === 'update').length,
    outOfOrder: first.filter(change => isLate(change, place.get(keyOf(change)) ?? Number.POSITIVE_INFINITY)).length,
    notEndedOnce:
      begun.filter(id => ends.filter(end => end === id).length !== 1).length + Math.max(0, ends.length - begun.length),
  }
}

/** How many topics a new subscriber finds ON. */
export async function leftOn(url: string): Promise<number> {
  const states: string[] = []
  const client = await mqtt.connectAsync(url)
  client.on('message', (_, payload) => states.push(payload.toString()))
  await client.subscribeAsync('watchword/+/+/state', { qos: 1 })
  // Retained messages come before the answer to a later request.
  await client.publishAsync('soak/last', '', { qos: 1 })
  await client.endAsync()
  if (states.length === 0) throw new Error('Expected retained states at the broker')
  return states.filter(state => state === 'ON').length
}

const keyOf = ({ type, seq, after }: Change) => `${after.id} ${seq} ${type}`

/** Updates may be replaced by later ones while they wait; a beginning and an end never are. */
const edgesOf = (changes: readonly Change[]) => changes.filter(({ type }) => type !== 'update').map(keyOf)
