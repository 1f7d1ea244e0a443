/** A run with marked secrets, and everything that it says, writes, publishes and shows: none of them is in it. */

import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { demoClip } from '../support/demoClip.ts'
import { freePort, hasMosquitto, type Mosquitto, startMosquitto } from '../support/mosquitto.ts'
import { childrenWith, commandLine } from '../support/processes.ts'
import { dataDirectory, type Product, startProduct } from '../support/product.ts'
import { hasRtspServer, type RtspServer, startRtspServer } from '../support/rtspServer.ts'
import { sharedFolder } from '../support/temporaryFolder.ts'
import { until } from '../support/until.ts'

const CAMERA = 'mark-cämera@9f:&/2%'
const BROKER = 'mark-broker-"7c1@:ü%'
const TOKEN = 'mark-token-51ab'
const WRONG = 'mark-wrong-c0de'
const LATE = 'mark-late-77ef$'
const SECRETS = [CAMERA, BROKER, TOKEN, WRONG, LATE]
const spellings = SECRETS.flatMap(secret => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])

const present = hasRtspServer() && (hasMosquitto || process.env.CI !== undefined)

let service: Product | null = null
let data: ReturnType<typeof dataDirectory>
beforeEach(() => {
  data = dataDirectory()
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(service?.output())
  await service?.stop('SIGKILL')
  service = null
  data.remove()
  vi.unstubAllEnvs()
})

describe.skipIf(!present)('secrets', () => {
  let broker: Mosquitto
  let camera: RtspServer
  let listener: MqttClient
  const vault = sharedFolder()
  const received: string[] = []

  beforeAll(async () => {
    writeFileSync(join(vault, 'broker'), `${BROKER}\n`)
    const video = await demoClip({ seed: 'run test', view: 'street', durationSeconds: 60 })
    broker = await startMosquitto({ user: { name: 'me', password: BROKER } })
    camera = await startRtspServer({ video, login: { user: 'viewer', password: CAMERA } })
    listener = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username: 'me', password: BROKER })
    listener.on('message', (topic, payload) => received.push(`${topic} ${payload}`))
    await listener.subscribeAsync('#', { qos: 1 })
  })
  afterAll(async () => {
    await listener.endAsync()
    await Promise.all([camera.stop(), broker.remove()])
  })

  test('are in nothing that a run with every kind of trouble prints, publishes, writes or exposes', async () => {
    vi.stubEnv('CAMERA_PASSWORD', encodeURIComponent(CAMERA))
    const [host, closed] = [`127.0.0.1:${camera.port}`, await freePort()]
    const config = {
      log: { level: 'debug' },
      metrics: { port: 0 },
      mqtt: {
        url: `mqtt://me:${encodeURIComponent(BROKER)}@127.0.0.1:${broker.port}`,
        username: 'me',
        password: `\${file:${join(vault, 'broker')}}`,
      },
      cameras: {
        good: { url: `rtsp://viewer:\${CAMERA_PASSWORD}@${host}/cam`, fps: 2 },
        refused: { url: `rtsp://viewer:${WRONG}@${host}/cam` },
        nowhere: { url: `rtsp://viewer:\${CAMERA_PASSWORD}@${host}/none?token=${TOKEN}` },
        closed: { url: `rtsp://viewer:${WRONG}@127.0.0.1:${closed}/cam` },
      },
    }
    service = await startProduct(data.path, config)
    const receivedFrom = (start: string) => until(() => received.some(line => line.startsWith(start)), start, 90_000)
    await receivedFrom('watchword/good/availability online')
    const pid = service.child.pid ?? 0
    const argv = childrenWith('', pid).map(commandLine).join('\n')
    for (const name of ['refused', 'nowhere', 'closed']) await receivedFrom(`watchword/${name}/availability offline`)
    await receivedFrom('watchword/events')

    // The answer to a request with a secret, and the report of a wrong config with one, do not contain it.
    await listener.publishAsync('watchword/bridge/request/camera', JSON.stringify({ camera: CAMERA, enabled: true }))
    await receivedFrom('watchword/bridge/response/camera')
    const requestAt = received.findIndex(line => line.startsWith('watchword/bridge/request/'))
    received.splice(requestAt, 1)
    writeFileSync(
      join(data.path, 'watchword.yaml'),
      JSON.stringify({ ...config, log: { level: `\${file:${join(vault, 'broker')}}` } }),
    )
    await service.says(/Expected `level`/)
    // A password that only a reload brings, in a place that no pattern knows.
    const late = { url: `rtsp://127.0.0.1:${closed}/${encodeURIComponent(LATE)}?token=${encodeURIComponent(LATE)}` }
    writeFileSync(
      join(data.path, 'watchword.yaml'),
      JSON.stringify({ ...config, cameras: { ...config.cameras, late } }),
    )
    await receivedFrom('watchword/late/availability offline')
    await listener.publishAsync('watchword/bridge/request/camera', JSON.stringify({ camera: LATE, enabled: true }))
    await until(() => received.filter(line => line.startsWith('watchword/bridge/response/')).length > 1, 'the answer')
    const lateRequestAt = received.findLastIndex(line => line.startsWith('watchword/bridge/request/'))
    received.splice(lateRequestAt, 1)
    const exposed = await Promise.all(
      ['/metrics', '/healthz', '/readyz'].map(async path => {
        const address = /http:\/\/127\.0\.0\.1:\d+/.exec(service?.output() ?? '')?.[0]
        return (await fetch(`${address}${path}`)).text()
      }),
    )
    expect(await service.stop('SIGTERM')).toBe(0)
    rmSync(join(data.path, 'watchword.yaml'))
    const written = filesUnder(data.path).map(path => readFileSync(path, 'latin1'))

    expect(received.length).toBeGreaterThan(20)
    expect(written.join('\n')).toContain('"person_walking"')
    const everything = { output: service.output(), received: received.join('\n'), exposed: exposed.join('\n') }
    for (const spelling of spellings) {
      for (const [place, text] of Object.entries(everything)) expect(find(text, spelling), place).toEqual([])
      expect(find(written.join('\n'), spelling), 'written').toEqual([])
    }
    expect(argv).toContain('ffmpeg')
    for (const spelling of spellings) expect(find(argv, spelling), 'argv').toEqual([])
  })
})

test.skipIf(process.platform !== 'linux')('out of the box everything listens on loopback alone', async () => {
  service = await startProduct(data.path, { metrics: { port: 0 }, cameras: { demo: { url: 'demo:street', fps: 1 } } })
  await service.says(/metrics +http/)
  const listening = listenersOf(service.child.pid ?? 0)
  // The metrics, the embedded broker and the demo's cameras.
  expect(listening.length).toBeGreaterThanOrEqual(3)
  for (const address of listening) expect(address).toMatch(/^(0100007F|0{24}01000000):/)
})

test.skipIf(present)('secrets: skipped, gst-rtsp-server or mosquitto is not installed', () => {})

/** What stands around each place, for the report of a failure. */
function find(text: string, secret: string): string[] {
  return text.split('\n').filter(line => line.includes(secret))
}

/** Every file that the run wrote; the models are a link, and hold no word of a config. */
function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

/** Local addresses, as the kernel writes them, at which a process accepts TCP connections. */
function listenersOf(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap(fd => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return []
      }
    }),
  )
  return ['tcp', 'tcp6'].flatMap(table =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .map(line => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode ?? ''))
      .map(([, local = '']) => local),
  )
}
