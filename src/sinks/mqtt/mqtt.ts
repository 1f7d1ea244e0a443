/** The MQTT sink: publishes state retained and changes from the outbox, and answers requests. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Observable } from 'rxjs'
import type { CameraStatus, EventChange, Outcome, ScoredFrame, WatchEvent } from '../../types.ts'
import { type Redactor, redactDeep } from '../../util/redact.ts'
import { eventPayload, statusPayload } from '../payload.ts'
import type { Sink } from '../sink.ts'
import { clearRetained, createAnnouncer, type Watched } from './announcer.ts'
import { answerRequests, type RequestHandler } from './answerRequests.ts'
import { clearStaleRetained } from './clearStaleRetained.ts'
import type { Connection } from './connection.ts'
import { type BrokerOptions, connectionOptions } from './connectionOptions.ts'
import { startDelivery } from './delivery.ts'
import type { Details } from './discovery.ts'
import { listenForBirth } from './listenForBirth.ts'
import type { Outbox } from './outbox.ts'
import { createReconnectingClient, type ReconnectingClientOptions } from './reconnectingClient.ts'
import { createRetainedTopics } from './retainedTopics.ts'
import { createScorePublisher } from './scorePublisher.ts'
import { createStaleCleanup } from './staleCleanup.ts'
import { createTopics, type Topics } from './topics.ts'

export interface MqttOptions extends BrokerOptions {
  readonly topicPrefix: string
  readonly protocol: ReconnectingClientOptions['protocol']
  /** null: no Home Assistant discovery. */
  readonly discoveryPrefix: string | null
  /** Publish the JPEG that comes with a change. */
  readonly snapshots: boolean
  readonly replayPerSecond: number
  /** What is watched at the start; `declare` changes it. */
  readonly cameras: Watched
  /** Names, icons, switches and thresholds for them; without it they are shown by their names. */
  readonly details?: Details
  readonly version: string
  /** Page of the project, shown in Home Assistant. */
  readonly supportUrl?: string
  /** What `bridge/info` says besides version, cameras and events: variant, model sha256, … */
  readonly info: Readonly<Record<string, unknown>>
  readonly outbox: Outbox
  readonly redact: Redactor
  readonly onRequest: RequestHandler
}

export interface Mqtt {
  readonly topics: Topics
  readonly connected: boolean
  /** Takes the pipeline's outcomes; when they end, sends what it can in a few seconds, says `stopped` and disconnects. */
  readonly sink: Sink
  /** Other cameras or events are watched from now on, or shown or switched differently: their topics follow. */
  declare(watched: Watched, details?: Details): void
  /** Sends discovery and then all retained topics again, for a Home Assistant that has forgotten a device. */
  announceAgain(): void
  /** Publishes retained JSON, redacted; again on every connection. */
  publishState(topic: string, state: Readonly<Record<string, unknown>>): void
  /** Removes a retained topic from the broker. */
  clearRetained(topic: string): void
}

/** How long a stop waits for the broker, ms: for changes, which wait on disk otherwise, and for the last states. */
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
  const publishEvent = (event: WatchEvent) => {
    retained.set(topics.attributes(event.camera, event.event), JSON.stringify(eventPayload(event)))
    retained.set(topics.state(event.camera, event.event), event.endTime === null ? 'ON' : 'OFF')
  }
  // The config may have changed since: an event that is no longer watched gets no topics.
  for (const event of outbox.interrupted) if (announcer.knows(event.camera, event.event)) publishEvent(event)

  const delivery = startDelivery({ ...options, topic: topics.events })
  if (options.tls.insecure) telemetry.emit({ type: 'MqttUnverified', url: redact(options.url) })
  const cleanUp = createStaleCleanup(telemetry, connection =>
    clearStaleRetained(connection, { ...options, topics, retained, announcer }),
  )
  const client = createReconnectingClient({
    ...(await connectionOptions(options, topics.bridgeState)),
    protocol: options.protocol,
    onConnected: connection => {
      void cleanUp(connection)
      retained.connect(connection)
      delivery.connect(connection)
      // A connection that ends before it has subscribed is followed by another one.
      void answerRequests(connection, { ...options, topics }).catch(() => undefined)
      void listenForBirth(connection, { ...options, onBirth: announceAgain }).catch(() => undefined)
    },
  })
  const onScores = createScorePublisher({ topics, knows: announcer.knows, connection: () => client.connection })
  const onChange = async (change: EventChange) => {
    const { camera, event } = change.after
    // The last change of an event that a reload has taken away goes out, but leaves no topic behind.
    if (announcer.knows(camera, event)) {
      if (change.snapshot !== null && options.snapshots)
        retained.set(topics.snapshot(camera, event), change.snapshot, { keep: false })
      publishEvent(change.after)
    }
    await outbox.put(change)
  }
  const cameras = new Set<string>()
  const onStatus = (status: CameraStatus) => {
    if (!announcer.knows(status.camera)) return
    cameras.add(status.camera)
    retained.set(topics.availability(status.camera), status.state === 'online' ? 'online' : 'offline')
    publishState(topics.status(status.camera), statusPayload(status))
  }
  const beforeClose = async (connection: Connection) => {
    for (const camera of cameras) if (announcer.knows(camera)) retained.set(topics.availability(camera), 'offline')
    await delivery.flush(FLUSH_MS)
    const lastStates = retained.flush().then(() => connection.publish(topics.bridgeState, 'stopped', { retain: true }))
    await Promise.race([lastStates, sleep(LAST_STATES_MS, undefined, { ref: false })])
  }
  return {
    topics,
    declare: announcer.declare,
    announceAgain,
    publishState,
    clearRetained: topic => clearRetained(retained, topic),
    get connected() {
      return client.connection !== null
    },
    sink: async outcomes$ => {
      await consume(outcomes$, { onChange, onStatus, onScores })
      await client.close(beforeClose)
      delivery.close()
    },
  }
}

interface OutcomeHandlers {
  readonly onChange: (change: EventChange) => Promise<void>
  readonly onStatus: (status: CameraStatus) => void
  readonly onScores: (frame: ScoredFrame) => void
}

/** Resolves when the outcomes have ended and every change is in the outbox. */
async function consume(
  outcomes$: Observable<Outcome>,
  { onChange, onStatus, onScores }: OutcomeHandlers,
): Promise<void> {
  const stored = new Set<Promise<void>>()
  await new Promise<void>(resolve => {
    outcomes$.subscribe({
      next: outcome => {
        if (outcome.kind === 'status') onStatus(outcome)
        if (outcome.kind === 'frame') onScores(outcome)
        if (outcome.kind !== 'event') return
        const storing = onChange(outcome).finally(() => stored.delete(storing))
        stored.add(storing)
      },
      // Others report why the pipeline failed; what came before is still sent.
      error: () => resolve(),
      complete: resolve,
    })
  })
  await Promise.all(stored)
}
