/** The schema of the configuration. Types, defaults, validation, JSON schema and docs/config.md come from it. */

import { z } from 'zod'
import { didYouMean } from '../util/didYouMean.ts'
import { hasAmbiguousLogin } from '../util/hasAmbiguousLogin.ts'
import { cameraSchema } from './cameraSchema.ts'
import { eventSchema } from './eventSchema.ts'
import { ENCODE_LOGIN, hasReadableLogin } from './hasReadableLogin.ts'
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
        'demo (bundled, trained on the demo’s scenes only), a name from `watchword models list`, or a folder (`./clip`).',
    }),
    variant: z.string().default('int8').meta({
      description:
        'The variant that decides events: fp32, fp16, int8, int4, slim-50, … Smaller number formats are faster and less exact. See docs/models.md.',
    }),
    shadow_variants: z.array(z.string()).default([]).meta({
      description:
        'Variants that run on a fraction of the batches to be compared with `variant`; they decide nothing. More variants: more work.',
    }),
    shadow_fraction: z.number().min(0).max(1).default(0.05).meta({
      description:
        'Fraction of batches that the shadow variants encode too. Higher: figures settle sooner, at the cost of more work.',
    }),
    execution_provider: z.enum(['auto', 'cpu', 'cuda', 'tensorrt', 'coreml', 'dml']).default('auto').meta({
      description: 'onnxruntime execution provider. One that is not available falls back to the CPU with a warning.',
    }),
    max_batch_size: z.int().min(1).max(256).default(8).meta({
      description:
        'Most frames in one inference. Higher: more throughput, later results. Lower: earlier results, more work per frame.',
    }),
    max_queue_delay: duration('100ms').meta({
      description:
        'A batch is encoded when its oldest frame has waited this long. Longer: fuller batches, later results.',
    }),
    threads: z.int().min(0).max(64).default(0).meta({
      description:
        'onnxruntime threads; 0: one for each core. More: faster inference, less CPU for ffmpeg and other programs.',
    }),
    scoring: z.enum(['two-way', 'softmax']).default('two-way').meta({
      description:
        'two-way: each event is compared with its contrast set. softmax: all events are compared with each other, so that some event has a high score in every frame; for comparisons.',
    }),
    background: z.array(z.string().min(1)).optional().meta({
      description:
        'Contrast phrases that all events share. More: fewer false alarms, lower scores. Default: built-in phrases.',
    }),
    templates: z.array(z.string().includes('{}')).optional().meta({
      description:
        'Sentences with {} where a phrase is inserted. More: steadier scores, a slower start. Default: built-in templates.',
    }),
  })
  .prefault({})
  .meta({ description: 'The CLIP model that encodes images and phrases.' })

