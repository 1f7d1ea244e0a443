/** Crops and zones on their way through the encoder, live and from files. */

import fc from 'fast-check'
import { type OperatorFunction, Subject } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { embedEvery } from '../../src/operators/embedEvery.ts'
import { embedLatest } from '../../src/operators/embedLatest.ts'
import type { Telemetry } from '../../src/telemetry/internalEvents.ts'
import type { EncodedFrame, Encoder, MarkedFrame, PartialView, Signal } from '../../src/types.ts'
import { fakeEncoder } from '../support/fakeEncoder.ts'
import { frame, status } from '../support/frames.ts'
import { type RecordedTelemetry, recordTelemetry } from '../support/recordTelemetry.ts'
import { later, virtually } from '../support/virtualTime.ts'

const NAMES = ['zone-gate', 'crop-1', 'crop-2', 'crop-3']
const BOX = { x: 0, y: 0, width: 1, height: 1 }

const step = fc.record({
  camera: fc.constantFrom('a', 'b'),
  what: fc.constantFrom('frame', 'frame', 'frame', 'frame', 'offline'),
  still: fc.boolean(),
  /** For each name: absent, changed or unchanged. */
  views: fc.array(fc.constantFrom('none', 'changed', 'still'), { minLength: 4, maxLength: 4 }),
  gapMs: fc.integer({ min: 0, max: 30 }),
})
const world = fc.record({
  steps: fc.array(step, { maxLength: 50 }),
  takesMs: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 5 }),
  failing: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  maxBatch: fc.integer({ min: 1, max: 5 }),
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Numbers what each view and the whole image show, so that a wrong embedding is recognised. */
function createScenes() {
  const shown = new Map<string, number>()
  let next = 1
  const content = (key: string, isNew: boolean) => {
    const value = isNew || !shown.has(key) ? next++ : (shown.get(key) ?? 0)
    const wasKnown = shown.has(key)
    shown.set(key, value)
    return { value, still: wasKnown && !isNew }
  }
  return {
    lose: (camera: string) => {
      for (const key of [...shown.keys()]) if (key.startsWith(`${camera}/`)) shown.delete(key)
    },
    frame: ({ camera, still, views }: Step, seq: number): MarkedFrame => {
      const whole = content(`${camera}/whole`, !still)
      const made = NAMES.flatMap((id, i): PartialView[] => {
        const what = views[i]
        const key = `${camera}/${id}`
        if (what === 'none') {
          shown.delete(key)
          return []
        }
        const { value, still: unchanged } = content(key, what === 'changed')
        const kind = id.startsWith('zone') ? 'zone' : 'crop'
        const pixels = pixelsOf(value)
        return [{ id, kind, box: BOX, subject: BOX, zones: {}, motion: 0, settled: 0, still: unchanged, pixels }]
      })
      return frame(camera, seq, { still: whole.still, pixels: pixelsOf(whole.value), views: made })
    },
  }
}

const pixelsOf = (value: number) => Uint8Array.of(value & 255, value >> 8, 0)
const shownBy = (pixels: Uint8Array) => (pixels[0] ?? 0) + 256 * (pixels[1] ?? 0)

function checkBooks(
  telemetry: RecordedTelemetry,
  received: { readonly frames: number; readonly zone: number; readonly crop: number },
): void {
  const counted = telemetry.of('ViewsCounted')
  for (const kind of ['zone', 'crop'] as const)
    expect(counted.reduce((sum, { view, count }) => sum + (view === kind ? count : 0), 0)).toBe(received[kind])
  expect(counted.some(({ view, outcome }) => view === 'zone' && outcome === 'load')).toBe(false)
  const wholes = telemetry.of('BatchEncoded').reduce((sum, { cameras }) => sum + cameras.length, 0)
  expect(wholes + telemetry.skipped() + telemetry.dropped()).toBe(received.frames)
}

