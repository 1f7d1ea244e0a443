/** The part of the schema that describes the MQTT broker: address, login, topics, discovery, outbox. */

import { z } from 'zod'
import { hasAmbiguousLogin } from '../util/hasAmbiguousLogin.ts'
import { ENCODE_LOGIN, hasReadableLogin } from './hasReadableLogin.ts'
import { duration, path, size } from './units.ts'

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
