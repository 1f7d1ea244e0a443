/** The dashboards and the alerts against a real Prometheus that scrapes a process in which everything happens. */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { DASHBOARDS } from '../../grafana/dashboards.ts'
import { createTelemetry, type TelemetryHub } from '../../src/telemetry/createTelemetry.ts'
import type { Served } from '../../src/telemetry/serve.ts'
import { createRedactor } from '../../src/util/redactor.ts'
import { hasPrometheus, type Prometheus, startPrometheus } from '../support/prometheus.ts'
import { everything } from '../telemetry/everything.ts'

const skip = !hasPrometheus && !process.env.CI
if (skip) console.warn('SKIPPED: prometheus and promtool are not installed')

describe.skipIf(skip)('with a real Prometheus', () => {
  let hub: TelemetryHub
  let served: Served
  let prometheus: Prometheus
  let emitting: NodeJS.Timeout

  beforeAll(async () => {
    hub = createTelemetry({ level: 'error', format: 'json', redact: createRedactor(), write: () => undefined })
    hub.declare({ cameras: { front: ['person_walking'] }, variants: ['int8', 'fp32'] })
    const emitAll = () => {
      for (const internalEvent of everything) hub.emit(internalEvent)
      for (const stage of ['wait', 'encode', 'publish'] as const) hub.emit({ type: 'StageTimed', stage, seconds: 0.01 })
    }
    emitAll()
    emitting = setInterval(emitAll, 100)
    served = await hub.serve({ host: '127.0.0.1', port: 0 })
    prometheus = await startPrometheus(new URL(served.url).host)
    await waitForScrapes(prometheus)
  })
  afterAll(async () => {
    clearInterval(emitting)
    await prometheus?.remove()
    await served?.close()
    hub?.close()
  })

  const queries = DASHBOARDS.flatMap(({ name, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ title, queries }) => queries.map(({ expr }) => [`${name}: ${title}`, expr] as const)),
    ),
  )

  it.each(queries)('%s: %s', async (_, expr) => {
    const samples = await prometheus.query(withoutVariables(expr))
    expect(samples.length).toBeGreaterThan(0)
    for (const { metric, value } of samples) expect(value, JSON.stringify(metric)).not.toBeNaN()
  })

  it('frame counts add up in PromQL', async () => {
    clearInterval(emitting)
    await waitForScrapes(prometheus)
    const [difference] = await prometheus.query(
      'sum(watchword_frames_received_total) - sum(watchword_frames_encoded_total) - sum(watchword_frames_skipped_total)' +
        ' - sum(watchword_frames_dropped_total) - sum(watchword_frames_in_flight)',
    )
    expect(difference?.value).toBe(0)
  })

  const { groups } = parse(readFileSync('grafana/prometheus/alerts.yml', 'utf8')) as {
    groups: { rules: { alert: string; expr: string }[] }[]
  }
  const alerts = groups.flatMap(({ rules }) => rules)

  it.each(alerts.map(({ alert, expr }) => [alert, expr] as const))('evaluates %s', async (_, expr) => {
    await expect(prometheus.query(expr)).resolves.toBeDefined()
    // The series an alert looks at are there, so that it can ever fire.
    const metrics = [...new Set(expr.replaceAll(/"[^"]*"/g, '').match(/\b(?:watchword_\w+|nodejs_\w+|up)\b/g))]
    expect(metrics.length).toBeGreaterThan(0)
    for (const metric of metrics) expect(await prometheus.query(metric), metric).not.toEqual([])
  })

  it('fires the alerts that its internalEvents call for', async () => {
    const firing = async (name: string) =>
      (await prometheus.query(alerts.find(({ alert }) => alert === name)?.expr ?? 'vector(0) > 1')).length > 0
    for (const name of [
      'WatchwordImageProblem',
      'WatchwordBrokerAway',
      'WatchwordEventsLost',
      'WatchwordOutboxDamaged',
      'WatchwordSinkFails',
      'WatchwordWrongPassword',
      'WatchwordEncoderCrashes',
    ])
      expect(await firing(name), name).toBe(true)
    for (const name of ['WatchwordDown', 'WatchwordCameraDown', 'WatchwordOutboxGrows'])
      expect(await firing(name), name).toBe(false)
  })

  it('has metrics that promtool finds nothing wrong with', async () => {
    const text = await (await fetch(`${served.url}/metrics`)).text()
    const output = execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8', stdio: 'pipe' })
    expect(output).toBe('')
  })

  it('has rules and a config that promtool accepts', () => {
    execFileSync('promtool', ['check', 'rules', 'grafana/prometheus/alerts.yml'], { stdio: 'pipe' })
    execFileSync('promtool', ['check', 'config', 'grafana/prometheus/prometheus.yml'], { stdio: 'pipe' })
  })
})

/** Grafana's variables as "All", and its rate interval as long as the test has run. */
function withoutVariables(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(job|instance|camera|event|variant)/g, '.*')
}

/** Resolves when Prometheus has seen the process a few times more. */
async function waitForScrapes(prometheus: Prometheus): Promise<void> {
  const count = async () => (await prometheus.query('count_over_time(watchword_build_info[5m])'))[0]?.value ?? 0
  const from = await count()
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    if ((await count()) >= from + 4) return
    await new Promise(resolve => setTimeout(resolve, 250))
  }
  throw new Error('Prometheus did not scrape the process')
}
