/** The one truth about the configuration: types, defaults, validation, JSON schema and docs come from here. */

import { z } from 'zod'
import { didYouMean } from '../util/didYouMean.ts'
import { hasAmbiguousLogin } from '../util/hasAmbiguousLogin.ts'
import { cameraSchema } from './cameras.ts'
import { eventSchema } from './events.ts'
import { ENCODE_LOGIN, hasReadableLogin } from './login.ts'
import { duration, path, size } from './units.ts'

const name = z
  .string()
  .max(100, 'Expected a name of at most 100 characters')
  .regex(/^[a-z0-9][a-z0-9_-]*$/i, 'Expected letters, digits, "_" and "-" only, beginning with a letter or digit')
  .refine(
    value => !['bridge', 'events'].includes(value),
    'Expected a name other than "bridge" and "events": MQTT topics use them',
  )

export const modelSchema = z
  .strictObject({
    name: z.string().min(1).default('demo').meta({
      format: 'model',
      description:
        'demo (bundled, knows only the demo’s world), a name from `watchword models list`, or a folder (`./clip`).',
    }),
    variant: z
      .string()
      .default('int8')
      .meta({ description: 'The variant that decides events: fp32, fp16, int8, int4, slim-50, … See docs/models.md.' }),
    shadow_variants: z
      .array(z.string())
      .default([])
      .meta({ description: 'Variants that run beside it on a share of the frames, only to be measured.' }),
    shadow_fraction: z.number().min(0).max(1).default(0.05).meta({ description: 'Share of batches the shadows see.' }),
    execution_provider: z.enum(['auto', 'cpu', 'cuda', 'tensorrt', 'coreml', 'dml']).default('auto').meta({
      description: 'onnxruntime execution provider; one that is not there falls back to the CPU with a warning.',
    }),
    max_batch_size: z
      .int()
      .min(1)
      .max(256)
      .default(8)
      .meta({ description: 'Largest batch. Higher: more throughput, later answers.' }),
    max_queue_delay: duration('100ms').meta({
      description: 'A batch leaves when its oldest frame has waited this long.',
    }),
    threads: z.int().min(0).max(64).default(0).meta({ description: 'onnxruntime threads; 0: as many as cores.' }),
    scoring: z.enum(['two-way', 'softmax']).default('two-way').meta({
      description:
        'two-way: each event against its contrast set. softmax: all events against each other, as in the original report.',
    }),
    background: z
      .array(z.string().min(1))
      .optional()
      .meta({ description: 'Contrast phrases shared by all events. Default: built in.' }),
    templates: z
      .array(z.string().includes('{}'))
      .optional()
      .meta({ description: 'Phrases are put into these at {}. Default: built in.' }),
  })
  .prefault({})
  .meta({ description: 'What looks at the pictures.' })

const EXPECTED_MQTT_URL = 'Expected a URL such as mqtt://host:1883 or mqtts://host:8883'
/** A broker's URL has no `@` but before its host. */
const ENCODE_MQTT_LOGIN = `Expected \`url\` to be an address such as mqtt://host:1883; ${ENCODE_LOGIN}`