const EXPECTED_MQTT_URL = 'Expected a URL such as mqtt://host:1883 or mqtts://host:8883'
/** In a broker URL an `@` can only stand before the host. */
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
    .meta({ description: 'mqtt://host:1883, mqtts://host:8883 (TLS), ws:// or wss://.' }),
  username: z.string().optional().meta({ description: 'Default: none, or the one in the URL.' }),
  password: z.string().optional().meta({
    description:
      'Write a reference to the environment or to a file (`${MQTT_PASSWORD}`, `${file:…}`), never the password itself.',
  }),
  client_id: z.string().min(1).default('watchword').meta({
    description:
      'Client id. The broker disconnects one of two clients with the same id, so each Watchword on a broker needs its own.',
  }),
  topic_prefix: z
    .string()
    .regex(/^[^+#\0]+$/, 'Expected a topic without + and #')
    .default('watchword')
    .meta({ description: 'First part of every topic. Each Watchword on a broker needs its own.' }),
  protocol: z
    .enum(['auto', '5', '3.1.1'])
    .default('auto')
    .meta({ description: 'MQTT version. auto: 5, and 3.1.1 if the broker refuses 5.' }),
  tls: z
    .strictObject({
      ca: path().optional().meta({ description: 'Path of a CA certificate (PEM).' }),
      cert: path().optional().meta({ description: 'Path of a client certificate (PEM), if the broker requires one.' }),
      key: path().optional().meta({ description: 'Path of the key of the client certificate (PEM).' }),
      insecure: z.boolean().default(false).meta({
        description:
          'true: the broker’s certificate is not verified, so that a machine in between can read and change messages. Each start logs a warning.',
      }),
    })
    .prefault({})
    .meta({ description: 'TLS settings for mqtts:// and wss://.' }),
  discovery: z
    .strictObject({
      enabled: z.boolean().default(true).meta({ description: 'false: no discovery messages are published.' }),
      prefix: z
        .string()
        .regex(/^[^+#\0]+$/, 'Expected a topic without + and #')
        .default('homeassistant')
        .meta({
          description:
            'Discovery prefix, as set in Home Assistant. Watchword subscribes to its birth message at `<prefix>/status`.',
        }),
    })
    .prefault({})
    .meta({ description: 'Home Assistant device discovery.' }),
  snapshots: z
    .boolean()
    .default(true)
    .meta({ description: 'true: a JPEG is published with each event. false: less traffic.' }),
  outbox: z
    .strictObject({
      max_messages: z.int().min(10).default(10_000).meta({
        description:
          'Most event changes that may wait. Higher: longer outages without loss, more disk and more to send afterwards.',
      }),
      max_bytes: size('50MB').meta({
        description: 'Most disk space of the outbox. Higher: longer outages without loss. Lower: less disk.',
      }),
      max_age: duration('7d').meta({
        description:
          'Older changes are dropped. Longer: late events still arrive. Shorter: less to send after an outage.',
      }),
      replay_per_second: z.number().gt(0).default(50).meta({
        description:
          'Waiting messages sent per second after an outage. Higher: the broker is up to date sooner, under more load.',
      }),
    })
    .prefault({})
    .meta({
      description:
        'Events wait on disk until the broker has acknowledged them. Beyond a limit the oldest are dropped, counted and logged.',
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
      .meta({ description: 'The MQTT broker. Default: an embedded broker on loopback, for a first try.' }),
    metrics: z
      .strictObject({
        enabled: z.boolean().default(true).meta({ description: 'false: no port is opened.' }),
        host: z
          .string()
          .default('127.0.0.1')
          .meta({ description: 'Address to listen on. 0.0.0.0: every machine in the network can read the metrics.' }),
        port: z
          .int()
          .min(0)
          .max(65535)
          .default(9464)
          .meta({ description: 'Port to listen on. 0: any free port; the log names it at the start.' }),
      })
      .prefault({})
      .meta({ description: 'Prometheus endpoint with /metrics, /healthz and /readyz.' }),
    snapshots: z
      .strictObject({
        enabled: z.boolean().default(true).meta({ description: 'false: no snapshot is stored on disk.' }),
        dir: path()
          .optional()
          .meta({ description: 'Folder of the snapshots. Default: `snapshots` in the data directory.' }),
        long_side: z.int().min(64).max(7680).default(1280).meta({
          description:
            'Longer side in pixels; smaller images are not enlarged. Higher: more detail, more disk and CPU.',
        }),
        quality: z.int().min(2).max(31).default(4).meta({
          description: 'JPEG quality, ffmpeg’s -q:v from 2 (best) to 31. Higher: smaller files, worse images.',
        }),
        max_age: duration('14d').meta({ description: 'Older snapshots are removed. Longer: more disk.' }),
        max_bytes: size('1GB').meta({
          description: 'Most disk space; beyond it the oldest snapshots are removed. Higher: a longer history.',
        }),
      })
      .prefault({})
      .meta({ description: 'Stores a JPEG of every event on disk.' }),
    journal: z
      .strictObject({
        enabled: z.boolean().default(true).meta({ description: 'false: no journal is written.' }),
        path: path()
          .optional()
          .meta({ description: 'File of the journal. Default: `events.jsonl` in the data directory.' }),
        max_bytes: size('50MB').meta({
          description: 'A larger file is renamed to `….1` and a new one begins. Higher: a longer history, more disk.',
        }),
        keep: z
          .int()
          .min(0)
          .default(5)
          .meta({ description: 'Number of old files that are kept. Higher: a longer history, more disk.' }),
      })
      .prefault({})
      .meta({ description: 'Writes every event change as one line of JSON.' }),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error']).default('info').meta({
          description:
            'Least severe level that is logged. error: something was lost, or you must act. warn: unexpected, nothing lost. info: an action finished. debug: for developers.',
        }),
        format: z.enum(['auto', 'pretty', 'json']).default('auto').meta({
          description:
            'auto: a live status on a terminal, plain lines elsewhere. pretty: plain lines. json: one JSON object per line.',
        }),
      })
      .prefault({})
      .meta({ description: 'The log on stderr.' }),
    ffmpeg: z
      .strictObject({
        path: path().optional().meta({
          description: 'Path of ffmpeg. Default: FFMPEG_BIN, then PATH, then the ffmpeg of the npm packages.',
        }),
        hwaccel: z
          .string()
          .optional()
          .meta({ description: 'ffmpeg’s -hwaccel for every camera without its own `hwaccel`: auto, vaapi, cuda, …' }),
      })
      .prefault({})
      .meta({ description: 'The program that decodes cameras and files.' }),
    data_dir: path().optional().meta({
      description:
        'Folder for models, caches, outbox and journal; each Watchword needs its own. Default: $WATCHWORD_DATA, else the usual folder of the platform.',
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
  // `prepare` removes these keys. Any other unknown key is an error, so that a misspelt section does not pass.
  .meta({
    patternProperties: { '^x-': { description: 'A section of your own, such as settings that YAML anchors share.' } },
  })

export type Config = z.output<typeof configSchema>
