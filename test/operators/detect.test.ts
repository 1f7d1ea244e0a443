import { map } from 'rxjs'
import { expect, test } from 'vitest'
import type { DetectRule } from '../../src/operators/detect/detectRule.ts'
import { detect } from '../../src/operators/detect.ts'
import type { Outcome } from '../../src/types.ts'
import { changes, curve, HOUR, OPTIONS, PRESENT, run, story } from '../support/detectRun.ts'
import { scored, status } from '../support/frames.ts'
import { marbles } from '../support/virtualTime.ts'

test('frames go on in order, what they cause follows them', () => {
  const values = { l: scored('one', 0, { car: 0.1 }), h: scored('one', 0, { car: 0.9 }) }
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const frames = hot('  l-h---h-l---l-|', values)
    const subscribed = '  ^-------------!'
    const outcomes = '    l-(hn)h-(le)l-|'
    const names$ = frames.pipe(
      detect(OPTIONS),
      map(outcome => {
        if (outcome.kind === 'event') return outcome.type === 'new' ? 'n' : 'e'
        return outcome.kind === 'frame' && outcome.scores === values.l.scores ? 'l' : 'h'
      }),
    )
    expectObservable(names$).toBe(outcomes)
    expectSubscriptions(frames.subscriptions).toBe(subscribed)
  })
})

test('on completion what is open ends with shutdown; on unsubscription nothing more is said', () => {
  const values = { h: scored('one', 0, { car: 0.9 }) }
  const nameOf = map((outcome: Outcome) => (outcome.kind === 'event' ? outcome.type[0] : 'h'))
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const frames = hot('  h---|    ', values)
    const outcomes = '    (hn)(e|)'
    expectObservable(frames.pipe(detect(OPTIONS), nameOf)).toBe(outcomes)
    const others = hot('  h--------', values)
    const unsubscribed = '-----!   '
    expectObservable(others.pipe(detect(OPTIONS), nameOf), unsubscribed).toBe('(hn)')
    expectSubscriptions(others.subscriptions).toBe('^----!')
  })
})

test('an event as sinks receive it', () => {
  const start = Date.UTC(2026, 10, 24, 3, 42, 55, 123)
  const frames = [0.1, 0.8, 0.95, 0.2].map((car, i) =>
    scored('one', start + i * 1000, { car }, { seq: 150 + i, jpeg: Uint8Array.of(i) }),
  )
  const [begun, update, end] = changes(run(frames))
  const event = {
    id: '20261124T034256123-one-car-47',
    camera: 'one',
    event: 'car',
    startTime: start + 1000,
    endTime: null,
    frameTime: start + 1000,
    score: 0.8,
    topScore: 0.8,
    topTime: start + 1000,
    endReason: null,
    variant: 'fake',
    where: { box: { x: 0, y: 0, width: 1, height: 1 }, zones: [], view: 'whole' },
    why: null,
  }
  const images = { snapshot: Uint8Array.of(1), viewImage: null }
  expect(begun).toEqual({ kind: 'event', type: 'new', seq: 0, before: null, after: event, ...images })
  const peak = { ...event, frameTime: start + 2000, score: 0.95, topScore: 0.95, topTime: start + 2000 }
  expect(update).toEqual({
    kind: 'event',
    type: 'update',
    seq: 1,
    before: event,
    after: peak,
    snapshot: Uint8Array.of(2),
    viewImage: null,
  })
  const last = { ...peak, frameTime: start + 3000, score: 0.2 }
  expect(end).toEqual({
    kind: 'event',
    type: 'end',
    seq: 2,
    before: last,
    after: { ...last, endTime: start + 3000, endReason: 'score' },
    snapshot: null,
    viewImage: null,
  })
})

test('new peaks are published at most every updateEveryMs; the last one held back leaves before the end', () => {
  const frames = [0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.1].map((car, i) =>
    scored('one', i * 1000, { car }, { jpeg: Uint8Array.of(i) }),
  )
  const outcomes = run(frames, { updateEveryMs: 3000 })
  expect(story(outcomes)).toEqual(['new 0', 'update 3000', 'update 6000', 'end 6000 score'])
  expect(changes(outcomes).map(({ snapshot }) => snapshot?.[0] ?? null)).toEqual([0, 3, 5, null])
  expect(changes(outcomes)[2]?.after).toMatchObject({ topScore: 0.85, topTime: 5000 })
})

test('the same input gives the same events, byte for byte', () => {
  const frames = curve([0.1, 0.9, 0.7, 0.9, 0.1, 0.1, 0.9, 0.1])
  expect(JSON.stringify(run(frames))).toBe(JSON.stringify(run(frames)))
})

test('ids differ and sort by start', () => {
  const ids = changes(run(curve([0.9, 0.1, 0.9, 0.1, 0.9, 0.1])))
    .filter(({ type }) => type === 'new')
    .map(({ after }) => after.id)
  expect(new Set(ids).size).toBe(3)
  expect(ids).toEqual([...ids].sort())
})

