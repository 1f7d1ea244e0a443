/** Configs that change, on the whole product and a real Mosquitto: while it runs, and while it is down. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hasMosquitto, type Mosquitto, startMosquitto } from '../support/mosquitto.ts'
import { dataDirectory, type Product, startProduct } from '../support/product.ts'
import { until } from '../support/until.ts'

const skip = !hasMosquitto && !process.env.CI
if (skip) console.warn('SKIPPED: mosquitto is not installed')

describe.skipIf(skip)('a config that changes', () => {
  let broker: Mosquitto
  let listener: MqttClient
  let data: ReturnType<typeof dataDirectory>
  let service: Product | null = null
  const received: { topic: string; text: string }[] = []

  beforeAll(async () => {
    broker = await startMosquitto()
    listener = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`)
    listener.on('message', (topic, payload) => received.push({ topic, text: payload.toString() }))
    await listener.subscribeAsync('#', { qos: 1 })
  })
  afterAll(async () => {
    await listener.endAsync()
    await broker.remove()
  })
  beforeEach(() => {
    data = dataDirectory()
    received.length = 0
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(service?.output())
    await service?.stop('SIGKILL')
    service = null
    data.remove()
  })

  const CAMERAS = {
    yard: { url: 'demo:street?seed=7', fps: 4, events: ['person_walking', 'vehicle_stopping'] },
    gate: { url: 'demo:street?seed=8', fps: 4, events: ['person_walking', 'vehicle_stopping'] },
  }
  const config = (more: Record<string, unknown> = {}) => ({
    mqtt: { url: `mqtt://127.0.0.1:${broker.port}` },
    metrics: { port: 0 },
    cameras: CAMERAS,
    ...more,
  })
  const all = (topic: string) => received.filter(message => message.topic === topic).map(({ text }) => text)
  const last = (topic: string) => all(topic).at(-1)
  const online = (camera: string) => until(() => last(`watchword/${camera}/availability`) === 'online', camera, 60_000)
  /** The retained messages that a new client receives. */
  const retained = async () => {
    const found = new Map<string, string>()
    const late = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`)
    late.on('message', (topic, payload, { retain }) => void (retain && found.set(topic, payload.toString())))
    await late.subscribeAsync('#', { qos: 1 })
    await until(() => found.has('watchword/bridge/info'), 'the retained topics')
    await late.endAsync()
    return found
  }
  const ask = async (name: string, payload: unknown) => {
    const before = all(`watchword/bridge/response/${name}`).length
    await listener.publishAsync(`watchword/bridge/request/${name}`, JSON.stringify(payload))
    await until(() => all(`watchword/bridge/response/${name}`).length > before, `an answer to ${name}`)
    return JSON.parse(last(`watchword/bridge/response/${name}`) ?? '')
  }

  test('a camera and an event that went while it was down leave no topic, ON or other, and no device', async () => {
    service = await startProduct(data.path, config())
    await Promise.all(['yard', 'gate'].map(online))
    const on = () => received.filter(({ topic, text }) => topic.startsWith('watchword/yard/') && text === 'ON')
    await until(() => on().length > 0, 'an event in the yard', 90_000)
    await service.stop('SIGKILL')
    const before = await retained()
    expect([...before.keys()].filter(topic => topic.includes('yard')).length).toBeGreaterThan(5)

    const restarted = received.length
    service = await startProduct(
      data.path,
      config({ cameras: { gate: { ...CAMERAS.gate, events: ['person_walking'] } } }),
    )
    const isBack = ({ topic, text }: { topic: string; text: string }) =>
      topic === 'watchword/gate/availability' && text === 'online'
    await until(() => received.slice(restarted).some(isBack), 'the gate is back', 60_000)
    const gone = (found: ReadonlyMap<string, string>) =>
      [...found.keys()].filter(topic => /yard|gate\/vehicle_stopping/.test(topic))
    await expect.poll(async () => gone(await retained()), { timeout: 20_000 }).toEqual([])
    const after = await retained()
    expect(after.get('watchword/bridge/health/camera/gate')).toContain('"ok"')
    const { components } = JSON.parse(after.get('homeassistant/device/watchword_gate/config') ?? '')
    const componentsOf = (event: string) =>
      Object.entries<Record<string, unknown>>(components)
        .filter(([id]) => id.startsWith(`watchword.gate.${event}.`))
        .map(([, component]) => component)
    expect(componentsOf('vehicle_stopping')).toContainEqual({ platform: 'binary_sensor' })
    for (const removed of componentsOf('vehicle_stopping')) expect(Object.keys(removed)).toEqual(['platform'])
    expect(componentsOf('person_walking').some(component => 'state_topic' in component)).toBe(true)
    // What it was in the middle of has its end all the same.
    const changes = all('watchword/events').map(text => JSON.parse(text))
    const begun = changes.filter(({ type }) => type === 'new').map(({ after: { id } }) => id)
    const ended = new Set(changes.filter(({ type }) => type === 'end').map(({ after: { id } }) => id))
    expect(begun.filter(id => !ended.has(id) && !JSON.stringify(changes.at(-1)).includes(id))).toEqual([])
  })

  test('reloaded by SIGHUP, by request and when the file changes: unchanged cameras are not interrupted', async () => {
    service = await startProduct(data.path, config())
    await Promise.all(['yard', 'gate'].map(online))
    service.child.kill('SIGHUP')
    await service.says(/config reloaded, nothing changed/)
    expect(await ask('reload', { transaction: 't-1' })).toEqual({
      data: { changed: [] },
      status: 'ok',
      transaction: 't-1',
    })

    const path = join(data.path, 'watchword.yaml')
    writeFileSync(
      path,
      JSON.stringify(config({ cameras: { gate: CAMERAS.gate, yard: { url: 'file:///etc/passwd' } } })),
    )
    const refused = await ask('reload', { transaction: 2 })
    expect(refused).toMatchObject({ status: 'error', transaction: 2 })
    await service.says(/config rejected, the old one stays/)
    expect(await service.metric('watchword_camera_up')).toBe(2)

    // The threshold is new, the yard is gone, the gate is as it was.
    const next = config({
      cameras: { gate: CAMERAS.gate },
      events: {
        person_walking: { use: 'person_walking', threshold: 0.99 },
        vehicle_stopping: { use: 'vehicle_stopping' },
      },
    })
    const before = received.length
    writeFileSync(path, JSON.stringify(next))
    await service.says(/config reloaded: .*cameras\.yard \(removed\)/)
    await until(() => last('watchword/yard/availability') === '', 'the yard is gone')
    await until(() => last('watchword/bridge/health/camera/yard') === '', 'its health check is gone')
    expect(await service.metric('watchword_camera_up', /gate/)).toBe(1)
    expect(await service.metrics()).not.toMatch(/watchword_(camera_up|health_check_state)\{.*"yard".*\}/)
    const frames = await service.metric('watchword_frames_received_total', /gate/)
    await expect
      .poll(() => service?.metric('watchword_frames_received_total', /gate/), { timeout: 20_000 })
      .toBeGreaterThan(frames + 8)
    // A reload publishes all states again, but the gate was never anything but online.
    const statuses = received.slice(before).filter(({ topic }) => topic === 'watchword/gate/status')
    expect(statuses.filter(({ text }) => JSON.parse(text).state !== 'online')).toEqual([])
    expect(await service.metric('watchword_camera_reconnects_total', /gate/)).toBe(0)
  })
})
