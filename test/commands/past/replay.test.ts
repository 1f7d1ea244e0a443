/** Replayed frames make the events that the same frames made live. */

import fc from 'fast-check'
import { EMPTY, lastValueFrom, NEVER, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { fittedMemory } from '../../../src/commands/past/fittedMemory.ts'
import { type ReplayOptions, replay, replayScores } from '../../../src/commands/past/replay.ts'
import { FRAME_GAP_MS, UPDATE_EVERY_MS } from '../../../src/commands/watchStateOf.ts'
import { NO_MEMORY, type QuietMemory } from '../../../src/operators/score.ts'
import { pipeline } from '../../../src/pipeline.ts'
import type { EncodedFrame, EventChange, Outcome, Signal } from '../../../src/types.ts'
import { fakeEncoder } from '../../support/fakeEncoder.ts'
import { status } from '../../support/frames.ts'
import { memoryHistory, moment, moments } from '../../support/memoryHistory.ts'
import { recordTelemetry } from '../../support/recordTelemetry.ts'
import { embed, type Step, signalsOf, step, watchState } from '../../support/squareScenes.ts'
import { watchForLight } from '../../support/watchForLight.ts'

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

  test('the reader waits for the consumer of the outcomes, and reads no further when that stops', async () => {
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