test('a camera that is lost, has ended or was disabled ends its events before its status', () => {
  const reasons = { offline: 'camera_offline', ended: 'shutdown', disabled: 'config_change' } as const
  for (const [state, reason] of Object.entries(reasons)) {
    const outcomes = run([...curve([0.9, 0.9]), status('one', 9000, state as keyof typeof reasons)])
    expect(story(outcomes)).toEqual(['new 0', `end 1000 ${reason}`])
    expect(outcomes.at(-1)).toMatchObject({ kind: 'status', state })
  }
})

test('one camera lost does not touch another', () => {
  const outcomes = run([
    scored('one', 0, { car: 0.9 }),
    scored('two', 0, { car: 0.9 }),
    status('one', 500, 'offline'),
    scored('two', 1000, { car: 0.9 }),
  ])
  expect(changes(outcomes).map(({ type, after }) => `${after.camera} ${type} ${after.endReason ?? ''}`.trim())).toEqual(
    ['one new', 'two new', 'one end camera_offline', 'two end shutdown'],
  )
})

test('no event starts from frozen or dark frames, and none of them ends one', () => {
  const frozen = curve([0.9, 0.9, 0.9], 0, { problem: 'frozen' })
  expect(story(run(frozen))).toEqual([])
  const dark = [...curve([0.9]), ...curve([0.1, 0.1, 0.1], 1000, { problem: 'dark' }), ...curve([0.9, 0.1], 4000)]
  expect(story(run(dark))).toEqual(['new 0', 'end 5000 score'])
})

test('a picture that stays frozen for longer than a gap ends what was open', () => {
  const frames = [
    ...curve([0.9, 0.9]),
    ...curve([0.9], 20_000, { problem: 'frozen' }),
    ...curve([0.9], 40_000, { problem: 'frozen' }),
  ]
  expect(story(run(frames))).toEqual(['new 0', 'end 1000 camera_offline'])
})

test('a clock that jumps an hour ends what was open at the last frame, and starts again', () => {
  for (const jump of [HOUR, -HOUR]) {
    const frames = [...curve([0.1, 0.9, 0.9], 2 * HOUR), ...curve([0.9, 0.1], 2 * HOUR + 3000 + jump)]
    const [first, second] = [2 * HOUR + 1000, 2 * HOUR + 3000 + jump]
    expect(story(run(frames))).toEqual([
      `new ${first}`,
      `end ${2 * HOUR + 2000} camera_offline`,
      `new ${second}`,
      `end ${second + 1000} score`,
    ])
  }
})

test('a clock that is trimmed by a second stands still until it has caught up', () => {
  const times = [0, 1000, 2000, 1200, 1700, 2200, 3200]
  const frames = times.map((at, i) => scored('one', at, { car: i === 6 ? 0.1 : 0.9 }))
  expect(story(run(frames))).toEqual(['new 0', 'end 3200 score'])
})

test('the same moment twice, after the clock was set back, gives two ids', () => {
  const twice = [...curve([0.9, 0.9]), ...curve([0.9, 0.1])].map((frame, seq) => ({
    ...frame,
    frame: { ...frame.frame, seq },
  }))
  const back = [...twice.slice(0, 2), scored('one', HOUR, { car: 0.9 }, { seq: 7 }), ...twice.slice(2)]
  const ids = changes(run(back))
    .filter(({ type }) => type === 'new')
    .map(({ after }) => after.id)
  expect(new Set(ids).size).toBe(3)
})

test('rules may change at run time: a threshold counts at once, a rule that went ends its event', () => {
  let rules = new Map<string, DetectRule>([['car', PRESENT]])
  const at = (threshold: number) =>
    new Map([['car', { ...PRESENT, trigger: { ...PRESENT.trigger, threshold, releaseThreshold: threshold } }]])
  const outcomes: Outcome[] = []
  marbles().run(({ cold, flush }) => {
    cold('abcdef|', {
      a: scored('one', 0, { car: 0.7 }),
      b: scored('one', 1000, { car: 0.7 }),
      c: scored('one', 2000, { car: 0.9 }),
      d: scored('one', 3000, { car: 0.9 }),
      e: scored('one', 4000, { car: 0.9 }),
      f: scored('one', 5000, { car: 0.9 }),
    })
      .pipe(detect({ ...OPTIONS, rules: () => rules }))
      .subscribe(outcome => {
        outcomes.push(outcome)
        if (outcome.kind !== 'frame') return
        if (outcome.frame.capturedAt === 0) rules = at(0.8)
        if (outcome.frame.capturedAt === 2000) rules = new Map()
        if (outcome.frame.capturedAt === 4000) rules = new Map([['car', PRESENT]])
      })
    flush()
  })
  expect(story(outcomes)).toEqual([
    'new 0',
    'end 1000 score',
    'new 2000',
    'end 2000 config_change',
    'new 5000',
    'end 5000 shutdown',
  ])
})

test('nothing begins before it was watched: what came to rest beyond a gap of time is dated to the first frame after it', () => {
  const rule: DetectRule = { ...PRESENT, rule: 'stops', motionWindowMs: 6000 }
  const rests = curve(Array<number>(6).fill(0.9), HOUR, { motion: 0.02, settled: 0.04 })
  const outcomes = run([...curve([0.1, 0.1]), ...rests], { rules: () => new Map([['car', rule]]) })
  expect(story(outcomes)).toEqual([`new ${HOUR}`, `end ${HOUR + 5000} shutdown`])
})
