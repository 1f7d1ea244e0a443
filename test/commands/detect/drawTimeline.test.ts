import { createCanvas } from '@napi-rs/canvas'
import { beforeAll, expect, test, vi } from 'vitest'
import { drawTimeline } from '../../../src/commands/detect/drawTimeline.ts'
import { registerFont } from '../../../src/commands/detect/sheetStyle.ts'

beforeAll(registerFont)

test.each([5, 20, 25, 33, 40])('a title of %i letters has room for all of them', letters => {
  const context = createCanvas(1000, 200).getContext('2d')
  const written = vi.spyOn(context, 'fillText')
  const title = 'a person with an umbrella in the rain at night'.slice(0, letters)
  const lanes = [{ event: 'e', title, threshold: null, found: [] }]
  drawTimeline(context, { lanes, rows: [] }, { x: 0, y: 0, width: 1000 })
  expect(written.mock.calls.map(([text]) => text)).toContain(title)
})
