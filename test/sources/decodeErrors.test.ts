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
  const errors = createDecodeErrors({ redact: text => text, report: (count, last) => reports.push([count, last]) })
  return { errors, reports }
}

test('37 errors in a second make one report', () => {
  const { errors, reports } = collect()
  for (let i = 1; i <= 37; i++) errors.add(`error ${i}`)
  expect(reports).toEqual([])
  vi.advanceTimersByTime(1000)
  expect(reports).toEqual([[37, 'error 37']])
  vi.advanceTimersByTime(10_000)
  expect(reports).toHaveLength(1)
})

test('what is left is reported at the end, or discarded', () => {
  const { errors, reports } = collect()
  errors.add('the last line')
  errors.close()
  errors.add('more')
  errors.close({ discard: true })
  vi.advanceTimersByTime(10_000)
  expect(reports).toEqual([[1, 'the last line']])
})

test('the last eight lines are kept, long ones cut, empty ones ignored', () => {
  const { errors } = collect()
  for (const line of ['', ' ', ...'abcdefghij']) errors.add(line.repeat(500))
  expect(errors.lastLines().map(line => [line[0], line.length])).toEqual([...'cdefghij'].map(c => [c, 300]))
})

test('a line about raw frames that are too close for ffmpeg is not counted', () => {
  const { errors, reports } = collect()
  errors.add(
    '[rawvideo @ 0x55a46014b4c0] Application provided invalid, non monotonically increasing dts to muxer in stream 0: 210 >= 210',
  )
  errors.add('[h264 @ 0x55a46014b4c0] error while decoding MB 12 3')
  vi.advanceTimersByTime(1000)
  expect(reports).toEqual([[1, '[h264 @ 0x55a46014b4c0] error while decoding MB 12 3']])
})
