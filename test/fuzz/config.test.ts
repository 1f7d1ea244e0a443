/** Mistyped, cut or spliced configs: a valid config or one clear error, never a crash or a hang. */

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { WatchwordError } from '../../src/util/errors.ts'
import { createRandom } from '../../src/util/random.ts'
import { mutateText } from '../support/mutate.ts'
import { soak } from '../support/soak.ts'

const FOLDER = new URL('../../config/', import.meta.url)
/** The examples refer to it. */
const ENVIRONMENT = { CAMERA_PASSWORD: 'secret', MQTT_PASSWORD: 'secret' }
const HOME = `
model: { name: demo, variant: int8, max_batch_size: 8, max_queue_delay: 100ms }
cameras:
  front: { url: rtsp://me:secret@10.0.0.5/live, fps: 2, events: [parcel, lit], motion: { threshold: 0.01 } }
  yard:
    url: demo:street?lighting=night
    stall_timeout: 5s
    frozen_after: 1m
    zones: { gate: [[0.1, 0.1], [0.45, 0.1], [0.45, 0.5]], path: [[0, 0.5], [1, 0.5], [1, 1], [0, 1]] }
    masks: [[[0.5, 0], [1, 0], [1, 0.3]], [[0, 0], [0.05, 0], [0.05, 0.4]]]
    detail: 720
    crops: 3
    event_zones: { lit: [path] }
events:
  van: { use: delivery_van, zones: [gate], overlap: 0.5 }
  parcel: { use: parcel_delivery, threshold: 0.7, release_threshold: 0.4 }
  lit: { prompts: [a lit window], negative_prompts: [a dark window], rule: loiters }
mqtt: { url: mqtt://broker:1883, username: me, password: secret, outbox: { max_bytes: 10MB, max_age: 2d } }
metrics: { host: 127.0.0.1, port: 9464 }
snapshots: { long_side: 640, quality: 5 }
`

test('thousands of damaged configs', { timeout: 300_000 }, () => {
  const library = readLibrary()
  const examples = readdirSync(FOLDER).filter(name => name.endsWith('.yaml'))
  const originals = [HOME, ...examples.map(name => readFileSync(new URL(name, FOLDER), 'utf8'))]
  // A damaged config that was wrong before is refused for that, whatever else is wrong.
  const configs = originals.filter(text => text.includes('cameras:'))
  expect(configs.length).toBeGreaterThan(2)
  for (const text of configs) parseConfig(text, 'home.yaml', { library, env: ENVIRONMENT })
  const random = createRandom('config')
  const answers = { valid: 0, refused: 0 }
  for (let i = soak({ fast: 2000, long: 10_000 }); i > 0; i--) {
    const text = mutateText(random.pick(originals), random)
    try {
      const { config } = parseConfig(text, 'home.yaml', { library, env: ENVIRONMENT })
      expect(Object.keys(config.cameras).length, text).toBeGreaterThan(0)
      answers.valid++
    } catch (error) {
      expect(error, text).toBeInstanceOf(WatchwordError)
      expect((error as WatchwordError).code).toBe('config-invalid')
      for (const line of (error as WatchwordError).message.split('\n')) expect(line, text).toMatch(/^home\.yaml/)
      answers.refused++
    }
  }
  expect(Math.min(answers.valid, answers.refused)).toBeGreaterThan(100)
  expect(Object.prototype).not.toHaveProperty('x')
})
