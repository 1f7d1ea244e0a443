import { from } from 'rxjs'
import { expect, it } from 'vitest'
import { consoleLine, createConsole } from '../../src/sinks/createConsole.ts'
import { change } from '../support/change.ts'

it('prints a line when an event begins and when it ends', async () => {
  const lines: string[] = []
  const sink = createConsole({ write: line => lines.push(line), format: consoleLine })
  await sink(from([change('new', 'a', 0), change('update', 'a', 1), change('end', 'a', 2)]))
  expect(lines.map(line => line.replace(/^\d\d:\d\d:\d\d/, 'TIME'))).toEqual([
    'TIME  front  person_walking  began  score 0.80\n',
    'TIME  front  person_walking  ended after 2.0 s  peak 0.90  (score)\n',
  ])
})

it('names the zones where an event began', () => {
  const where = { box: { x: 0, y: 0, width: 0.5, height: 0.5 }, zones: ['gate', 'drive'], view: 'crop' } as const
  expect(consoleLine(change('new', 'a', 0, { where }))).toMatch(/began {2}score 0\.80 {2}in gate, drive$/)
  expect(consoleLine(change('new', 'a', 0, { where: { ...where, zones: [] } }))).toMatch(/score 0\.80$/)
})
