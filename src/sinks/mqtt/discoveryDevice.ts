/**
 * The common parts of the Home Assistant devices: topics, ids, availability.
 * Format: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
 */

import { safeLevel, type Topics } from './topics.ts'

export interface DiscoveryOptions {
  /** Part of every id, so that the ids of two Watchwords on one broker differ. */
  readonly topicPrefix: string
  readonly topics: Topics
  readonly version: string
  /** Whether snapshots are published. */
  readonly snapshots: boolean
  /** Page of the project, shown in Home Assistant. */
  readonly supportUrl?: string
}

/** How a camera is shown, and whether it and its events are enabled. */
export interface CameraDetails {
  readonly name?: string
  readonly area?: string
  readonly configurationUrl?: string
  readonly enabled: boolean
  /** false: the whole image alone decides, so its events have no crop. Default: true. */
  readonly hasCrops?: boolean
  /** Events of this camera that are disabled. */
  readonly disabledEvents: readonly string[]
}

/** How an event is shown, and the score at which it begins. */
export interface EventDetails {
  readonly name?: string
  /** A device class of Home Assistant's binary sensors; `none`: without one. */
  readonly deviceClass?: string
  readonly icon?: string
  readonly threshold: number
}

/** By name; a camera or event without an entry is shown by its name and is enabled. */
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

/** A device with its components; `shown` is its name, model and other fields that Home Assistant shows. */
export function deviceOf(
  device: DeviceName,
  shown: Readonly<Record<string, unknown>>,
  components: readonly Component[],
  { topicPrefix, topics, version, supportUrl }: DiscoveryOptions,
): DiscoveryDevice {
  return {
    device: { identifiers: [uniqueId(topicPrefix, device)], manufacturer: 'Watchword', sw_version: version, ...shown },
    origin: { name: 'Watchword', sw_version: version, ...(supportUrl !== undefined && { support_url: supportUrl }) },
    // Every component has its own availability; this one is for programs that do not read the components.
    availability: [bridgeOnline(topics)],
    availability_mode: 'all',
    components: Object.fromEntries(components.map(component => [String(component.unique_id), component])),
  }
}

/** A unique id or device identifier. Names have no dot, so that two different lists never result in the same id. */
export function uniqueId(topicPrefix: string, device: DeviceName, ...levels: readonly string[]): string {
  return [safeLevel(topicPrefix), safeDevice(device), ...levels.map(safeLevel)].join('.')
}

/** The bridge also publishes `stopped`, and Home Assistant would ignore an unknown value. */
export function bridgeOnline(topics: Topics): Readonly<Record<string, string>> {
  return { topic: topics.bridgeState, value_template: BRIDGE_TEMPLATE }
}

/** Home Assistant renders these with Jinja. An empty payload, which clears a topic, must render without an error. */
export const BRIDGE_TEMPLATE = `{{ 'online' if value == 'online' else 'offline' }}`
/** For attributes: JSON, or an empty payload. */
export const ATTRIBUTES_TEMPLATE = `{{ value or '{}' }}`

/**
 * Home Assistant keeps a component that a device no longer names, and removes one that has only its `platform`.
 * @returns `device` itself when it has all components of the previous one
 */
export function withRemovedComponents(device: DiscoveryDevice, previous: DiscoveryDevice | null): DiscoveryDevice {
  const removed = Object.entries(previous?.components ?? {})
    .filter(([id, component]) => !Object.hasOwn(device.components, id) && Object.keys(component).length > 1)
    .map(([id, { platform }]) => [id, { platform }])
  if (removed.length === 0) return device
  return { ...device, components: { ...device.components, ...Object.fromEntries(removed) } }
}

/** front_door → Front door */
export function titleOf(name: string): string {
  const words = name.replace(/[_-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/**
 * An id for a discovery topic, where Home Assistant allows letters, digits, `_` and `-`. The first `_` ends the prefix,
 * so that two different pairs never result in the same id.
 */
function objectId(topicPrefix: string, device: DeviceName): string {
  const prefix = safeLevel(topicPrefix).replaceAll('-', '--').replaceAll('_', '-u')
  return `${prefix}_${safeDevice(device)}`
}

/** A camera named `bridge` becomes `bridge-…`. */
function safeDevice(device: DeviceName): string {
  return device === null ? 'bridge' : safeLevel(device)
}
