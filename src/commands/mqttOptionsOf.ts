/** Translates the `mqtt` section of the config into options of the MQTT sink. */

import type { LoadedConfig } from '../config/loadConfig.ts'

type Config = LoadedConfig['config']

export function mqttOptionsOf(mqtt: NonNullable<Config['mqtt']>) {
  const { url, username, password, client_id, topic_prefix, protocol, tls, discovery, snapshots, outbox } = mqtt
  return {
    url,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    clientId: client_id,
    topicPrefix: topic_prefix,
    protocol,
    tls: {
      ...(tls.ca !== undefined && { ca: tls.ca }),
      ...(tls.cert !== undefined && { cert: tls.cert }),
      ...(tls.key !== undefined && { key: tls.key }),
      insecure: tls.insecure,
    },
    discoveryPrefix: discovery.enabled ? discovery.prefix : null,
    snapshots,
    replayPerSecond: outbox.replay_per_second,
  }
}
