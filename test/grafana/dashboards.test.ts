/** The dashboards: made from code, complete in both directions, and each panel of one or more instances of Watchword only. */

import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { ALERTS } from '../../grafana/alerts.ts'
import { buildFiles } from '../../grafana/build.ts'
import { DASHBOARDS, NOT_SHOWN } from '../../grafana/dashboards.ts'
import { createTelemetry } from '../../src/telemetry/createTelemetry.ts'
import { createRedactor } from '../../src/util/redactor.ts'

const hub = createTelemetry({ level: 'error', format: 'json', redact: createRedactor(), write: () => undefined })
afterAll(() => hub.close())

/** Grafana's unit ids that are in use, and texts behind the number. */
const UNITS = /^(short|s|bytes|percentunit|cps|suffix: .+)$/

const panels = DASHBOARDS.flatMap(({ name, rows }) =>
  rows.flatMap(row => row.panels.map(panel => ({ ...panel, place: `${name}: ${panel.title}` }))),
)
const metricsIn = (text: string) =>
  new Set(
    [...text.matchAll(/\b(?:watchword|process|nodejs)_[a-z0-9_]+/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, ''),
    ),
  )

it.each(Object.entries(buildFiles()))('%s is what the generator makes', (path, content) => {
  expect(readFileSync(`grafana/${path}`, 'utf8')).toBe(content)
})

it('shows every exported metric or lists why not, and queries no other', async () => {
  const exported = new Set((await hub.registry.getMetricsAsJSON()).map(({ name }) => name))
  const shown = metricsIn(panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)).join(' '))
  const isNotShown = (name: string) => NOT_SHOWN.some(({ metrics }) => metrics.test(name))
  expect([...shown].filter(name => !exported.has(name))).toEqual([])
  expect([...exported].filter(name => !shown.has(name) && !isNotShown(name))).toEqual([])
  expect(NOT_SHOWN.filter(({ metrics }) => ![...exported].some(name => metrics.test(name)))).toEqual([])
  const alerts = metricsIn(ALERTS.map(({ expr }) => expr).join(' '))
  expect([...alerts].filter(name => !exported.has(name))).toEqual([])
})

describe.each(panels.map(panel => [panel.place, panel] as const))('%s', (_, { about, unit, queries, type }) => {
  it('has a description, a unit and a legend', () => {
    expect(about).toMatch(/^[A-Z0-9].*\.$/)
    expect(unit).toMatch(UNITS)
    for (const { legend } of queries) expect(legend).not.toBe('')
  })

  it('asks for the chosen instances of Watchword only', () => {
    for (const { expr } of queries) {
      const selectors = [...expr.matchAll(/\b(?:watchword|process|nodejs)_\w+(\{[^}]*\})?/g)]
      for (const [selector, matchers = ''] of selectors)
        if (selector !== 'watchword_build_info')
          expect(matchers, selector).toContain('job=~"$job", instance=~"$instance"')
      const isShared = /\b(?:process|nodejs)_/.test(expr)
      if (isShared) expect(expr).toContain('on (job, instance)')
    }
  })

  it('separates instances, except in totals', () => {
    if (type === 'stat' || type === 'heatmap') return
    for (const { expr, legend } of queries) {
      for (const [aggregation] of expr.matchAll(/\bsum\b(?: by \([^)]*\))?/g))
        expect(aggregation).toMatch(/^sum by \(instance\b/)
      expect(legend).toContain('{{instance}}')
    }
  })
})

interface GrafanaDashboard {
  readonly uid: string
  readonly links: readonly { type: string; tags: readonly string[] }[]
  readonly tags: readonly string[]
  readonly templating: { readonly list: readonly { name: string; allValue?: string }[] }
  readonly panels: readonly {
    readonly id: number
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  }[]
}
const files = Object.entries(buildFiles()).filter(([path]) => path.endsWith('.json'))

describe.each(files.map(([path, text]) => [path, JSON.parse(text) as GrafanaDashboard] as const))('%s', (_, made) => {
  it('has variables for data source, job and instances, and links to the others', () => {
    expect(made.templating.list.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['datasource', 'job', 'instance']),
    )
    // "All" written as `.*` would match other programs.
    for (const variable of made.templating.list) expect(variable.allValue).toBeUndefined()
    expect(made.links[0]).toMatchObject({ type: 'dashboards', tags: made.tags, includeVars: true })
  })

  it('lays its panels out without overlap', () => {
    const cells = new Set<string>()
    for (const { gridPos, id } of made.panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x}/${y}`), `panel ${id}`).toBe(false)
          expect(x).toBeLessThan(24)
          cells.add(`${x}/${y}`)
        }
  })

  it('uses each of its variables', () => {
    const text = JSON.stringify(made.panels)
    for (const { name } of made.templating.list) expect(text).toContain(`$${name}`)
  })
})
