/** A camera as a Home Assistant device: its state, its switch, and the entities of each of its events. */

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

export function cameraDevice(
  camera: string,
  events: readonly string[],
  details: Details,
  options: DiscoveryOptions,
): DiscoveryDevice {
  const shown = details.cameras.get(camera)
  const device = {
    name: shown?.name ?? titleOf(camera),
    model: 'Camera',
    via_device: uniqueId(options.topicPrefix, null),
    ...(shown?.area !== undefined && { suggested_area: shown.area }),
    ...(shown?.configurationUrl !== undefined && { configuration_url: shown.configurationUrl }),
  }
  const components = events.flatMap(event => eventComponents(camera, event, details, options))
  return deviceOf(camera, device, [...components, ...cameraComponents(camera, options)], options)
}

/** `value_json` is not defined for an empty payload. `None` means unknown. */
export const PROBLEM_TEMPLATE = `{{ 'ON' if value_json is defined and value_json.problem else 'OFF' }}`
export const STATUS_TEMPLATE = `{{ (value_json.reason or value_json.state) if value_json is defined else 'None' }}`

function cameraComponents(camera: string, { topicPrefix, topics }: DiscoveryOptions): Component[] {
  const id = (kind: string) => uniqueId(topicPrefix, camera, kind)
  const bridge = [bridgeOnline(topics)]
  const status = {
    json_attributes_topic: topics.status(camera),
    json_attributes_template: ATTRIBUTES_TEMPLATE,
    entity_category: 'diagnostic',
    qos: 1,
  }
  return [
    {
      platform: 'binary_sensor',
      unique_id: id('connection'),
      name: 'Connection',
      device_class: 'connectivity',
      state_topic: topics.availability(camera),
      payload_on: 'online',
      payload_off: 'offline',
      availability: bridge,
      ...status,
    },
    {
      platform: 'sensor',
      unique_id: id('status'),
      name: 'Status',
      icon: 'mdi:cctv',
      state_topic: topics.status(camera),
      value_template: STATUS_TEMPLATE,
      availability: bridge,
      ...status,
    },
    {
      platform: 'binary_sensor',
      unique_id: id('problem'),
      name: 'Image problem',
      device_class: 'problem',
      state_topic: topics.status(camera),
      value_template: PROBLEM_TEMPLATE,
      availability: [...bridge, { topic: topics.availability(camera) }],
      availability_mode: 'all',
      ...status,
    },
    {
      platform: 'switch',
      unique_id: id('enabled'),
      name: 'Enabled',
      icon: 'mdi:cctv',
      entity_category: 'config',
      state_topic: topics.enabled(camera),
      ...switching(topics.request('camera'), { camera }),
      availability: bridge,
      qos: 1,
    },
  ]
}

function eventComponents(camera: string, event: string, details: Details, options: DiscoveryOptions): Component[] {
  const { topicPrefix, topics, snapshots } = options
  const { hasCrops = true } = details.cameras.get(camera) ?? {}
  const { name, deviceClass = DEFAULT_CLASS, icon } = details.events.get(event) ?? {}
  const title = name ?? titleOf(event)
  const id = (kind: string) => uniqueId(topicPrefix, camera, event, kind)
  const bridge = [bridgeOnline(topics)]
  const watched = {
    availability: [
      ...bridge,
      { topic: topics.availability(camera) },
      { topic: topics.eventEnabled(camera, event), payload_available: 'ON', payload_not_available: 'OFF' },
    ],
    availability_mode: 'all',
    qos: 1,
  }
  const shown = icon === undefined ? {} : { icon }
  return [
    {
      platform: 'binary_sensor',
      unique_id: id('state'),
      name: title,
      ...(deviceClass !== 'none' && { device_class: deviceClass }),
      ...shown,
      state_topic: topics.state(camera, event),
      payload_on: 'ON',
      payload_off: 'OFF',
      json_attributes_topic: topics.attributes(camera, event),
      json_attributes_template: ATTRIBUTES_TEMPLATE,
      ...watched,
    },
    ...(snapshots ? [snapshotImage(camera, event, { title }, options)] : []),
    ...(snapshots && hasCrops ? [cropImage(camera, event, { title }, options)] : []),
    {
      platform: 'event',
      unique_id: id('event'),
      name: `${title} event`,
      ...shown,
      event_types: ['began', 'ended'],
      state_topic: topics.events,
      value_template: eventTemplate(camera, event),
      // Otherwise the return from `unavailable` would look like an event to an automation.
      availability: [],
      qos: 1,
    },
    {
      platform: 'sensor',
      unique_id: id('score'),
      name: `${title} score`,
      icon: 'mdi:gauge',
      entity_category: 'diagnostic',
      enabled_by_default: false,
      state_topic: topics.score(camera, event),
      state_class: 'measurement',
      suggested_display_precision: 2,
      ...watched,
    },
    { ...calibrationSensor(camera, event, options), name: `${title} calibration`, ...watched },
    eventSwitch(camera, event, { title, shown }, options),
  ]
}

