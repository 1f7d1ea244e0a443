/** The docs and the code say the same: metrics, alerts, topics and the dashboard, in both directions. */

import { readFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { buildDashboard } from '../../grafana/build.ts'
import { ROWS } from '../../grafana/panels.ts'
import { createTelemetry } from '../../src/telemetry/createTelemetry.ts'
import { createWatchdogs, DEFAULT_LIMITS } from '../../src/telemetry/watchdogs.ts'
import { createRedactor } from '../../src/util/redact.ts'
import { everything, statusOf } from './everything.ts'

const hub = createTelemetry({ level: 'error', format: 'json', redact: createRedactor(), write: () => undefined })
afterAll(() => hub.close())

const docs = readFileSync('docs/metrics.md', 'utf8')
const alertsFile = readFileSync('grafana/prometheus/alerts.yml', 'utf8')
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

it('documents every watchdog', () => {
  const dogs = createWatchdogs(DEFAULT_LIMITS, { emit: () => undefined })
  for (const happening of everything) dogs.happened(happening, 0)
  dogs.happened({ type: 'CameraStatusChanged', status: statusOf('yard') }, 0)
  dogs.measure({ now: 0, eventLoopSeconds: 0, disks: [{ path: '/data', freeBytes: 0 }] })
  const judged = new Set([...dogs.states().keys()].map(key => key.split('/')[0]))
  const [, section = ''] = docs.split(/^## Watchdogs$/m)
  expect(
    rows(section.split(/^## /m)[0] ?? '')
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...judged].sort())
})

it('documents every alert', () => {
  const { groups } = parse(alertsFile) as { groups: { rules: { alert: string }[] }[] }
  const alerts = groups.flatMap(({ rules: each }) => each.map(({ alert }) => alert))
  expect(
    rows(docs)
      .map(({ name }) => name)
      .filter(name => /^Watchword/.test(name)),
  ).toEqual(alerts)
})

it('asks only for metrics that exist, and shows every one of them', async () => {
  const exposed = new Set((await hub.registry.getMetricsAsJSON()).map(({ name }) => name))
  const used = (text: string) =>
    new Set(
      [...text.matchAll(/\b(?:watchword|process|nodejs)_[a-z0-9_]+/g)].map(([name]) =>
        name.replace(/_(bucket|sum|count)$/, ''),
      ),
    )
  const shown = used(
    ROWS.flatMap(({ panels }) => panels.flatMap(panel => panel.queries.map(({ expr }) => expr))).join(' '),
  )
  expect([...shown].filter(name => !exposed.has(name))).toEqual([])
  expect([...exposed].filter(name => name.startsWith('watchword_') && !shown.has(name))).toEqual([])
  expect(
    [...used(alertsFile.replace(/^\s*(summary|description):.*$/gm, ''))].filter(name => !exposed.has(name)),
  ).toEqual([])
})

it('has the dashboard that the generator makes', () => {
  expect(readFileSync('grafana/dashboards/watchword.json', 'utf8')).toBe(buildDashboard())
})

it('lays its panels out without overlap, and explains each', () => {
  const { panels } = JSON.parse(buildDashboard()) as {
    panels: {
      id: number
      type: string
      description?: string
      gridPos: { x: number; y: number; w: number; h: number }
    }[]
  }
  const cells = new Set<string>()
  for (const { gridPos, type, description, id } of panels) {
    if (type !== 'row') expect(description, `panel ${id}`).toBeTruthy()
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(cells.has(`${x}/${y}`), `panel ${id}`).toBe(false)
        expect(x).toBeLessThan(24)
        cells.add(`${x}/${y}`)
      }
  }
})
