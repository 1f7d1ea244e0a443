import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDecodeErrors } from '../../src/sources/decodeErrors.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function collect() {
  const reports: [number, string][] = []
  const complaints = createDecodeErrors({ redact: text => text, report: (count, last) => reports.push([count, last]) })
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
  expect(complaints.lastLines().map(line => [line[0], line.length])).toEqual([...'cdefghij'].map(c => [c, 300]))
})

test('what ffmpeg says of raw pictures that lie too close for it is no complaint', () => {
  const { complaints, reports } = collect()
  complaints.add(
    '[rawvideo @ 0x55a46014b4c0] Application provided invalid, non monotonically increasing dts to muxer in stream 0: 210 >= 210',
  )
  complaints.add('[h264 @ 0x55a46014b4c0] error while decoding MB 12 3')
  vi.advanceTimersByTime(1000)
  expect(reports).toEqual([[1, '[h264 @ 0x55a46014b4c0] error while decoding MB 12 3']])
})
