import { expect, test } from 'vitest'
import { reusedView } from '../../../src/operators/embed/reusedView.ts'
import type { PartialView } from '../../../src/types.ts'

test('a crop that waits for its turn shows what was encoded, and moves as it does now', () => {
  const box = (x: number) => ({ x, y: 0.2, width: 0.3, height: 0.3 })
  const view = (x: number, motion: number): PartialView => ({
    id: 'crop-1',
    kind: 'crop',
    box: box(x),
    subject: box(x + 0.1),
    zones: { gate: motion },
    motion,
    settled: 0,
    still: true,
    pixels: Uint8Array.of(x * 10),
  })
  const encoded = { view: view(0.1, 0.5), embedding: Float32Array.of(1), reused: false }
  expect(reusedView(view(0.4, 0.7), encoded)).toEqual({
    view: { ...view(0.4, 0.7), box: box(0.1), pixels: Uint8Array.of(1) },
    embedding: encoded.embedding,
    reused: true,
  })
})