/** The topic of the crop is empty when the whole image decided. An older version published attributes without `where`. */
export const CROP_TEMPLATE = `{{ 'online' if value_json is defined and (value_json.get('where') or {}).get('view') in ('crop', 'zone') else 'offline' }}`

type Title = Pick<Shown, 'title'>

const IMAGE = { platform: 'image', content_type: 'image/jpeg', qos: 1 }

function snapshotImage(camera: string, event: string, { title }: Title, options: DiscoveryOptions): Component {
  const { topicPrefix, topics } = options
  return {
    ...IMAGE,
    unique_id: uniqueId(topicPrefix, camera, event, 'snapshot'),
    name: `${title} snapshot`,
    image_topic: topics.snapshot(camera, event),
    availability: [bridgeOnline(topics)],
  }
}

function cropImage(camera: string, event: string, { title }: Title, options: DiscoveryOptions): Component {
  const { topicPrefix, topics } = options
  return {
    ...IMAGE,
    unique_id: uniqueId(topicPrefix, camera, event, 'crop'),
    name: `${title} crop`,
    image_topic: topics.crop(camera, event),
    availability: [bridgeOnline(topics), { topic: topics.attributes(camera, event), value_template: CROP_TEMPLATE }],
    availability_mode: 'all',
  }
}

interface Shown {
  readonly title: string
  readonly shown: { readonly icon?: string }
}

function eventSwitch(camera: string, event: string, { title, shown }: Shown, options: DiscoveryOptions): Component {
  const { topicPrefix, topics } = options
  return {
    platform: 'switch',
    unique_id: uniqueId(topicPrefix, camera, event, 'enabled'),
    name: `${title} detection`,
    ...shown,
    entity_category: 'config',
    state_topic: topics.eventEnabled(camera, event),
    ...switching(topics.request('event'), { event, camera }),
    availability: [bridgeOnline(topics)],
    qos: 1,
  }
}

function calibrationSensor(camera: string, event: string, { topicPrefix, topics }: DiscoveryOptions) {
  return {
    platform: 'sensor',
    unique_id: uniqueId(topicPrefix, camera, event, 'calibration'),
    icon: 'mdi:school',
    entity_category: 'diagnostic',
    enabled_by_default: false,
    device_class: 'enum',
    options: ['prior', 'learning', 'learned', 'common', 'model'],
    state_topic: topics.calibration(camera, event),
  }
}

const DEFAULT_CLASS = 'occupancy'

/** The switch shows the state that Watchword publishes, not the requested one. */
function switching(commandTopic: string, request: Readonly<Record<string, string>>) {
  return {
    command_topic: commandTopic,
    payload_on: JSON.stringify({ ...request, enabled: true }),
    payload_off: JSON.stringify({ ...request, enabled: false }),
    state_on: 'ON',
    state_off: 'OFF',
    optimistic: false,
  }
}

/**
 * Picks the changes of one event from `<prefix>/events`; Home Assistant ignores an empty result. A replayed `new`, sent late
 * because the broker was unreachable, is left out: it would start an automation for an event that may be over.
 */
function eventTemplate(camera: string, event: string): string {
  const [cameraText, eventText] = [camera, event].map(name => `'${name.replace(/['\\]/g, '\\$&')}'`)
  return [
    `{% if value_json is defined and value_json.type in ('new', 'end')`,
    ` and value_json.after.camera == ${cameraText} and value_json.after.event == ${eventText}`,
    ` and not (value_json.type == 'new' and value_json.replayed) %}`,
    `{{ dict(value_json.after, event_type='began' if value_json.type == 'new' else 'ended') | to_json }}{% endif %}`,
  ].join('')
}
