/** Replayed frames make the events that the same frames made live. */

import fc from 'fast-check'
import { EMPTY, lastValueFrom, NEVER, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { fittedMemory } from '../../../src/commands/past/fittedMemory.ts'
import { type ReplayOptions, replay, replayScores } from '../../../src/commands/past/replay.ts'
import { FRAME_GAP_MS, UPDATE_EVERY_MS } from '../../../src/commands/watchStateOf.ts'
import type { DetectRule } from '../../../src/operators/detect/detectRule.ts'
import { NO_MEMORY, type QuietMemory } from '../../../src/operators/score.ts'
import type { WatchState } from '../../../src/operators/watchState.ts'
import { pipeline } from '../../../src/pipeline.ts'
import type { EncodedFrame, EventChange, Frame, Outcome, Signal } from '../../../src/types.ts'
import { normalize } from '../../../src/util/vector.ts'
import { fakeEncoder } from '../../support/fakeEncoder.ts'
import { imageFrame, status } from '../../support/frames.ts'
import { memoryHistory, moment, moments } from '../../support/memoryHistory.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'
import { watchForLight } from '../../support/watchForLight.ts'

const SIZE = 56
const DETAIL = 2 * SIZE
const GATE = [
  [0, 0],
  [0.5, 0],
  [0.5, 1],
  [0, 1],
] as const

const trigger = {
  threshold: 0.6,
  releaseThreshold: 0.4,
  minOnMs: 500,
  minOffMs: 1000,
  cooldownMs: 0,
  maxDurationMs: 20_000,
}
const RULES: Readonly<Record<string, DetectRule>> = {
  present: { rule: 'present', trigger },
  gate: { rule: 'present', trigger: { ...trigger, minOnMs: 0 } },
  moves: { rule: 'moves', motionWindowMs: 3000, trigger },
  stops: { rule: 'stops', motionWindowMs: 6000, trigger },
  loiters: { rule: 'loiters', dwellMs: 4000, trigger },
  leaves: { rule: 'leaves', holdMs: 3000, trigger },
}

const watchState: WatchState = {
  cameras: ['a', 'b'].map(camera => ({
    camera,
    enabled: true,
    revision: '1',
    motion: { enabled: true, threshold: 0.004, refreshMs: 5000 },
    views: { crops: 2, zones: [{ name: 'gate', polygon: GATE }], samples: true },
    events: Object.keys(RULES),
    areas: { gate: { zones: ['gate'], overlap: 0.3 } },
  })),
  events: Object.entries(RULES).map(([event, rule]) => ({ event, enabled: true, rule, tauMs: 800 })),
  texts: {
    variant: 'fake',
    logitScale: 20,
    calibration: { centre: 0, width: 1 },
    events: Object.keys(RULES).map(event => ({
      event,
      positive: Float32Array.of(1, 0, 0),
      contrast: [Float32Array.of(0, 1, 0)],
      levels: null,
    })),
  },
}

/** A bright square on a dark wall, seen larger in the detail image. */
interface Scene {
  readonly camera: string
  readonly at: number
  readonly x: number
  readonly side: number
}

function painted(width: number, { x, side }: Scene): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(width * width * 3).fill(40)
  const [left, top, length] = [Math.round(x * width), Math.round(0.4 * width), Math.round(side * width)]
  for (let row = top; row < Math.min(width, top + length); row++)
    pixels.fill(230, (row * width + left) * 3, (row * width + Math.min(width, left + length)) * 3)
  return pixels
}

function frameOf(scene: Scene, seq: number): Frame {
  const detail = { width: DETAIL, height: DETAIL, pixels: painted(DETAIL, scene) }
  const half = { ...scene, x: Math.min(1, scene.x * 2) }
  const zoneImages = new Map([['gate', painted(SIZE, half)]])
  const jpeg = Uint8Array.of(1, 2, 3)
  return { ...imageFrame(scene.at, painted(SIZE, scene), scene.camera), seq, detail, zoneImages, jpeg }
}

