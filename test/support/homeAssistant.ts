/**
 * Home Assistant's MQTT integration as a small state machine: discovery, availability and state become the state of an
 * entity, as `homeassistant/components/mqtt/entity.py` does it. Templates that it meets are written out here by hand; each
 * was rendered by Home Assistant 2025.4.4 as well.
 */

import {
  MODEL_TEMPLATE,
  RUNS_TEMPLATE,
  UNHEALTHY_TEMPLATE,
  VERSION_TEMPLATE,
} from '../../src/sinks/mqtt/bridgeDevice.ts'
import { CROP_TEMPLATE, PROBLEM_TEMPLATE, STATUS_TEMPLATE } from '../../src/sinks/mqtt/cameraDevice.ts'
import { ATTRIBUTES_TEMPLATE, BRIDGE_TEMPLATE } from '../../src/sinks/mqtt/discoveryDevice.ts'

interface Availability {
  readonly topic: string
  readonly value_template?: string
  readonly payload_available?: string
  readonly payload_not_available?: string
}

interface Config {
  readonly platform: string
  readonly state_topic?: string
  readonly value_template?: string
  readonly payload_on?: string
  readonly payload_off?: string
  readonly state_on?: string
  readonly state_off?: string
  readonly json_attributes_topic?: string
  readonly json_attributes_template?: string
  readonly availability: readonly Availability[]
}

export interface Transition {
  readonly entity: string
  readonly from: string
  readonly to: string
}

export interface HomeAssistant {
  /** A message that the broker hands on; retained ones are kept as a broker keeps them. */
  receive(topic: string, payload: string): void
  /** unique id → state. */
  states(): Record<string, string>
  /** Every change of state, in order; a new entity begins as `unavailable`. */
  readonly transitions: Transition[]
  /** What Home Assistant would have logged as a warning or an error. */
  readonly complaints: string[]
}

interface Entity {
  readonly device: string
  readonly config: Config
  readonly available: Map<string, boolean>
  value: string
  shown: string
}

type Render = (value: string, json: Record<string, unknown> | undefined) => string

const TEMPLATES: Readonly<Record<string, Render>> = {
  [BRIDGE_TEMPLATE]: value => (value === 'online' ? 'online' : 'offline'),
  [ATTRIBUTES_TEMPLATE]: value => value || '{}',
  [RUNS_TEMPLATE]: value => (value === 'online' ? 'ON' : 'OFF'),
  [UNHEALTHY_TEMPLATE]: (_, json) => (json?.healthy === true ? 'OFF' : 'ON'),
  [VERSION_TEMPLATE]: (_, json) => String(json?.version ?? 'None'),
  [MODEL_TEMPLATE]: (_, json) => String(json?.model ?? 'None'),
  [PROBLEM_TEMPLATE]: (_, json) => (json?.problem ? 'ON' : 'OFF'),
  [CROP_TEMPLATE]: (_, json) =>
    /^(crop|zone)$/.test((json?.where as { view: string } | null)?.view ?? '') ? 'online' : 'offline',
  [STATUS_TEMPLATE]: (_, json) => (json === undefined ? 'None' : String(json.reason ?? json.state)),
}

/** @param prefix of discovery */
export function createHomeAssistant(prefix = 'homeassistant'): HomeAssistant {
  const entities = new Map<string, Entity>()
  const held = new Map<string, string>()
  const transitions: Transition[] = []
  const complaints: string[] = []

  const show = (id: string, entity: Entity) => {
    const isAvailable = [...entity.available.values()].every(Boolean)
    const to = isAvailable ? entity.value : 'unavailable'
    if (to === entity.shown) return
    transitions.push({ entity: id, from: entity.shown, to })
    entity.shown = to
  }
  const read = (id: string, entity: Entity, topic: string, payload: string) => {
    const { config } = entity
    for (const one of config.availability.filter(each => each.topic === topic)) {
      const word = render(one.value_template, payload)
      if (word === (one.payload_available ?? 'online')) entity.available.set(topic, true)
      if (word === (one.payload_not_available ?? 'offline')) entity.available.set(topic, false)
    }
    if (config.json_attributes_topic === topic && !isObject(render(config.json_attributes_template, payload)))
      complaints.push(`Erroneous JSON: ${payload} (${topic})`)
    if (config.state_topic === topic && config.platform !== 'event') {
      const value = stateOf(config, render(config.value_template, payload))
      if (value !== null) entity.value = value
    }
    show(id, entity)
  }
  const add = (id: string, device: string, config: Config) => {
    const known = entities.get(id)
    const available = new Map(config.availability.map(({ topic }) => [topic, known?.available.get(topic) ?? false]))
    const entity = { device, config, available, value: known?.value ?? 'unknown', shown: known?.shown ?? 'unavailable' }
    entities.set(id, entity)
    // It subscribes, and the broker hands on what it holds.
    for (const [topic, payload] of held) read(id, entity, topic, payload)
    show(id, entity)
  }
  const discover = (topic: string, payload: string) => {
    if (payload === '') {
      for (const [id, { device }] of entities) if (device === topic) entities.delete(id)
      return
    }
    const message = JSON.parse(payload)
    for (const [id, component] of Object.entries<Config>(message.components)) {
      if (Object.keys(component).length === 1) entities.delete(id)
      else add(id, topic, { ...component, availability: component.availability ?? message.availability })
    }
  }
  return {
    transitions,
    complaints,
    states: () => Object.fromEntries([...entities].map(([id, { shown }]) => [id, shown])),
    receive: (topic, payload) => {
      if (topic.startsWith(`${prefix}/device/`)) return discover(topic, payload)
      if (payload === '') held.delete(topic)
      else held.set(topic, payload)
      for (const [id, entity] of entities) read(id, entity, topic, payload)
    },
  }
}

function render(template: string | undefined, payload: string): string {
  if (template === undefined) return payload
  const known = TEMPLATES[template]
  if (known === undefined) return ''
  return known(payload, isObject(payload) ? JSON.parse(payload) : undefined)
}

/** null: the payload is ignored. */
function stateOf(config: Config, payload: string): string | null {
  if (payload === '') return null
  if (payload === 'None') return 'unknown'
  if (config.platform !== 'binary_sensor' && config.platform !== 'switch') return payload
  if (payload === (config.state_on ?? config.payload_on ?? 'ON')) return 'on'
  return payload === (config.state_off ?? config.payload_off ?? 'OFF') ? 'off' : null
}

function isObject(text: string): boolean {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}
