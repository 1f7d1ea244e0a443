/** The MQTT topic tree. */

import { trimCharacter } from '../../util/trimCharacter.ts'

/** One level of the tree per argument; all names are made safe. */
export interface Topics {
  /** online|offline|stopped, retained; the last will. */
  readonly bridgeState: string
  /** JSON, retained. */
  readonly bridgeInfo: string
  /** Every change of every event, JSON. */
  readonly events: string
  /** Filter to subscribe to for requests. */
  readonly requests: string
  /** The name in a request's topic; null for any other topic. */
  requestName(topic: string): string | null
  request(name: string): string
  response(request: string): string
  /** All health checks together, JSON, retained. */
  readonly health: string
  /** The score at which an event begins, a number, retained. */
  threshold(event: string): string
  /** State of one health check, JSON, retained. */
  healthCheck(name: string, subject: string): string
  /** online|offline, retained. */
  availability(camera: string): string
  /** A camera's state and the reason for it, JSON, retained. */
  status(camera: string): string
  /** ON|OFF, retained: the camera is switched on. */
  enabled(camera: string): string
  /** ON|OFF, retained. */
  state(camera: string, event: string): string
  /** ON|OFF, retained: the event is switched on for this camera. */
  eventEnabled(camera: string, event: string): string
  /** The smoothed score now, a number; not retained. */
  score(camera: string, event: string): string
  /** What decides the scores, retained. */
  calibration(camera: string, event: string): string
  /** JSON, retained. */
  attributes(camera: string, event: string): string
  /** JPEG, retained. */
  snapshot(camera: string, event: string): string
  /** JPEG of the part of the image that decided, retained; empty when the whole image did. */
  crop(camera: string, event: string): string
  /** Filters for all retained topics of cameras, events and health checks, without images because of their size. */
  readonly retainedFilters: readonly string[]
  /** The topics of the images that belong to a state topic; none for any other topic. */
  imagesOfState(topic: string): readonly string[]
}

export function createTopics(prefix: string): Topics {
  const base = trimCharacter(prefix, '/')
  const bridge = `${base}/bridge`
  const of = (camera: string, event: string, leaf: string) => `${base}/${safeLevel(camera)}/${safeLevel(event)}/${leaf}`
  return {
    bridgeState: `${bridge}/state`,
    bridgeInfo: `${bridge}/info`,
    events: `${base}/events`,
    requests: `${bridge}/request/+`,
    requestName: topic => {
      const start = `${bridge}/request/`
      const name = topic.startsWith(start) ? topic.slice(start.length) : ''
      return REQUEST_NAME.test(name) ? name : null
    },
    request: name => `${bridge}/request/${name}`,
    response: request => `${bridge}/response/${request}`,
    health: `${bridge}/health`,
    threshold: event => `${bridge}/threshold/${safeLevel(event)}`,
    healthCheck: (name, subject) => `${bridge}/health/${safeLevel(name)}/${safeLevel(subject)}`,
    availability: camera => `${base}/${safeLevel(camera)}/availability`,
    status: camera => `${base}/${safeLevel(camera)}/status`,
    enabled: camera => `${base}/${safeLevel(camera)}/enabled`,
    state: (camera, event) => of(camera, event, 'state'),
    eventEnabled: (camera, event) => of(camera, event, 'enabled'),
    score: (camera, event) => of(camera, event, 'score'),
    calibration: (camera, event) => of(camera, event, 'calibration'),
    attributes: (camera, event) => of(camera, event, 'attributes'),
    snapshot: (camera, event) => of(camera, event, 'snapshot'),
    crop: (camera, event) => of(camera, event, 'crop'),
    retainedFilters: RETAINED_FILTERS.map(filter => `${base}/${filter}`),
    imagesOfState: topic =>
      topic.endsWith('/state') ? ['snapshot', 'crop'].map(image => topic.replace(/state$/, image)) : [],
  }
}

/** Below the prefix; without images and scores. */
const RETAINED_FILTERS = [
  '+/availability',
  '+/status',
  '+/enabled',
  '+/+/state',
  '+/+/attributes',
  '+/+/calibration',
  '+/+/enabled',
  'bridge/threshold/+',
  'bridge/health/+/+',
]

const REQUEST_NAME = /^[a-z0-9_-]{1,64}$/i

/** Level names that the tree itself uses. */
const RESERVED = new Set(['bridge', 'events'])

/**
 * A name as one topic level and as part of a Home Assistant id: letters, digits, `_` and `-`.
 * A name that had to be changed gets a short hash, so that two different names never share a topic.
 */
export function safeLevel(name: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(name) && !RESERVED.has(name)) return name
  const hash = Buffer.from(name).reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193), 0x811c9dc5) >>> 0
  return `${name.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 64)}-${hash.toString(16).padStart(8, '0')}`
}