/** The more of it is bright, the more it looks like the event; the last number tells images apart. */
function embed(pixels: Uint8Array): readonly number[] {
  const bright = pixels.reduce((sum, value) => sum + (value > 128 ? 1 : 0), 0) / pixels.length
  const sum = pixels.reduce((total, value, i) => (total + value * (i % 97)) % 10_007, 0)
  return [...normalize(Float32Array.of(Math.min(1, 6 * bright), 0.5, 0.1 * (sum / 10_007)))]
}

const step = fc.record({
  what: fc.constantFrom(
    'frame',
    'frame',
    'frame',
    'frame',
    'frame',
    'frame',
    'frame',
    'rest',
    'empty',
    'offline',
    'gap',
    'blind',
    'back',
  ),
  camera: fc.constantFrom('a', 'a', 'b'),
  x: fc.double({ min: 0, max: 0.8, noNaN: true }),
  side: fc.constantFrom(0, 0.1, 0.2, 0.3),
  times: fc.integer({ min: 1, max: 12 }),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What the source of one camera says. */
function signalsOf(camera: string, steps: readonly Step[]): Signal<Frame>[] {
  const signals: Signal<Frame>[] = [status(camera, 0, 'online')]
  let [at, seq] = [1000, 0]
  let last = { x: 0.1, side: 0 }
  for (const { what, times, x, side } of steps) {
    if (what === 'offline') signals.push(status(camera, at, 'offline'), status(camera, at + 10, 'online'))
    if (what === 'gap') at += FRAME_GAP_MS + 1000
    if (what === 'back') at -= 1500
    if (what === 'frame') last = { x, side }
    if (what === 'empty') last = { x: 0, side: 0 }
    for (let i = 0; i < times; i++) {
      at += 500
      const moving = { ...last, x: what === 'frame' ? Math.min(0.9, last.x + 0.02 * i) : last.x }
      const frame = frameOf({ camera, at, ...moving }, seq++)
      signals.push(what === 'blind' ? { ...frame, problem: 'dark' } : frame)
    }
  }
  return [...signals, status(camera, at + 1, 'ended')]
}

/** Runs the real pipeline without losing frames, and keeps what the history is given. */
async function live(steps: readonly Step[], memory: QuietMemory) {
  const stored: Signal<EncodedFrame>[] = []
  const outcomes = await lastValueFrom(
    pipeline(
      {
        watchState,
        scoring: 'two-way',
        maxBatch: 4,
        maxQueueDelayMs: 1,
        lossless: true,
        updateEveryMs: UPDATE_EVERY_MS,
        gapMs: FRAME_GAP_MS,
      },
      {
        open: async function* ({ camera }) {
          yield* signalsOf(
            camera,
            steps.filter(one => one.camera === camera),
          )
        },
        encoder: fakeEncoder({ takesMs: () => 0, embed }),
        telemetry: recordTelemetry(),
        memory,
        onEncoded: signal => stored.push(withoutImages(signal)),
        commands$: EMPTY,
        stop$: NEVER,
      },
    ).pipe(toArray<Outcome>()),
  )
  return { stored, changes: outcomes.filter(isChange) }
}

/** As the history keeps frames. */
function withoutImages(signal: Signal<EncodedFrame>): Signal<EncodedFrame> {
  if (signal.kind === 'status') return signal
  const bare = new Uint8Array(0)
  const views = signal.views.map(each => ({ ...each, view: { ...each.view, pixels: bare } }))
  const all = signal.frame.views.map(view => ({ ...view, pixels: bare }))
  const frame = { ...signal.frame, pixels: bare, jpeg: null, detail: null, zoneImages: new Map(), views: all }
  return { ...signal, frame, views }
}

const isChange = (outcome: Outcome): outcome is EventChange => outcome.kind === 'event'
const bare = (change: EventChange) => ({ ...change, snapshot: null, viewImage: null })

async function replayed(options: Omit<ReplayOptions, 'range' | 'watchState' | 'scoring'>, camera: string) {
  const changes: EventChange[] = []
  const range = { camera, from: 0, to: Number.MAX_SAFE_INTEGER }
  for await (const outcome of replay({ ...options, range, watchState, scoring: 'two-way' }))
    if (isChange(outcome)) changes.push(bare(outcome))
  return changes
}

/** A camera that usually looks a little like the event. */
const learned = fittedMemory(
  world => ({
    fit: {
      direction: Float32Array.of(20, -10, 0),
      offset: world === 'crop' ? 7 : 5,
      location: 1,
      spread: 1,
      centre: 2,
      width: 1,
      eventFraction: 0,
      usualMargin: 0,
      images: 15,
    },
    answers: null,
  }),
  watchState.texts,
)

describe.each([
  ['the model alone', NO_MEMORY],
  ['a camera that was learned', learned],
])('%s', (_, memory) => {
  test('stored frames make the events that they made live, whatever cameras show', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async steps => {
        const { stored, changes } = await live(steps, memory)
        const reader = memoryHistory(stored)
        for (const camera of ['a', 'b']) {
          const expected = changes.filter(({ after }) => after.camera === camera).map(bare)
          expect(await replayed({ reader, memory }, camera)).toEqual(expected)
        }
        for (const { after } of changes) seen.add(`${after.event} ${after.endReason} ${after.where?.view}`)
      }),
      { numRuns: 30, seed: 17 },
    )
    // The scenes are worth comparing: each kind of view, several rules, and several ways to end were among them.
    const words = [...seen].join(' ')
    for (const word of [
      'present',
      'gate',
      'moves',
      'loiters',
      'leaves',
      'score',
      'camera_offline',
      'crop',
      'zone',
      'whole',
    ])
      expect(words).toContain(word)
  })
})