function checkEmbeddings({ frame: { views: made, pixels }, embedding, views }: EncodedFrame, isFile: boolean): void {
  expect(embedding[0]).toBe(shownBy(pixels))
  for (const { view, embedding: vector } of views) {
    const shownNow = made.find(({ id }) => id === view.id)?.pixels
    expect([view.pixels, shownNow].map(shown => shown && shownBy(shown))).toEqual([vector[0], vector[0]])
  }
  const ids = views.map(({ view }) => view.id)
  // A view whose embedding was lost with another frame's batch may be missing from a file.
  if (!isFile) for (const { id, kind } of made) if (kind === 'zone') expect(ids).toContain(id)
}

type Make = (
  encoder: Encoder,
  maxBatch: number,
  telemetry: Telemetry,
) => OperatorFunction<Signal<MarkedFrame>, Signal<EncodedFrame>>

const live: Make = (encoder, maxBatch, telemetry) => embedLatest(encoder, { maxBatch, maxQueueDelayMs: 20 }, telemetry)
const files: Make = (encoder, maxBatch, telemetry) =>
  embedEvery(encoder, { maxBatch, backpressure: { pause: () => {}, resume: () => {} } }, telemetry)

describe.each([
  ['live', live],
  ['files', files],
])('%s', (kind, make) => {
  test.each([false, true])('every view is counted once and shows what was encoded; ended early: %s', endsEarly => {
    fc.assert(
      fc.property(world, ({ steps, takesMs, failing, maxBatch }) => {
        virtually(() => {
          const encoder = fakeEncoder({
            maxBatch: 4,
            takesMs: batch => takesMs[batch % takesMs.length] ?? 0,
            fails: batch => failing[batch % failing.length] === true,
            embed: pixels => [shownBy(pixels)],
          })
          const telemetry = recordTelemetry()
          const source = new Subject<Signal<MarkedFrame>>()
          const sent: EncodedFrame[] = []
          const subscription = source.pipe(make(encoder, maxBatch, telemetry)).subscribe(signal => {
            if (signal.kind === 'frame') sent.push(signal)
          })
          const scenes = createScenes()
          const received = { zone: 0, crop: 0 }
          let [frames, at] = [0, 0]
          steps.forEach((each, seq) => {
            at += each.gapMs
            later(at, () => {
              if (each.what === 'offline') {
                scenes.lose(each.camera)
                source.next(status(each.camera, seq, 'offline'))
                return
              }
              const made = scenes.frame(each, seq)
              frames += 1
              for (const view of made.views) received[view.kind] += 1
              source.next(made)
            })
          })
          later(at + 5, () => (endsEarly ? subscription.unsubscribe() : source.complete()))
          return () => {
            checkBooks(telemetry, { frames, ...received })
            for (const each of sent) checkEmbeddings(each, kind === 'files')
            expect(encoder.mostAtOnce()).toBeLessThanOrEqual(1)
          }
        })
      }),
      { numRuns: 200 },
    )
  })
})

test('while the encoder has no time to spare, crops are left out and whole images are not', () => {
  virtually(() => {
    const encoder = fakeEncoder({ takesMs: () => 90 })
    const telemetry = recordTelemetry()
    const source = new Subject<Signal<MarkedFrame>>()
    const crops: number[] = []
    source.pipe(live(encoder, 8, telemetry)).subscribe(signal => {
      if (signal.kind === 'frame') crops.push(signal.views.length)
    })
    const scenes = createScenes()
    const step = { camera: 'a', what: 'frame', still: false, gapMs: 0 }
    for (let i = 0; i < 300; i++)
      later(i * 100, () =>
        source.next(scenes.frame({ ...step, views: ['none', 'changed', 'none', 'none'] } as Step, i)),
      )
    later(30_000, () => source.complete())
    return () => {
      expect(crops.slice(0, 10)).toEqual(Array(10).fill(1))
      expect(crops.slice(-50).filter(count => count > 0).length).toBeLessThan(50)
      expect(telemetry.of('FramesDropped')).toEqual([])
      expect(telemetry.of('ViewsCounted').some(({ outcome }) => outcome === 'load')).toBe(true)
    }
  })
})
