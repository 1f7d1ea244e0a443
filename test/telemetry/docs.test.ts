/** The docs and the code say the same: metrics, health checks and alerts, in both directions. */

import { readFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { ALERTS } from '../../grafana/alerts.ts'
import { createTelemetry } from '../../src/telemetry/createTelemetry.ts'
import { createHealthChecks } from '../../src/telemetry/healthChecks.ts'
import { DEFAULT_LIMITS } from '../../src/telemetry/healthLimits.ts'
import { createRedactor } from '../../src/util/redact.ts'
import { everything, statusOf } from './everything.ts'

const hub = createTelemetry({ level: 'error', format: 'json', redact: createRedactor(), write: () => undefined })
afterAll(() => hub.close())

const docs = readFileSync('docs/metrics.md', 'utf8')
const rows = (text: string) =>
  [...text.matchAll(/^\| `(\w+)` *\| (.*?) *\|$/gm)].map(([, name = '', rest = '']) => ({ name, rest }))

it('documents every metric with its type and labels, and none that is not there', async () => {
  const exposed = await hub.registry.getMetricsAsJSON()
  const documented = rows(docs).filter(({ name }) => /^(watchword|process|nodejs)_/.test(name))
  const own = (names: readonly { name: string }[]) =>
    names.flatMap(({ name }) => (name.startsWith('watchword_') ? name : [])).sort()
  expect(own(documented)).toEqual(own(exposed))
  for (const { name, rest } of documented) {
    const [type, labels = ''] = rest.split(/ *\| */)
    const metric = hub.registry.getSingleMetric(name) as unknown as { labelNames: string[]; type: string } | undefined
    expect(exposed.find(each => each.name === name)?.type, name).toBe(type)
    expect(
      [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
      name,
    ).toEqual(metric?.labelNames)
  }
})

it('documents every check', () => {
  const dogs = createHealthChecks(DEFAULT_LIMITS, { emit: () => undefined })
  for (const internalEvent of everything) dogs.observe(internalEvent, 0)
  dogs.observe({ type: 'CameraStatusChanged', status: statusOf('yard') }, 0)
  dogs.measure({ now: 0, eventLoopSeconds: 0, disks: [{ path: '/data', free: 0 }] })
  const judged = new Set([...dogs.states().keys()].map(key => key.split('/')[0]))
  const [, section = ''] = docs.split(/^## Health checks$/m)
  expect(
    rows(section.split(/^## /m)[0] ?? '')
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...judged].sort())
})

it('documents every alert', () => {
  expect(
    rows(docs)
      .map(({ name }) => name)
      .filter(name => /^Watchword/.test(name)),
  ).toEqual(ALERTS.map(({ alert }) => alert))
})