describe('reading', () => {
  const state = watchForLight(['a'])
  const options = (signals: readonly Signal<EncodedFrame>[]) => {
    const reader = memoryHistory(signals)
    return {
      reader,
      range: { camera: 'a', from: 0, to: 1e9 },
      watchState: state,
      memory: NO_MEMORY,
      scoring: 'two-way' as const,
    }
  }

  test('the reader waits for whoever takes the outcomes, and reads no further when they stop', async () => {
    const bright = moments(
      'a',
      Array.from({ length: 100 }, () => [1, 0]),
    )
    const given = options(bright)
    let taken = 0
    for await (const _ of replay(given)) {
      taken += 1
      expect(given.reader.reads()).toBeLessThanOrEqual(taken)
      if (taken === 10) break
    }
    expect(given.reader.reads()).toBeLessThan(12)
  })

  test('an event that is open at the end of the range ends there', async () => {
    const outcomes: Outcome[] = []
    for await (const outcome of replay(
      options(
        moments('a', [
          [1, 0],
          [1, 0],
        ]),
      ),
    ))
      outcomes.push(outcome)
    expect(outcomes.filter(isChange).map(({ type, after }) => [type, after.endReason])).toEqual([
      ['new', null],
      ['end', 'shutdown'],
    ])
  })

  test('scores come without events, in order with statuses', async () => {
    const signals = [moment('a', 0, [1, 0]), status('a', 500, 'offline'), moment('a', 1000, [0, 1])]
    const kinds: string[] = []
    for await (const signal of replayScores(options(signals)))
      kinds.push(signal.kind === 'status' ? signal.state : (signal.scores.light ?? 0) > 0.5 ? 'bright' : 'dark')
    expect(kinds).toEqual(['bright', 'offline', 'dark'])
  })

  test('an error of the reader reaches the caller', async () => {
    const reader = {
      read: async function* () {
        yield moment('a', 0, [1, 0])
        throw new Error('the disk is gone')
      },
    }
    const all = async () => {
      for await (const _ of replay({ ...options([]), reader }));
    }
    await expect(all()).rejects.toThrow('the disk is gone')
  })
})
