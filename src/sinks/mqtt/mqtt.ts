/** The MQTT sink: publishes retained state, publishes event changes from the outbox, and answers requests. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { CalibrationState } from '../../scoringTypes.ts'
import type { CameraStatus, EventChange, WatchEvent } from '../../types.ts'
import { type Redactor, redactDeep } from '../../util/redactor.ts'
import type { ImagesOf } from '../createEventImages.ts'
import { eventPayload, statusPayload } from '../eventPayload.ts'
import type { Sink } from '../sink.ts'
import { type Announcer, clearRetained, createAnnouncer, type Watched } from './announcer.ts'
import { answerRequests, type RequestHandler } from './answerRequests.ts'
import { cleanUpOnConnect } from './cleanUpOnConnect.ts'
import { clearStaleRetained } from './clearStaleRetained.ts'
import type { Connection } from './connection.ts'
import { type BrokerOptions, connectionOptions } from './connectionOptions.ts'
import { consumeOutcomes } from './consumeOutcomes.ts'
import { createImagePublisher } from './createImagePublisher.ts'
import { createScorePublisher } from './createScorePublisher.ts'
import { startDelivery } from './delivery.ts'
import type { Details } from './discoveryDevice.ts'
import { listenForBirth } from './listenForBirth.ts'
import type { Outbox } from './outbox.ts'
import { createReconnectingClient, type ReconnectingClientOptions } from './reconnectingClient.ts'
import { createRetainedTopics, type RetainedTopics } from './retainedTopics.ts'
import { createTopics, type Topics } from './topics.ts'

export interface MqttOptions extends BrokerOptions {
  readonly topicPrefix: string
  readonly protocol: ReconnectingClientOptions['protocol']
  /** null: no Home Assistant discovery. */
  readonly discoveryPrefix: string | null
  /** Publish the images that come with a change. */
  readonly snapshots: boolean
  /** Draws them. Default: the snapshot without a box, and no crop. */
  readonly imagesOf?: ImagesOf
  readonly replayPerSecond: number
  /** Cameras and their events at the start; `declare` changes them. */
  readonly cameras: Watched
  /** Their display names, icons, switches and thresholds. Without it, the names of the config are shown. */
  readonly details?: Details
  readonly version: string
  /** Page of the project, shown in Home Assistant. */
  readonly supportUrl?: string
  /** Further fields of `bridge/info` beside version, cameras and events: variant, model sha256, … */
  readonly info: Readonly<Record<string, unknown>>
  readonly outbox: Outbox
  readonly redact: Redactor
  readonly onRequest: RequestHandler
}

export interface Mqtt {
  readonly topics: Topics
  readonly connected: boolean
  /** Consumes the pipeline's outcomes. At their end it flushes for a few seconds, publishes `stopped` and disconnects. */
  readonly sink: Sink
  /** Replaces the cameras and events, and how they are shown or switched; their topics follow. */
  declare(watched: Watched, details?: Details): void
  /** Sends discovery and then all retained topics again, for a Home Assistant that has forgotten a device. */
  announceAgain(): void
  /** Publishes redacted JSON, retained, on this and every later connection. */
  publishState(topic: string, state: Readonly<Record<string, unknown>>): void
  /** Publishes what decides an event's scores on a camera, retained. */
  publishCalibration(calibration: EventCalibration): void
  /** Removes a retained topic from the broker. */
  clearRetained(topic: string): void
}

export interface EventCalibration {
  readonly camera: string
  readonly event: string
  readonly state: CalibrationState
}

/** How long a stop waits for the broker, ms: for changes (the rest stays on disk), and for the last states. */
const FLUSH_MS = 2500
const LAST_STATES_MS = 1500

