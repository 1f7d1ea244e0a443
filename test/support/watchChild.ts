/**
 * A process to be killed: event after event through journal, outbox and MQTT, as `watchword run` does.
 * Arguments: folder, url of the broker, name of the run, `idle` for no events. Ends on SIGTERM.
 */

import { Subject } from 'rxjs'
import { createMqtt } from '../../src/sinks/mqtt/mqtt.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import type { Outcome } from '../../src/types.ts'
import { change } from './change.ts'
import { status } from './frames.ts'
import { MQTT_OPTIONS } from './mqttOptions.ts'
import { say } from './say.ts'
import { openStore } from './store.ts'

const [, , dir = '', url = '', run = '', mode = ''] = process.argv
const telemetry = {
  emit: (internalEvent: InternalEvent) => {
    if (internalEvent.type === 'MqttConnected') say('connected')
    if (internalEvent.type === 'OutboxChanged') say('waiting', internalEvent.messages)
  },
}
const { journal, outbox } = await openStore(dir, telemetry)
const mqtt = await createMqtt({
  ...MQTT_OPTIONS,
  url,
  clientId: 'watch-child',
  replayPerSecond: 500,
  outbox,
  telemetry,
})
const outcomes$ = new Subject<Outcome>()
const done = mqtt.sink(outcomes$)

/** Changes so far. Every fourth begins an event; half an event apart, so that one is open at any time. */
const steps = { front: 0, yard: 0 }
const step = (camera: 'front' | 'yard') => {
  const seq = steps[camera] % 4
  const id = `${run}-${camera}-${Math.floor(steps[camera] / 4)}`
  outcomes$.next(change(seq === 0 ? 'new' : seq === 3 ? 'end' : 'update', id, seq, { camera }))
  steps[camera]++
}
for (const camera of ['front', 'yard']) outcomes$.next(status(camera, 0, 'online'))
const timer = setInterval(() => {
  if (mode === 'idle') return
  step('front')
  if (steps.front > 2) step('yard')
}, 25)
process.once('SIGTERM', () => {
  clearInterval(timer)
  // What is open ends, as `detect` does at a stop.
  for (const camera of ['front', 'yard'] as const) while (steps[camera] % 4 !== 0) step(camera)
  outcomes$.complete()
  void done
    .then(() => outbox.close())
    .then(() => journal.close())
    .then(() => say('done'))
})
