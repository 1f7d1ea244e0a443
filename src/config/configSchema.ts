/** The schema of the configuration. Types, defaults, validation, JSON schema and docs/config.md come from it. */

import { z } from 'zod'
import { cameraSchema } from './cameraSchema.ts'
import { eventSchema } from './eventSchema.ts'
import { mqttSchema } from './mqttSchema.ts'
import { nameSchema } from './nameSchema.ts'
import { referenceProblems } from './referenceProblems.ts'
import { duration, path, size } from './units.ts'

const name = nameSchema.refine(
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
    templates: z.array(z.string().includes('{}')).min(1).optional().meta({
      description:
        'Sentences with {} where a phrase is inserted. More: steadier scores, a slower start. Default: built-in templates.',
    }),
  })
  .prefault({})
  .meta({ description: 'The CLIP model that encodes images and phrases.' })

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
    history: z
      .strictObject({
        enabled: z.boolean().default(true).meta({
          description:
            'false: nothing is stored from now on, and `search`, `try`, `trial` and `explain` know only what was stored before. To delete that: the folder `history` in the data directory.',
        }),
        max_age: duration('7d').meta({
          description: 'Older history is removed, an eighth of this time or a day at once. Longer: more disk.',
        }),
        max_bytes: size('2GB').meta({
          description:
            'Most disk space of all cameras together; beyond it the oldest history is removed. Higher: a longer history.',
        }),
        thumbnails: z.boolean().default(true).meta({
          description:
            'Stores a small JPEG of views that show something new, at most one in two seconds a camera. false: less disk and CPU, results without pictures.',
        }),
      })
      .prefault({})
      .meta({ description: 'Stores what the model saw (vectors, not video), so that the past can be searched.' }),
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
        'Folder for models, caches, banks, history, outbox, journal and snapshots; each Watchword needs its own. Default: $WATCHWORD_DATA, else the usual folder of the platform.',
    }),
  })
  .superRefine(({ cameras, events = {} }, context) => {
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message })
    if (Object.keys(cameras).length === 0) issue(['cameras'], 'Expected at least one camera')
    for (const { path, message } of referenceProblems({ cameras, events })) issue(path, message)
  })
  // `prepare` removes these keys. Any other unknown key is an error, so that a misspelt section does not pass.
  .meta({
    patternProperties: { '^x-': { description: 'A section of your own, such as settings that YAML anchors share.' } },
  })

export type Config = z.output<typeof configSchema>
