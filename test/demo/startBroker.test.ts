import mqtt from 'mqtt'
import { afterEach, expect, test } from 'vitest'
import { type DemoBroker, startBroker } from '../../src/demo/startBroker.ts'

let broker: DemoBroker | null = null
afterEach(async () => {
  await broker?.close()
  broker = null
})

test('a retained QoS 1 message reaches a subscriber that comes later', async () => {
  broker = await startBroker(0)
  const publisher = await mqtt.connectAsync(broker.url)
  await publisher.publishAsync('a/b', 'hello', { qos: 1, retain: true })
  const subscriber = await mqtt.connectAsync(broker.url)
  const received = new Promise(resolve =>
    subscriber.on('message', (topic, payload) => resolve([topic, String(payload)])),
  )
  await subscriber.subscribeAsync('a/#')
  expect(await received).toEqual(['a/b', 'hello'])
  await Promise.all([publisher.endAsync(), subscriber.endAsync()])
})

test('a taken port is an error, not a silence', async () => {
  broker = await startBroker(0)
  await expect(startBroker(broker.port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
