import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createComplaints } from '../../src/sources/complaints.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function collect() {
  const reports: [number, string][] = []
  const complaints = createComplaints({ redact: text => text, report: (count, last) => reports.push([count, last]) })
  return { complaints, reports }
}

test('37 complaints in a second make one report', () => {
  const { complaints, reports } = collect()
  for (let i = 1; i <= 37; i++) complaints.add(`error ${i}`)
  expect(reports).toEqual([])
  vi.advanceTimersByTime(1000)
  expect(reports).toEqual([[37, 'error 37']])
  vi.advanceTimersByTime(10_000)
  expect(reports).toHaveLength(1)
})

test('what is left is reported at the end, or discarded', () => {
  const { complaints, reports } = collect()
  complaints.add('last words')
  complaints.close()
  complaints.add('more')
  complaints.close({ discard: true })
  vi.advanceTimersByTime(10_000)
  expect(reports).toEqual([[1, 'last words']])
})

test('the last eight lines are kept, long ones cut, empty ones ignored', () => {
  const { complaints } = collect()
  for (const line of ['', ' ', ...'abcdefghij']) complaints.add(line.repeat(500))
  expect(complaints.lastWords().map(line => [line[0], line.length])).toEqual([...'cdefghij'].map(c => [c, 300]))
})
