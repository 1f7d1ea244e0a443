/** Watchword itself as a Home Assistant device: its connection, health, version, model, and the events' thresholds. */

import {
  ATTRIBUTES_TEMPLATE,
  bridgeOnline,
  type Component,
  type Details,
  type DiscoveryDevice,
  type DiscoveryOptions,
  deviceOf,
  titleOf,
  uniqueId,
} from './discoveryDevice.ts'

/** @param events the events that at least one camera watches for */
export function bridgeDevice(events: readonly string[], details: Details, options: DiscoveryOptions): DiscoveryDevice {
  const { topicPrefix } = options
  const name = topicPrefix === 'watchword' ? 'Watchword' : `Watchword ${topicPrefix}`
  const thresholds = events.flatMap(event => thresholdComponent(event, details, options) ?? [])
  return deviceOf(null, { name, model: 'Bridge' }, [...bridgeComponents(options), ...thresholds], options)
}

export const RUNS_TEMPLATE = `{{ 'ON' if value == 'online' else 'OFF' }}`
export const UNHEALTHY_TEMPLATE = `{{ 'OFF' if value_json is defined and value_json.healthy else 'ON' }}`
export const VERSION_TEMPLATE = `{{ value_json.version if value_json is defined else 'None' }}`
export const MODEL_TEMPLATE = `{{ value_json.model | default('None') if value_json is defined else 'None' }}`

function bridgeComponents({ topicPrefix, topics }: DiscoveryOptions): Component[] {
  const id = (kind: string) => uniqueId(topicPrefix, null, kind)
  const common = { entity_category: 'diagnostic', availability: [bridgeOnline(topics)], qos: 1 }
  const info = { state_topic: topics.bridgeInfo, ...common }
  return [
    {
      platform: 'binary_sensor',
      unique_id: id('connection'),
      name: 'Connection',
      device_class: 'connectivity',
      state_topic: topics.bridgeState,
      value_template: RUNS_TEMPLATE,
      ...common,
      // Its own state shows that Watchword is offline.
      availability: [],
    },
    {
      platform: 'binary_sensor',
      unique_id: id('health'),
      name: 'Health',
      device_class: 'problem',
      state_topic: topics.health,
      value_template: UNHEALTHY_TEMPLATE,
      json_attributes_topic: topics.health,
      json_attributes_template: ATTRIBUTES_TEMPLATE,
      ...common,
    },
    {
      platform: 'sensor',
      unique_id: id('version'),
      name: 'Version',
      icon: 'mdi:tag',
      value_template: VERSION_TEMPLATE,
      ...info,
    },
    {
      platform: 'sensor',
      unique_id: id('model'),
      name: 'Model',
      icon: 'mdi:brain',
      value_template: MODEL_TEMPLATE,
      json_attributes_topic: topics.bridgeInfo,
      json_attributes_template: ATTRIBUTES_TEMPLATE,
      ...info,
    },
    {
      platform: 'button',
      unique_id: id('reload'),
      name: 'Reload configuration',
      icon: 'mdi:reload',
      command_topic: topics.request('reload'),
      payload_press: '{}',
      ...common,
      entity_category: 'config',
    },
  ]
}

function thresholdComponent(event: string, details: Details, options: DiscoveryOptions): Component | null {
  const shown = details.events.get(event)
  if (shown === undefined) return null
  const { topicPrefix, topics } = options
  return {
    platform: 'number',
    unique_id: uniqueId(topicPrefix, null, event, 'threshold'),
    name: `${shown.name ?? titleOf(event)} threshold`,
    icon: 'mdi:tune-vertical',
    entity_category: 'config',
    min: 0,
    max: 1,
    step: 0.01,
    mode: 'slider',
    state_topic: topics.threshold(event),
    command_topic: topics.request('threshold'),
    command_template: `{"event": ${JSON.stringify(event)}, "threshold": {{ value }}}`,
    optimistic: false,
    availability: [bridgeOnline(topics)],
    qos: 1,
  }
}
