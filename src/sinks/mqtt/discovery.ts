/**
 * What the Home Assistant devices have in common: topics, ids, availability.
 * Format: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
 */

import { safeLevel, type Topics } from './topics.ts'

export interface DiscoveryOptions {
  /** Part of every id, so that two Watchwords on one broker stay apart. */
  readonly topicPrefix: string
  readonly topics: Topics
  readonly version: string
  /** Pictures are published too. */
  readonly snapshots: boolean
  /** Page of the project, shown in Home Assistant. */
  readonly supportUrl?: string
}

/** How a camera is shown, and what of it is switched on. */
export interface CameraDetails {
  readonly name?: string
  readonly area?: string
  readonly configurationUrl?: string
  readonly enabled: boolean
  /** Events of this camera that are switched off. */
  readonly disabledEvents: readonly string[]
}

/** How an event is shown, and the score at which it begins. */
export interface EventDetails {
  readonly name?: string
  /** Of Home Assistant's binary sensors; `none`: none. */
  readonly deviceClass?: string
  readonly icon?: string
  readonly threshold: number
}

/** By name; a camera or event without an entry is shown by its name and is switched on. */
export interface Details {
  readonly cameras: ReadonlyMap<string, CameraDetails>
  readonly events: ReadonlyMap<string, EventDetails>
}

/** An entity of a device: `unique_id` and the keys of its platform. */
export interface Component {
  readonly platform: string
  readonly [key: string]: unknown
}

export interface DiscoveryDevice {
  readonly components: Readonly<Record<string, Component>>
  readonly [key: string]: unknown
}

/** A camera, or null for Watchword itself, the bridge. */
type DeviceName = string | null

/** Where a device is announced; an empty message there removes it. */
export function discoveryTopic(discoveryPrefix: string, topicPrefix: string, device: DeviceName): string {
  return `${discoveryPrefix}/device/${objectId(topicPrefix, device)}/config`
}

/** A device with its components; `shown` is its name, model and whatever else Home Assistant shows of it. */
export function deviceOf(
  device: DeviceName,
  shown: Readonly<Record<string, unknown>>,
  components: readonly Component[],
  { topicPrefix, topics, version, supportUrl }: DiscoveryOptions,
): DiscoveryDevice {
  return {
    device: { identifiers: [uniqueId(topicPrefix, device)], manufacturer: 'Watchword', sw_version: version, ...shown },
    origin: { name: 'Watchword', sw_version: version, ...(supportUrl !== undefined && { support_url: supportUrl }) },
    // Every component has its own; this one is for those that read the message without its components.
    availability: [bridgeOnline(topics)],
    availability_mode: 'all',
    components: Object.fromEntries(components.map(component => [String(component.unique_id), component])),
  }
}

/** Of the unique ids and device identifiers: names have no dot, so that two different lists never give the same id. */
export function uniqueId(topicPrefix: string, device: DeviceName, ...levels: readonly string[]): string {
  return [safeLevel(topicPrefix), safeDevice(device), ...levels.map(safeLevel)].join('.')
}

/** The bridge says `stopped` too, and Home Assistant would ignore a word it does not know. */
export function bridgeOnline(topics: Topics): Readonly<Record<string, string>> {
  return { topic: topics.bridgeState, value_template: BRIDGE_TEMPLATE }
}

/** Home Assistant renders these with Jinja. An empty payload, which clears a topic, must render without an error. */
export const BRIDGE_TEMPLATE = `{{ 'online' if value == 'online' else 'offline' }}`
/** For a topic of attributes: JSON, or empty. */
export const ATTRIBUTES_TEMPLATE = `{{ value or '{}' }}`

/**
 * Home Assistant keeps a component that a device no longer names: one with nothing but its platform is removed.
 * @returns `device` itself when nothing of the previous one is gone
 */
export function withRemovedComponents(device: DiscoveryDevice, previous: DiscoveryDevice | null): DiscoveryDevice {
  const gone = Object.entries(previous?.components ?? {})
    .filter(([id, component]) => !Object.hasOwn(device.components, id) && Object.keys(component).length > 1)
    .map(([id, { platform }]) => [id, { platform }])
  if (gone.length === 0) return device
  return { ...device, components: { ...device.components, ...Object.fromEntries(gone) } }
}

/** front_door → Front door */
export function titleOf(name: string): string {
  const words = name.replace(/[_-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/**
 * An id for a discovery topic, where Home Assistant allows letters, digits, `_` and `-`. The first `_` ends the prefix,
 * so that two different pairs never give the same id.
 */
function objectId(topicPrefix: string, device: DeviceName): string {
  const prefix = safeLevel(topicPrefix).replaceAll('-', '--').replaceAll('_', '-u')
  return `${prefix}_${safeDevice(device)}`
}

/** A camera called `bridge` would become `bridge-…`. */
function safeDevice(device: DeviceName): string {
  return device === null ? 'bridge' : safeLevel(device)
}
