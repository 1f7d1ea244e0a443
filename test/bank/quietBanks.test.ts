import { describe, expect, test } from 'vitest'
import { createFitQueue } from '../../src/bank/fitQueue.ts'
import { createQuietBanks } from '../../src/bank/quietBanks.ts'
import { EMPTY_RESERVOIR } from '../../src/bank/reservoir.ts'
import { eventScores } from '../../src/scoring/eventScores.ts'
import type { EventText, Example, ScoringTexts } from '../../src/scoringTypes.ts'
import type { EncodedFrame, Light } from '../../src/types.ts'
import { float16ToFloat32 } from '../../src/util/float16.ts'
import { createRandom } from '../../src/util/random.ts'
import { normalize } from '../../src/util/vector.ts'
import { axis, DIM, sceneImage } from '../support/embeddings.ts'
import { createFakeTimer } from '../support/fakeTimer.ts'
import { frame } from '../support/frames.ts'
import { recordTelemetry } from '../support/recordTelemetry.ts'

const textOf = (event: string, place = 0): EventText => ({
  event,
  positive: axis(place),
  contrast: [axis(1), axis(2)],
  levels: null,
})
const TEXTS: ScoringTexts = {
  variant: 'int8',
  logitScale: 100,
  calibration: { centre: 20, width: 1 },
  events: [textOf('car')],
}

interface Seen {
  readonly light?: Light
  readonly amount?: number
  readonly reused?: boolean
  readonly problem?: 'dark' | null
}

const NO_EXAMPLES: readonly Example[] = []

/** Images like the event: those on axis 6 are right, those against it wrong. */
function answered(count: number): Example[] {
  return Array.from({ length: count }, (_, i) => {
    const vector = sceneImage(createRandom(`answered ${i}`), { amount: 0.5 })
    vector[6] = (vector[6] ?? 0) + (i % 2 === 0 ? 0.4 : -0.4)
    return { embedding: normalize(vector), at: i, yes: i % 2 === 0 }
  })
}

function setUp(texts: ScoringTexts = TEXTS) {
  const timer = createFakeTimer()
  const telemetry = recordTelemetry()
  let current = texts
  let examples: readonly Example[] = NO_EXAMPLES
  const queue = createFitQueue(timer)
  const banks = createQuietBanks({ dim: DIM, texts: () => current, examples: () => examples, queue, telemetry })
  let at = 0
  /** A frame as the pipeline scores it: first its fits, then its scores, then the offer. */
  const see = (camera: string, { light = 'day', amount = 0, reused = false, problem = null }: Seen = {}) => {
    at += 61_000
    const embedding = sceneImage(createRandom(`${camera}/${at}`), { amount })
    const marked = frame(camera, at, { light, problem })
    const encoded: EncodedFrame = { kind: 'frame', frame: marked, embedding, variant: 'int8', reused, views: [] }
    const seen = { frame: marked, world: 'whole', embedding, reused }
    const scores = eventScores(embedding, current, current.events, banks.fits(seen), banks.answers(seen))
    banks.offer(seen, scores)
    return { encoded, scores }
  }
  const seeMany = (count: number, camera = 'a', seen: Seen = {}) => {
    for (let i = 0; i < count; i++) see(camera, seen)
  }
  const settle = () => {
    while (timer.turn());
  }
  const fitOf = (camera = 'a', light: Light = 'day', event = 'car') => {
    const marked = frame(camera, at, { light })
    return banks.fits({ frame: marked, world: 'whole' })(event)
  }
  const states = () => telemetry.of('CalibrationChanged').map(({ state }) => state)
  const replaceTexts = (next: ScoringTexts) => {
    current = next
  }
  const answersOf = (light: Light = 'day') => banks.answers({ frame: frame('a', at, { light }), world: 'whole' })('car')
  const answer = (next: readonly Example[]) => {
    examples = next
  }
  return { banks, timer, telemetry, see, seeMany, settle, fitOf, answersOf, answer, states, replaceTexts }
}