export const mqttSchema = z.strictObject({
  url: z
    .url({
      protocol: /^(mqtts?|wss?|tcp|ssl)$/,
      error: ({ input }) => (hasAmbiguousLogin(String(input)) ? ENCODE_MQTT_LOGIN : EXPECTED_MQTT_URL),
      abort: true,
    })
    .refine(url => !hasAmbiguousLogin(url), { error: ENCODE_MQTT_LOGIN, abort: true })
    .refine(url => new URL(url).hostname !== '', {
      error: EXPECTED_MQTT_URL,
      abort: true,
    })
    .refine(hasReadableLogin, ENCODE_MQTT_LOGIN)
    .meta({ description: 'mqtt://host:1883, mqtts://host:8883 with TLS, ws:// or wss://.' }),
  username: z.string().optional().meta({ description: 'Default: none, or the one in the URL.' }),
  password: z
    .string()
    .optional()
    .meta({ description: 'Write it as a reference to the environment or to a file, never as it is.' }),
  client_id: z
    .string()
    .min(1)
    .default('watchword')
    .meta({ description: 'Two clients of one id throw each other out: another one for each Watchword on a broker.' }),
  topic_prefix: z
    .string()
    .regex(/^[^+#\0]+$/, 'Expected a topic without + and #')
    .default('watchword')
    .meta({ description: 'First part of every topic; another one for each Watchword on a broker.' }),
  protocol: z.enum(['auto', '5', '3.1.1']).default('auto').meta({ description: 'auto: MQTT 5, then 3.1.1.' }),
  tls: z
    .strictObject({
      ca: path().optional().meta({ description: 'Path of a CA certificate (PEM).' }),
      cert: path()
        .optional()
        .meta({ description: 'Path of a client certificate (PEM), where the broker asks for one.' }),
      key: path().optional().meta({ description: 'Path of its key (PEM).' }),
      insecure: z
        .boolean()
        .default(false)
        .meta({ description: 'true: the broker’s certificate is not checked. Said aloud at every start.' }),
    })
    .prefault({})
    .meta({ description: 'For mqtts:// and wss://.' }),
  discovery: z
    .strictObject({
      enabled: z.boolean().default(true).meta({ description: 'false: nothing is announced.' }),
      prefix: z
        .string()
        .regex(/^[^+#\0]+$/, 'Expected a topic without + and #')
        .default('homeassistant')
        .meta({ description: 'As it is set in Home Assistant. Its birth message is awaited at `<prefix>/status`.' }),
    })
    .prefault({})
    .meta({ description: 'Home Assistant device discovery.' }),
  snapshots: z.boolean().default(true).meta({ description: 'Publish a JPEG with each event.' }),
  outbox: z
    .strictObject({
      max_messages: z
        .int()
        .min(10)
        .default(10_000)
        .meta({ description: 'Changes that may wait. Higher: longer outages lose nothing; more to send afterwards.' }),
      max_bytes: size('50MB').meta({ description: 'Disk that they may take.' }),
      max_age: duration('7d').meta({ description: 'Older ones are worth nothing to anybody.' }),
      replay_per_second: z.number().gt(0).default(50).meta({ description: 'Late messages a second after an outage.' }),
    })
    .prefault({})
    .meta({
      description:
        'Events wait here on disk until the broker has acknowledged them. Beyond a bound the oldest are dropped, counted and logged.',
    }),
})

export const configSchema = z
  .strictObject({
    $schema: z.string().optional(),
    model: modelSchema,
    cameras: z.record(name, cameraSchema).meta({ description: 'Cameras by name.' }),
    events: z
      .record(name, eventSchema)
      .optional()
      .meta({ description: 'Events by name. Default: person_walking, vehicle_stopping, crowded_scene.' }),
    mqtt: mqttSchema
      .optional()
      .meta({ description: 'The broker. Absent: an embedded one on loopback, for trying out.' }),
    metrics: z
      .strictObject({
        enabled: z.boolean().default(true).meta({ description: 'false: nothing listens.' }),
        host: z
          .string()
          .default('127.0.0.1')
          .meta({ description: 'Address to listen on. 0.0.0.0: whoever reaches this machine may read.' }),
        port: z.int().min(0).max(65535).default(9464).meta({ description: '0: any free one, told at the start.' }),
      })
      .prefault({})
      .meta({ description: 'Prometheus endpoint with /metrics, /healthz and /readyz.' }),
    snapshots: z
      .strictObject({
        enabled: z.boolean().default(true).meta({ description: 'false: no picture is kept on disk.' }),
        dir: path().optional().meta({ description: 'Default: snapshots in the data directory.' }),
        long_side: z.int().min(64).max(7680).default(1280).meta({ description: 'Pixels of the longer side.' }),
        quality: z.int().min(2).max(31).default(4).meta({ description: 'ffmpeg -q:v: 2 is best, 31 smallest.' }),
        max_age: duration('14d').meta({ description: 'Older pictures are removed.' }),
        max_bytes: size('1GB').meta({ description: 'Beyond it the oldest pictures are removed.' }),
      })
      .prefault({})
      .meta({ description: 'The picture of every event, on disk.' }),
    journal: z
      .strictObject({
        enabled: z.boolean().default(true).meta({ description: 'false: no journal.' }),
        path: path().optional().meta({ description: 'Default: events.jsonl in the data directory.' }),
        max_bytes: size('50MB').meta({ description: 'A larger file becomes `….1`, and a new one begins.' }),
        keep: z.int().min(0).default(5).meta({ description: 'Old files that stay.' }),
      })
      .prefault({})
      .meta({ description: 'Every event change as a line of JSON.' }),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info').meta({
          description: 'error: something is lost or somebody must act. warn: unexpected. info: what was done.',
        }),
        format: z.enum(['auto', 'pretty', 'json']).default('auto').meta({
          description: 'auto: a live status on a terminal, plain lines elsewhere. json: a line of JSON each.',
        }),
      })
      .prefault({})
      .meta({ description: 'What is said on stderr.' }),
    ffmpeg: z
      .strictObject({
        path: path().optional().meta({ description: 'Default: FFMPEG_BIN, then PATH, then the npm-shipped one.' }),
        hwaccel: z
          .string()
          .optional()
          .meta({ description: '-hwaccel for every camera that has none of its own: auto, vaapi, cuda, …' }),
      })
      .prefault({})
      .meta({ description: 'The program that reads cameras and files.' }),
    data_dir: path().optional().meta({
      description:
        'Where models, caches, outbox and journal live: one for each Watchword. Default: $WATCHWORD_DATA, else the platform’s own place.',
    }),
  })
  .superRefine(({ cameras, events = {} }, context) => {
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message })
    if (Object.keys(cameras).length === 0) issue(['cameras'], 'Expected at least one camera')
    const known = Object.keys(events)
    for (const [camera, { events: watched = [] }] of Object.entries(cameras))
      for (const [index, event] of watched.entries()) {
        if (known.includes(event)) continue
        const message = `There is no event \`${event}\`; ${didYouMean(event, known, 'events')}`
        issue(['cameras', camera, 'events', index], message)
      }
  })
  // `prepare` leaves them out: with any other name a misspelt section would pass.
  .meta({
    patternProperties: { '^x-': { description: 'A block of your own, such as settings that YAML anchors share.' } },
  })

export type Config = z.output<typeof configSchema>
