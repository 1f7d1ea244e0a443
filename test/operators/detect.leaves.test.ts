import { expect, test } from 'vitest'
import type { DetectRule } from '../../src/operators/detect/detectRule.ts'
import { changes, curve, PRESENT, run, story } from '../support/detectRun.ts'

test('leaves: published when it is certain, dated to when the score fell', () => {
  const trigger = { ...PRESENT.trigger, minOffMs: 2000, minOnMs: 1000 }
  const rule: DetectRule = { rule: 'leaves', holdMs: 3000, trigger }
  const outcomes = run(curve([0.9, 0.9, ...Array<number>(10).fill(0.1)]), { rules: () => new Map([['car', rule]]) })
  expect(story(outcomes)).toEqual(['new 2000', 'end 7000 score'])
  const [begun] = changes(outcomes)
  expect(begun?.after).toMatchObject({ frameTime: 5000, id: expect.stringContaining('19700101T000002000-one-car') })
})

test('leaves: under a high threshold half a score ends it then, and not when it began', () => {
  const trigger = { ...PRESENT.trigger, threshold: 0.8, releaseThreshold: 0.65, minOffMs: 1000 }
  const rule: DetectRule = { rule: 'leaves', holdMs: 9000, trigger }
  const outcomes = run(curve([0.9, 0.9, 0.1, 0.1, 0.1, 0.5, 0.5, 0.5]), { rules: () => new Map([['car', rule]]) })
  expect(story(outcomes)).toEqual(['new 2000', 'end 5000 score'])
})

test('leaves: the published score says how surely the object is absent', () => {
  const rule: DetectRule = { ...PRESENT, rule: 'leaves', holdMs: 3000 }
  const outcomes = run(curve([0.9, 0.9, 0.2, 0.1, 0.1, 0.1, 0.1]), { rules: () => new Map([['car', rule]]) })
  expect(story(outcomes)).toEqual(['new 2000', 'update 3000', 'end 5000 score'])
  expect(changes(outcomes)[0]?.after.score).toBeCloseTo(0.8, 9)
})