/** Connects in the background. @throws WatchwordError `mqtt-tls-file` */
export async function createMqtt(options: MqttOptions): Promise<Mqtt> {
  const { outbox, telemetry, redact } = options
  const topics = createTopics(options.topicPrefix)
  const retained = createRetainedTopics(topics.bridgeState)
  const publishState = (topic: string, state: Readonly<Record<string, unknown>>) =>
    retained.set(topic, JSON.stringify(redactDeep(state, redact)))

  const announcer = createAnnouncer({
    ...options,
    topics,
    retained,
    publishInfo: info => publishState(topics.bridgeInfo, { ...info, ...options.info }),
  })
  retained.set(topics.bridgeState, 'online')
  announcer.declare(options.cameras, options.details)
  const announceAgain = () => retained.resend(topic => announcer.announces(topic))
  const states = createStatePublisher({ ...options, topics, retained, announcer, publishState })
  for (const event of outbox.interrupted) states.publishEvent(event)
  const images = createImagePublisher({ imagesOf: withoutDrawing, ...options, topics, retained, announcer })

  const delivery = startDelivery({ ...options, topic: topics.events })
  if (options.tls.insecure) telemetry.emit({ type: 'MqttUnverified', url: redact(options.url) })
  const cleanUp = cleanUpOnConnect(telemetry, connection =>
    clearStaleRetained(connection, { ...options, topics, retained, announcer }),
  )
  const client = createReconnectingClient({
    ...(await connectionOptions(options, topics.bridgeState)),
    protocol: options.protocol,
    onConnected: connection => {
      void cleanUp(connection)
      retained.connect(connection)
      delivery.connect(connection)
      // If the connection ends before the subscriptions, the next connection subscribes.
      void answerRequests(connection, { ...options, topics }).catch(() => undefined)
      void listenForBirth(connection, { ...options, onBirth: announceAgain }).catch(() => undefined)
    },
  })
  const onScores = createScorePublisher({ topics, knows: announcer.knows, connection: () => client.connection })
  const onChange = async (change: EventChange) => {
    if (options.snapshots) images.publish(change)
    states.publishEvent(change.after)
    await outbox.put(change)
  }
  const beforeClose = async (connection: Connection) => {
    states.publishOffline()
    await Promise.all([delivery.flush(FLUSH_MS), images.flush(FLUSH_MS)])
    const lastStates = retained.flush().then(() => connection.publish(topics.bridgeState, 'stopped', { retain: true }))
    await Promise.race([lastStates, sleep(LAST_STATES_MS, undefined, { ref: false })])
  }
  return {
    topics,
    declare: announcer.declare,
    announceAgain,
    publishState,
    publishCalibration: ({ camera, event, state }) => {
      if (announcer.knows(camera, event)) retained.set(topics.calibration(camera, event), state)
    },
    clearRetained: topic => clearRetained(retained, topic),
    get connected() {
      return client.connection !== null
    },
    sink: async outcomes$ => {
      await consumeOutcomes(outcomes$, { onChange, onStatus: states.publishStatus, onScores })
      await client.close(beforeClose)
      delivery.close()
    },
  }
}

const withoutDrawing: ImagesOf = async ({ snapshot }) => ({ snapshot, crop: null })

interface StatePublisherOptions extends Pick<Mqtt, 'topics' | 'publishState'> {
  readonly retained: RetainedTopics
  readonly announcer: Announcer
}

/** Publishes the retained states of cameras and events. A camera or event that the config no longer has gets no topics. */
function createStatePublisher({ topics, publishState, retained, announcer }: StatePublisherOptions) {
  const cameras = new Set<string>()
  const publishEvent = (event: WatchEvent) => {
    if (!announcer.knows(event.camera, event.event)) return
    retained.set(topics.attributes(event.camera, event.event), JSON.stringify(eventPayload(event)))
    retained.set(topics.state(event.camera, event.event), event.endTime === null ? 'ON' : 'OFF')
  }
  return {
    publishEvent,
    publishStatus: (status: CameraStatus) => {
      if (!announcer.knows(status.camera)) return
      cameras.add(status.camera)
      retained.set(topics.availability(status.camera), status.state === 'online' ? 'online' : 'offline')
      publishState(topics.status(status.camera), statusPayload(status))
    },
    publishOffline: () => {
      for (const camera of cameras) if (announcer.knows(camera)) retained.set(topics.availability(camera), 'offline')
    },
  }
}