describe('fits', () => {
  test('are never made on the frame path, only in turns of their own, one event each', () => {
    const { timer, seeMany, fitOf, settle } = setUp({ ...TEXTS, events: [textOf('car'), textOf('dog', 5)] })
    seeMany(100)
    expect([fitOf(), fitOf('a', 'day', 'dog')]).toEqual([null, null])
    timer.turn()
    expect(fitOf()?.images).toBe(100)
    expect(fitOf('a', 'day', 'dog')).toBeNull()
    timer.turn()
    expect(fitOf('a', 'day', 'dog')?.images).toBe(100)
    settle()
  })

  test('need eight images, and are renewed when a fifth is added; the old one stays until then', () => {
    const { timer, seeMany, fitOf } = setUp()
    seeMany(7)
    expect(timer.planned()).toBe(0)
    seeMany(93)
    timer.turn()
    const first = fitOf()
    expect(first?.images).toBe(100)
    seeMany(9)
    expect(timer.planned()).toBe(0)
    seeMany(20)
    expect(timer.planned()).toBe(1)
    expect(fitOf()).toBe(first)
    timer.turn()
    expect(fitOf()?.images).toBe(129)
  })

  test('are renewed after ten minutes if there are new images', () => {
    const { timer, seeMany, fitOf } = setUp()
    seeMany(100)
    timer.turn()
    seeMany(10, 'a', { reused: true })
    expect(timer.planned()).toBe(0)
    seeMany(1)
    timer.turn()
    expect(fitOf()?.images).toBe(101)
  })

  test('are apart for each camera and light: nothing of the day decides in infrared', () => {
    const { seeMany, settle, fitOf, states, see } = setUp()
    seeMany(100)
    seeMany(20, 'b')
    settle()
    see('a')
    expect(fitOf('a', 'infrared')).toBeNull()
    expect(fitOf('a', 'night')).toBeNull()
    expect(fitOf('b')?.images).toBe(20)
    expect(fitOf('c')).toBeNull()
    const before = states().length
    see('a', { light: 'infrared' })
    expect(states().slice(before)).toEqual(['prior'])
    see('a')
    expect(states().at(-1)).toBe('learned')
  })

  test('images with the event are left out, and make it no more usual', () => {
    const { seeMany, settle, fitOf, banks } = setUp()
    seeMany(80)
    settle()
    for (let i = 0; i < 40; i++) seeMany(1, 'a', { amount: 0.8 })
    settle()
    const marked = banks.reservoir('a').entries.filter(({ events }) => events.includes('car'))
    expect(marked).toHaveLength(40)
    expect(fitOf()?.images).toBe(80)
  })

  test('of an event whose phrases changed are dropped at once and made again', () => {
    const { seeMany, settle, fitOf, see, replaceTexts } = setUp()
    seeMany(100)
    settle()
    const old = fitOf()
    replaceTexts({ ...TEXTS, events: [textOf('car')] })
    expect(fitOf()).toBe(old)
    replaceTexts({ ...TEXTS, events: [{ ...textOf('car'), contrast: [axis(1), axis(7)] }] })
    expect(fitOf()).toBeNull()
    see('a')
    settle()
    expect(fitOf()).not.toBeNull()
    expect(fitOf()).not.toBe(old)
    replaceTexts({ ...TEXTS, events: [] })
    expect(fitOf()).toBeNull()
  })

  test('a fit that waits for an event that was removed is not made', () => {
    const { seeMany, settle, fitOf, replaceTexts } = setUp()
    seeMany(20)
    replaceTexts({ ...TEXTS, events: [textOf('dog')] })
    settle()
    replaceTexts(TEXTS)
    expect(fitOf()).toBeNull()
  })
})

describe('what enters the bank', () => {
  test('no frame with a problem, no reused embedding', () => {
    const { seeMany, banks } = setUp()
    seeMany(5, 'a', { problem: 'dark' })
    seeMany(5, 'a', { reused: true })
    expect(banks.reservoir('a')).toBe(EMPTY_RESERVOIR)
    seeMany(1)
    expect(banks.reservoir('a').entries).toHaveLength(1)
  })

  test('nothing for a model that was fitted on images of its own', () => {
    const { seeMany, banks, timer, states } = setUp({
      ...TEXTS,
      calibration: { centre: 0, width: 1, images: 1_000_000 },
    })
    seeMany(100)
    expect(banks.reservoir('a').entries).toEqual([])
    expect(timer.planned()).toBe(0)
    expect(states()).toEqual(['model'])
  })

  test('a stored bank comes before what was learned meanwhile; a forgotten camera begins again', () => {
    const first = setUp()
    first.seeMany(50)
    const { seeMany, settle, banks, fitOf, see, telemetry } = setUp()
    seeMany(3)
    banks.restore('a', first.banks.reservoir('a'))
    expect(banks.reservoir('a').entries).toHaveLength(53)
    expect(telemetry.of('BankChanged').at(-1)?.images.day).toBe(53)
    see('a')
    settle()
    expect(fitOf()?.images).toBe(54)
    banks.forget('a')
    expect(banks.reservoir('a')).toBe(EMPTY_RESERVOIR)
    expect(fitOf()).toBeNull()
    expect(telemetry.of('BankChanged').at(-1)?.images.day).toBe(0)
  })
})

