/** The sinks of a run. A new sink is one line here. */

import { join } from 'node:path'
import type { Observable } from 'rxjs'
import type { LoadedConfig } from '../../config/loadConfig.ts'
import { createEventImages } from '../../sinks/createEventImages.ts'
import { createSnapshots } from '../../sinks/createSnapshots.ts'
import { drawWhere } from '../../sinks/drawWhere.ts'
import { openJournal } from '../../sinks/journal.ts'
import type { RequestHandler } from '../../sinks/mqtt/answerRequests.ts'
import type { Details } from '../../sinks/mqtt/discoveryDevice.ts'
import { createMqtt, type Mqtt } from '../../sinks/mqtt/mqtt.ts'
import { openOutbox } from '../../sinks/mqtt/outbox.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import type { Outcome } from '../../types.ts'
import type { Disposables } from '../../util/disposables.ts'
import type { Redactor } from '../../util/redactor.ts'
import { mqttOptionsOf } from '../mqttOptionsOf.ts'
import { packageHomepage } from '../packageVersion.ts'
import { watchedOf } from '../watchStateOf.ts'

type Config = LoadedConfig['config']

export interface SinkParts {
  readonly config: Config & { readonly mqtt: NonNullable<Config['mqtt']> }
  readonly dataDir: string
  readonly ffmpegPath: string
  readonly telemetry: Telemetry
  readonly redact: Redactor
  readonly version: string
  readonly info: Readonly<Record<string, unknown>>
  /** How cameras and events are shown at the start. */
  readonly details: Details
  readonly onRequest: RequestHandler
  /** Shows outcomes on the terminal. */
  readonly terminal: Sink
  /** Keeps the numbers of events for `explain`; null: the config switches history off. */
  readonly traces: Sink | null
  readonly disposables: Disposables
}

export interface Sinks {
  readonly mqtt: Mqtt
  /** Resolves when the outcomes have ended and every sink is flushed. */
  take(outcomes$: Observable<Outcome>): Promise<void>
}

export async function openSinks(parts: SinkParts): Promise<Sinks> {
  const { config, dataDir, telemetry, disposables } = parts
  const journal = config.journal.enabled
    ? openJournal({
        path: config.journal.path ?? join(dataDir, 'events.jsonl'),
        maxBytes: config.journal.max_bytes,
        keep: config.journal.keep,
        telemetry,
      })
    : null
  if (journal) disposables.add('journal', () => journal.close())

  const bounds = config.mqtt.outbox
  const outbox = await openOutbox({
    path: join(dataDir, 'outbox.log'),
    maxMessages: bounds.max_messages,
    maxBytes: bounds.max_bytes,
    maxAgeMs: bounds.max_age,
    telemetry,
    // The journal gets each stored change before it is published: no published event is missing from it.
    ...(journal && { record: (change, at) => journal.record(change, at) }),
  })
  disposables.add('outbox', () => outbox.close())

  const { quality } = config.snapshots
  const { imagesOf, close } = createEventImages({
    draw: (input, signal) => drawWhere(input, { ffmpegPath: parts.ffmpegPath, quality, signal }),
    telemetry,
  })
  disposables.add('event images', close)

  const mqtt = await createMqtt({
    ...mqttOptionsOf(config.mqtt),
    cameras: watchedOf(config),
    details: parts.details,
    version: parts.version,
    ...packageHomepage(),
    info: parts.info,
    telemetry,
    redact: parts.redact,
    onRequest: parts.onRequest,
    outbox,
    imagesOf,
  })
  const sinks: Sink[] = [mqtt.sink, parts.terminal, ...(parts.traces ? [parts.traces] : [])]
  if (config.snapshots.enabled) {
    const { dir = join(dataDir, 'snapshots'), max_age: maxAgeMs, max_bytes: maxBytes } = config.snapshots
    sinks.push(createSnapshots({ dir, maxAgeMs, maxBytes, telemetry, imagesOf }))
  }
  return {
    mqtt,
    take: async outcomes$ => {
      await Promise.all(sinks.map(sink => sink(outcomes$)))
    },
  }
}
