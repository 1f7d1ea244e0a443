/** The pipeline with a bank: what a camera usually shows becomes its quiet level, and infrared begins without one. */

import { EMPTY, lastValueFrom, NEVER, of, toArray } from 'rxjs'
import { expect, test } from 'vitest'
import { createFitQueue } from '../../src/bank/fitQueue.ts'
import { createQuietBanks } from '../../src/bank/quietBanks.ts'
import type { WatchState } from '../../src/operators/watchState.ts'
import { pipeline } from '../../src/pipeline.ts'
import type { Frame, Outcome, ScoredFrame } from '../../src/types.ts'
import { createRandom } from '../../src/util/random.ts'
import { axis, DIM, sceneImage } from '../support/embeddings.ts'
import { fakeEncoder } from '../support/fakeEncoder.ts'
import { createFakeTimer } from '../support/fakeTimer.ts'
import { imageFrame, status } from '../support/frames.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'

/** Axis 0 distinguishes the car; without it the plain margin is far below the prior's centre. */
const PLAN: WatchState = {
  cameras: [
    {
      camera: 'a',
      enabled: true,
      revision: '1',
      motion: { enabled: false, threshold: 0.004, refreshMs: 10_000 },
      events: ['car'],
    },
  ],
  events: [
    {
      event: 'car',
      enabled: true,
      tauMs: 0,
      rule: {
        rule: 'present',
        trigger: { threshold: 0.6, releaseThreshold: 0.4, minOnMs: 0, minOffMs: 0, cooldownMs: 0, maxDurationMs: 1e9 },
      },
    },
  ],
  texts: {
    variant: 'fake',
    logitScale: 100,
    calibration: { centre: 80, width: 1 },
    events: [{ event: 'car', positive: axis(0), contrast: [axis(1), axis(2)], levels: null }],
  },
}

/** Red carries the frame's number, green whether a car is there: the encoder reads both. */
function frameOf(number: number, { car = false, colour = true } = {}): Frame {
  const pixels = new Uint8Array(4 * 4 * 3)
  for (let p = 0; p < pixels.length; p += 3) pixels.set(colour ? [number, car ? 220 : 120, 60] : [90, 90, 90], p)
  return imageFrame(number * 61_000, pixels)
}

const embed = (pixels: Uint8Array) => {
  const [red = 0, green = 0] = pixels
  return [...sceneImage(createRandom(`image ${red}`), { amount: green === 220 ? 0.5 : 0, dim: DIM })]
}

async function watch(frames: readonly Frame[]) {
  const telemetry = recordTelemetry()
  const timer = createFakeTimer()
  const memory = createQuietBanks({ dim: DIM, texts: () => PLAN.texts, queue: createFitQueue(timer), telemetry })
  /** A turn of the event loop after each frame. */
  const learning = {
    ...memory,
    offer: (...args: Parameters<typeof memory.offer>) => {
      memory.offer(...args)
      timer.turn()
    },
  }
  const outcomes = await lastValueFrom(
    pipeline(
      {
        watchState: PLAN,
        scoring: 'two-way',
        maxBatch: 1,
        maxQueueDelayMs: 1,
        lossless: true,
        updateEveryMs: 0,
        gapMs: 1e9,
      },
      {
        open: () => of(status('a', 0, 'online'), ...frames, status('a', 1e9, 'ended')),
        encoder: fakeEncoder({ takesMs: () => 0, embed }),
        telemetry,
        memory: learning,
        commands$: EMPTY,
        stop$: NEVER,
      },
    ).pipe(toArray<Outcome>()),
  )
  const scores = outcomes
    .filter((outcome): outcome is ScoredFrame => outcome.kind === 'frame')
    .map(({ rawScores }) => rawScores.car ?? Number.NaN)
  const began = outcomes.filter(outcome => outcome.kind === 'event' && outcome.type === 'new').length
  return { scores, began, states: telemetry.of('CalibrationChanged').map(({ state, light }) => `${state} ${light}`) }
}

const quiet = Array.from({ length: 100 }, (_, i) => frameOf(i))
const cars = Array.from({ length: 5 }, (_, i) => frameOf(100 + i, { car: true }))
const infrared = Array.from({ length: 5 }, (_, i) => frameOf(200 + i, { colour: false }))

test('a car that the prior misses is found once the camera is learned; quiet frames begin no event', async () => {
  expect((await watch(cars)).began).toBe(0)
  const { scores, began, states } = await watch([...quiet, ...cars])
  expect(Math.max(...scores.slice(70, 100))).toBeLessThan(0.6)
  expect(Math.min(...scores.slice(100))).toBeGreaterThan(0.9)
  expect(began).toBe(1)
  expect(states).toEqual(['prior day', 'learning day', 'learned day'])
})

test('at the switch to infrared the prior decides, and no event begins', async () => {
  const { began, states } = await watch([...quiet, ...infrared])
  expect(began).toBe(0)
  expect(states.at(-1)).toBe('prior infrared')
})
