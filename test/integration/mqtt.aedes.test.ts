/** The MQTT sink against aedes, which speaks 3.1.1 only. */

import { createServer, type Server } from 'node:net'
import { Aedes, type AedesOptions } from 'aedes'
import { describe, expect, it } from 'vitest'
import { change } from '../support/change.ts'
import { useMqtt } from '../support/mqttHarness.ts'
import { until } from '../support/until.ts'

const { undo, start } = useMqtt()

describe('mqtt with aedes', () => {
  async function aedes(options: AedesOptions = {}): Promise<string> {
    const broker = await Aedes.createBroker(options)
    const server: Server = createServer(broker.handle)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    undo.push(async () => {
      await new Promise<void>(resolve => broker.close(() => resolve()))
      server.close()
    })
    const address = server.address()
    return `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }

  it('falls back to MQTT 3.1.1', async () => {
    const { outcomes$, telemetry } = await start(await aedes())
    outcomes$.next(change('new', 'a', 0))
    await until(() => telemetry.of('EventDelivered').length === 1, 'the change was delivered')
    expect(telemetry.of('MqttConnected')[0]?.protocol).toBe(4)
  })

  it('reports that it may not subscribe to requests', async () => {
    // null: SUBACK with a failure.
    const url = await aedes({
      authorizeSubscribe: (_, { topic }, done) => done(null, /request/.test(topic) ? null : { topic, qos: 1 }),
    })
    const { telemetry, mqtt } = await start(url)
    await until(() => telemetry.of('MqttRefused').length > 0, 'it was reported')
    expect(telemetry.of('MqttRefused')).toEqual([
      {
        type: 'MqttRefused',
        refusal: 'refused',
        topic: 'watchword/bridge/request/+',
        error: expect.stringMatching(/./),
      },
    ])
    expect(mqtt.connected).toBe(true)
  })
})
