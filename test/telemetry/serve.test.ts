import { connect } from 'node:net'
import { Gauge } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { createTelemetry, type TelemetryHub } from '../../src/telemetry/createTelemetry.ts'
import type { InternalEvent } from '../../src/telemetry/internalEvents.ts'
import { isHealthy, isReady, NOT_READY, stepReadiness } from '../../src/telemetry/readiness.ts'
import type { ServeOptions } from '../../src/telemetry/serve.ts'
import { createRedactor } from '../../src/util/redactor.ts'
import { statusOf } from './everything.ts'

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0)) await step()
})

async function start(options: Partial<ServeOptions> = {}): Promise<{ hub: TelemetryHub; url: string }> {
  const hub = createTelemetry({ level: 'error', format: 'json', redact: createRedactor(), write: () => undefined })
  undo.push(hub.close)
  const { url, close } = await hub.serve({ host: '127.0.0.1', port: 0, ...options })
  undo.push(close)
  return { hub, url }
}

describe('serve', () => {
  it('answers /metrics in the text format of Prometheus', async () => {
    const { url } = await start()
    const response = await fetch(`${url}/metrics`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    expect(await response.text()).toContain('# TYPE watchword_frames_in_flight gauge')
  })

  it('answers it in OpenMetrics to those who read that, and in the old format to the next', async () => {
    const { hub, url } = await start()
    hub.emit({ type: 'FrameReceived', camera: 'front', capturedAt: 0 })
    const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2'
    const open = await fetch(`${url}/metrics`, { headers: { accept } })
    expect(open.headers.get('content-type')).toMatch(/^application\/openmetrics-text; version=1\.0\.0/)
    const text = await open.text()
    expect(text).toContain('# TYPE watchword_frames_received counter\n')
    expect(text).toContain('\nwatchword_frames_received_total{camera="front"} 1\n')
    expect(text).not.toContain('\n\n')
    expect(text).toMatch(/\n# EOF\n$/)
    const old = await (await fetch(`${url}/metrics`)).text()
    expect(old).toContain('# TYPE watchword_frames_received_total counter\n')
  })

  it('is healthy at once and ready when frames can become events', async () => {
    const { hub, url } = await start()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/readyz`)).status).toBe(503)
    hub.emit({ type: 'Started', version: '1', variant: 'int8', modelSha: 'a', cameras: 1, events: 1 })
    hub.emit({ type: 'FrameReceived', camera: 'front', capturedAt: 0 })
    const response = await fetch(`${url}/readyz`)
    expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ ready: true })])
  })

  it('refuses other paths and methods', async () => {
    const { url } = await start()
    expect((await fetch(`${url}/`)).status).toBe(404)
    expect((await fetch(`${url}/__proto__`)).status).toBe(404)
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405)
    const head = await fetch(`${url}/metrics?x=1`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it('reports in one line that the port is in use, or uses the next one on request', async () => {
    const { url } = await start()
    const port = Number(new URL(url).port)
    await expect(start({ port })).rejects.toMatchObject({
      code: 'port-in-use',
      message: `Port ${port} on 127.0.0.1 is in use (\`metrics.port\`)`,
    })
    const next = await start({ port, orNextFree: true })
    expect(Number(new URL(next.url).port)).toBeGreaterThan(port)
  })

  it('reports when it may not listen there', async () => {
    await expect(start({ host: '203.0.113.1', port: 9464 })).rejects.toMatchObject({ code: 'port-not-allowed' })
  })

  it('stops listening on close, although a client keeps a connection', async () => {
    const { url } = await start()
    await (await fetch(`${url}/healthz`)).text()
    await undo.pop()?.()
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })
})

describe('readiness', () => {
  const fold = (...internalEvents: InternalEvent[]) => internalEvents.reduce(stepReadiness, NOT_READY)
  const started: InternalEvent = {
    type: 'Started',
    version: '1',
    variant: 'int8',
    modelSha: 'a',
    cameras: 1,
    events: 1,
  }
  const frame: InternalEvent = { type: 'FrameReceived', camera: 'front', capturedAt: 0 }
  const crashed: InternalEvent = { type: 'EncoderCrashed', variant: 'int8', error: '', framesLost: 0 }

  it('needs the model and a camera that delivers, or one that has been read to its end', () => {
    expect(isReady(fold(started))).toBe(false)
    expect(isReady(fold(frame))).toBe(false)
    expect(isReady(fold(started, frame))).toBe(true)
    const ended: InternalEvent = { type: 'CameraStatusChanged', status: statusOf('front', { state: 'ended' }) }
    expect(isReady(fold(started, ended))).toBe(true)
  })

  it('is lost while the encoder is down and when it stops', () => {
    expect(isReady(fold(started, frame, crashed))).toBe(false)
    expect(isReady(fold(started, frame, crashed, { type: 'EncoderRestarted', variant: 'int8', restarts: 1 }))).toBe(
      true,
    )
    expect(isReady(fold(started, frame, { type: 'Stopping', reason: 'SIGTERM' }))).toBe(false)
  })

  it('is back with the next batch when the encoder refused one without dying', () => {
    const batch: InternalEvent = { type: 'BatchEncoded', variant: 'int8', size: 1, seconds: 0.01, cameras: ['front'] }
    expect(isReady(fold(started, frame, crashed, batch))).toBe(true)
  })

  const health = (name: string, state: 'ok' | 'critical'): InternalEvent => ({
    type: 'HealthChanged',
    check: name,
    subject: 'int8',
    before: null,
    state,
    detail: '',
  })

  it.each(['encoder', 'event_loop'])('is unhealthy while the check %s is critical', name => {
    expect(isHealthy(fold(health(name, 'critical')))).toBe(false)
    expect(isHealthy(fold(health(name, 'critical'), health(name, 'critical'), health(name, 'ok')))).toBe(true)
  })

  it.each(['camera', 'broker', 'disk'])(
    'stays healthy while the check %s is critical: a restart would not help',
    name => {
      expect(isHealthy(fold(health(name, 'critical')))).toBe(true)
    },
  )
})

describe('failures that must not stop /metrics', () => {
  it('a metric that cannot be read is left out, and the others are served', async () => {
    const { hub, url } = await start()
    new Gauge({
      name: 'broken',
      help: 'x',
      registers: [hub.registry],
      collect() {
        throw new Error('ENOENT: no such file or directory, scandir /proc/self/fd')
      },
    })
    const response = await fetch(`${url}/metrics`)
    const body = await response.text()
    expect(response.status).toBe(200)
    expect(body).not.toContain('broken')
    expect(body).toContain('watchword_frames_in_flight 0\n')
    expect(body).toContain('nodejs_eventloop_lag_p99_seconds')
  })

  it('20,000 requests in one pipeline make a few texts, and the connection is closed', async () => {
    const { hub, url } = await start()
    let rendered = 0
    new Gauge({ name: 'counted', help: 'x', registers: [hub.registry], collect: () => void rendered++ })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const closed = new Promise(resolve => socket.once('close', resolve))
    socket.on('error', () => undefined).resume()
    socket.write('GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(20_000))
    await closed
    expect(rendered).toBeLessThan(100)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  })
})
