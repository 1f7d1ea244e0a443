/** Every alert fires on what it is for and stays silent otherwise: `promtool test rules` with the shipped rule file. */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { ALERTS } from '../../grafana/alerts.ts'
import { hasPrometheus } from '../support/prometheus.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'
import { type AlertCase, CASES } from './alertCases.ts'

const skip = !hasPrometheus && !process.env.CI
if (skip) console.warn('SKIPPED: promtool is not installed')

const RULES = resolve('grafana/prometheus/alerts.yml')

function promtoolTest({ alert, what, at, series, fires }: AlertCase) {
  return {
    name: what,
    interval: '10s',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${alert}", alertstate="firing"}) or vector(0)`,
        eval_time: at,
        exp_samples: [{ labels: '{}', value: fires }],
      },
    ],
  }
}

/** All cases of an alert in one run of promtool. @throws with its answer when another number of series fires */
function expectFiring(cases: readonly AlertCase[]): void {
  const file = join(temporaryFolder(), 'test.yml')
  writeFileSync(file, stringify({ rule_files: [RULES], evaluation_interval: '10s', tests: cases.map(promtoolTest) }))
  try {
    execFileSync('promtool', ['test', 'rules', file], { encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    expect.fail(`${stdout}${stderr}`)
  }
}

it('has cases for every alert, both ways', () => {
  const counts = ALERTS.map(({ alert }) => {
    const cases = CASES.filter(each => each.alert === alert)
    return { alert, fires: cases.some(({ fires }) => fires > 0), silent: cases.some(({ fires }) => fires === 0) }
  })
  expect(counts.filter(({ fires, silent }) => !fires || !silent)).toEqual([])
  expect(CASES.filter(({ alert }) => !ALERTS.some(each => each.alert === alert))).toEqual([])
})

describe.skipIf(skip)('promtool test rules', () => {
  it.each(ALERTS.map(({ alert }) => alert))('%s', alert => {
    expectFiring(CASES.filter(each => each.alert === alert))
  })
})

it('keeps a section of the runbook for every alert, with meaning, cause and action', () => {
  const sections = readFileSync('docs/runbook.md', 'utf8').split(/^## /m).slice(1)
  expect(sections.map(section => section.split('\n')[0])).toEqual(ALERTS.map(({ alert }) => alert))
  for (const section of sections)
    for (const part of ['**Meaning.**', '**Cause.**', '**What to do.**']) expect(section, part).toContain(part)
  for (const { alert } of ALERTS)
    expect(readFileSync(RULES, 'utf8')).toContain(`/docs/runbook.md#${alert.toLowerCase()}\n`)
})