describe('the calibration state', () => {
  test('goes from prior over learning to learned, and each change is reported once', () => {
    const { seeMany, settle, states } = setUp()
    for (let i = 0; i < 100; i++) {
      seeMany(1)
      settle()
    }
    seeMany(1)
    expect(states()).toEqual(['prior', 'learning', 'learned'])
  })

  test.each([0.05, 0.2, 0.4])('an event in %d of the images is learned', share => {
    const { seeMany, settle, states, see } = setUp()
    for (let i = 0; i < 200; i++) seeMany(1, 'a', { amount: (i * share) % 1 < share ? 0.3 : 0 })
    settle()
    see('a')
    expect(states().at(-1)).toBe('learned')
  })

  test.each([0.6, 0.9])('an event in %d of the images is common', share => {
    const { seeMany, settle, states, see } = setUp()
    for (let i = 0; i < 200; i++) seeMany(1, 'a', { amount: (i * share) % 1 < share ? 0.3 : 0 })
    settle()
    see('a')
    expect(states().at(-1)).toBe('common')
  })
})

describe('answers', () => {
  test('count after the next frame, in a turn of their own, and are taken back without a trace', () => {
    const { seeMany, see, settle, fitOf, answersOf, answer, banks } = setUp()
    seeMany(30)
    settle()
    const [before, entries] = [fitOf(), banks.reservoir('a').entries]
    answer(answered(10))
    see('a', { reused: true })
    expect(answersOf()).toBeNull()
    settle()
    expect(answersOf()).toMatchObject({ yes: 5, no: 5 })
    // Images that were taken for the event are among those of the quiet level.
    expect(fitOf()?.images).toBe((before?.images ?? 0) + 5)
    answer(NO_EXAMPLES)
    see('a', { reused: true })
    settle()
    expect(answersOf()).toBeNull()
    expect(banks.reservoir('a').entries).toBe(entries)
    expect({ ...fitOf(), direction: [...(fitOf()?.direction ?? [])] }).toEqual({
      ...before,
      direction: [...(before?.direction ?? [])],
    })
  })

  test('an entry of the bank that shows a right event is left out', () => {
    const { seeMany, see, settle, fitOf, answer, banks } = setUp()
    seeMany(30)
    settle()
    const images = fitOf()?.images ?? 0
    const [first] = banks.reservoir('a').entries
    answer([{ embedding: float16ToFloat32(first?.vector as Uint16Array), at: 0, yes: true }])
    see('a', { reused: true })
    settle()
    expect(fitOf()?.images).toBe(images - 1)
  })

  test('count for a model that learns nothing from images', () => {
    const { see, settle, fitOf, answersOf, answer } = setUp({
      ...TEXTS,
      calibration: { centre: 20, width: 1, images: 1e9 },
    })
    answer(answered(10))
    see('a')
    settle()
    expect(fitOf()).toBeNull()
    expect(answersOf()).toMatchObject({ yes: 5, no: 5 })
  })

  test('are learned again when the phrases change, and after the camera was forgotten', () => {
    const { see, seeMany, settle, answersOf, answer, banks, replaceTexts } = setUp()
    seeMany(30)
    answer(answered(10))
    see('a')
    settle()
    expect(answersOf()).not.toBeNull()
    replaceTexts({ ...TEXTS, events: [{ ...textOf('car'), contrast: [axis(1)] }] })
    expect(answersOf()).toBeNull()
    see('a')
    settle()
    expect(answersOf()).not.toBeNull()
    banks.forget('a')
    expect(answersOf()).toBeNull()
    see('a')
    settle()
    expect(answersOf()).not.toBeNull()
  })
})
