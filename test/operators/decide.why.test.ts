import { from } from 'rxjs'
import { expect, test } from 'vitest'
import { type DecideOptions, decide } from '../../src/operators/decide.ts'
import { NO_MEMORY } from '../../src/operators/score.ts'
import type { EventText } from '../../src/scoringTypes.ts'
import type { EventChange } from '../../src/types.ts'
import { changes } from '../support/detectRun.ts'
import { encoded } from '../support/frames.ts'

const vector = (x: number) => Float32Array.of(x, Math.sqrt(1 - x * x))
const phrase = (text: string, x: number) => ({ text, vector: vector(x), tokens: 4 })
const words = {
  prompts: [phrase('a car', 1), phrase('a parked car', 0.8)],
  contrast: [phrase('an empty road', 0), phrase('fog', 0.3)],
  ownContrasts: 1,
  levels: null,
}
const car = { event: 'car', positive: vector(1), contrast: [vector(0), vector(0.3)], levels: null }
const trigger = { threshold: 0.5, releaseThreshold: 0.3, minOnMs: 0, minOffMs: 0, cooldownMs: 0, maxDurationMs: 1e6 }

function run(
  xs: readonly number[],
  { event = { ...car, words }, ...rest }: Partial<DecideOptions> & { event?: EventText } = {},
) {
  const state = {
    cameras: [
      {
        camera: 'a',
        enabled: true,
        revision: '',
        motion: { enabled: false, threshold: 0, refreshMs: 0 },
        events: ['car'],
      },
    ],
    events: [{ event: 'car', enabled: true, rule: { rule: 'present' as const, trigger }, tauMs: 0 }],
    texts: { variant: 'fake', logitScale: 10, calibration: { centre: 0, width: 1 }, events: [event] },
  }
  const found: EventChange[] = []
  from(xs.map((x, i) => encoded('a', i * 1000, [...vector(x)])))
    .pipe(
      decide({
        watchState: () => state,
        scoring: 'two-way',
        memory: NO_MEMORY,
        updateEveryMs: 0,
        gapMs: 30_000,
        ...rest,
      }),
    )
    .subscribe(outcome => found.push(...changes([outcome])))
  return found
}

test('an event says which phrases decided at its start, and again at its peak', () => {
  const [begun, peak, end] = run([0.1, 0.85, 0.85, 1, 1, 0, 0, 0])
  expect(begun?.after.why).toMatchObject({ for: 'a parked car', against: 'fog', aboveQuiet: null, odds: null })
  expect(peak?.after.why).toMatchObject({ for: 'a car', against: 'fog' })
  expect(end?.after.why).toEqual(peak?.after.why)
  // The image before the peak: the score is a median of three.
  expect(peak?.after.why?.at).toBeLessThanOrEqual(peak?.after.topTime ?? 0)
  // Logit 10, against a log-mean-exp of 0 and 3.
  expect(peak?.after.why?.margin).toBeCloseTo(10 - Math.log((1 + Math.exp(3)) / 2), 5)
})

test('odds come from the log-odds of the score', () => {
  const asked: unknown[] = []
  const odds = (...args: readonly unknown[]) => {
    asked.push(args)
    return 0.9
  }
  const [begun] = run([1, 1], { odds })
  expect(begun?.after.why?.odds).toBe(0.9)
  expect(asked[0]).toEqual(['a', 'car', begun?.after.why?.margin])
})

test('without words, and with all events against each other, nothing is explained', () => {
  expect(run([1], { event: car })[0]?.after.why).toBeNull()
  expect(run([1], { scoring: 'softmax' })[0]?.after.why).toBeNull()
})
