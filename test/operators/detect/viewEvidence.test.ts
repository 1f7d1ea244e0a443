import { describe, expect, test } from 'vitest'
import type { DetectRule } from '../../../src/operators/detect/detectRule.ts'
import { NOTHING_STOPPED, stopsStep } from '../../../src/operators/detect/stopsStep.ts'
import { type ViewEvidence, type ViewMemories, viewEvidence } from '../../../src/operators/detect/viewEvidence.ts'
import { wholeView } from '../../../src/operators/views/wholeView.ts'
import type { ScoredView } from '../../../src/types.ts'

const trigger = {
  threshold: 0.5,
  releaseThreshold: 0.35,
  minOnMs: 0,
  minOffMs: 0,
  cooldownMs: 0,
  maxDurationMs: 3_600_000,
}
const MOVES: DetectRule = { rule: 'moves', motionWindowMs: 6000, trigger }
const LEAVES: DetectRule = { rule: 'leaves', holdMs: 6000, trigger }
const STOPS = { rule: 'stops', motionWindowMs: 6000, trigger } as const
const PRESENT: DetectRule = { rule: 'present', trigger }

function view(id: string, car: number | null, motion = 0): ScoredView {
  const scores: Record<string, number> = car === null ? {} : { car }
  const whole = wholeView({ motion, settled: 0, still: false })
  const kind = id === 'whole' ? 'whole' : 'crop'
  return {
    view: { ...whole, id, kind },
    pixels: null,
    embedding: new Float32Array(2),
    scores,
    rawScores: scores,
    judgements: {},
  }
}

function run(rule: DetectRule, frames: readonly (readonly ScoredView[])[]): ViewEvidence[] {
  let memory: ViewMemories | null = null
  return frames.map((views, i) => {
    const [next, evidence] = viewEvidence(memory, { at: i * 1000, event: 'car', views, followed: [] }, rule)
    memory = next
    return evidence
  })
}

describe('evidence of several views', () => {
  test('the strongest view decides and is named', () => {
    const [evidence] = run(PRESENT, [[view('whole', 0.2), view('crop-1', 0.9), view('crop-2', 0.4)]])
    expect(evidence).toMatchObject({ level: 0.9, score: 0.9 })
    expect(evidence?.view?.view.id).toBe('crop-1')
  })

  test('a view in which the event does not count is left out', () => {
    const [evidence] = run(PRESENT, [[view('whole', 0.2), view('crop-1', null)]])
    expect(evidence?.view?.view.id).toBe('whole')
    expect(run(PRESENT, [[view('whole', null)]])[0]).toMatchObject({ level: 0, view: null, score: 0 })
  })

  test('without evidence the view with the highest score is named', () => {
    const [, evidence] = run(MOVES, [
      [view('whole', 0.1), view('crop-1', 0.6)],
      [view('whole', 0.1), view('crop-1', 0.6)],
    ])
    expect(evidence).toMatchObject({ level: 0, score: 0.6 })
  })

  test('motion in one view is no motion in another', () => {
    const still = view('whole', 0.9)
    const frames = [0, 1, 2].map(() => [still, view('crop-1', 0.1, 0.2)])
    expect(run(MOVES, frames).map(({ level }) => level)).toEqual([0, 0, 0])
    const moving = [[view('crop-1', 0)], [view('crop-1', 0.9, 0.2)]]
    expect(run(MOVES, moving).at(-1)?.level).toBe(0.9)
  })

  test('what becomes too large for its crop has not left', () => {
    const small = Array.from({ length: 4 }, () => [view('whole', 0), view('crop-1', 0.9)])
    const large = Array.from({ length: 3 }, () => [view('whole', 0.9)])
    expect(run(LEAVES, [...small, ...large]).every(({ level }) => level === 0)).toBe(true)
  })

  test('what was in a crop has left when the crop ends', () => {
    const there = Array.from({ length: 4 }, () => [view('whole', 0), view('crop-1', 0.9)])
    const gone = Array.from({ length: 3 }, () => [view('whole', 0)])
    expect(run(LEAVES, [...there, ...gone]).some(({ level }) => level > 0.5)).toBe(true)
  })

  test('a view that is still followed but has no score says nothing: its state and evidence wait', () => {
    let memory: ViewMemories | null = null
    const see = (at: number, views: readonly ScoredView[], followed: readonly string[]) => {
      const [next, evidence] = viewEvidence(memory, { at, event: 'car', views, followed }, STOPS)
      memory = next
      return evidence.level
    }
    const parked = (motion: number): ScoredView => {
      const crop = view('crop-1', 0.9, motion)
      return { ...crop, view: { ...crop.view, settled: 0.2 } }
    }
    const whole = view('whole', 0)
    // A car that was there when its crop began, and somebody who passes it.
    const levels = Array.from({ length: 12 }, (_, i) => see(i * 250, [whole, parked(i < 4 ? 0.02 : 0)], ['crop-1']))
    expect(levels).toEqual(Array(12).fill(0))
    // Its crop is dropped for a frame, while somebody passes again.
    see(3000, [whole], ['crop-1'])
    const after = Array.from({ length: 16 }, (_, i) => see(3250 + i * 250, [whole, parked(0.02)], ['crop-1']))
    expect(after).toEqual(Array(16).fill(0))
  })

  test('evidence of a dropped crop lasts until it is seen again', () => {
    let memory: ViewMemories | null = null
    const see = (at: number, views: readonly ScoredView[]) => {
      const [next, evidence] = viewEvidence(memory, { at, event: 'car', views, followed: ['crop-1'] }, MOVES)
      memory = next
      return evidence.level
    }
    see(0, [view('crop-1', 0)])
    expect(see(1000, [view('crop-1', 0.9, 0.2)])).toBe(0.9)
    expect(see(2000, [view('whole', 0)])).toBe(0.9)
  })

  test('the end keeps the date that the rule gives it', () => {
    const frames = (settled: (at: number) => number) => {
      let memory: ViewMemories | null = null
      let state = NOTHING_STOPPED
      return Array.from({ length: 80 }, (_, i) => {
        const at = i * 250
        const crop = view('crop-1', 0.9, i === 4 || i === 40 ? 0.05 : 0)
        const seen = { ...crop, view: { ...crop.view, settled: settled(at) } }
        const [next, evidence] = viewEvidence(memory, { at, event: 'car', views: [seen], followed: ['crop-1'] }, STOPS)
        memory = next
        const sample = { at, score: 0.9, rawScore: 0.9, motion: seen.view.motion, settled: settled(at) }
        const [nextState, alone] = stopsStep(state, sample, STOPS)
        state = nextState
        return [evidence.level, evidence.since, alone.level, alone.since]
      })
    }
    for (const [level, since, ruleLevel, ruleSince] of frames(at => (at >= 2000 && at < 10_000 ? 0.2 : 0)))
      expect([level, since]).toEqual([ruleLevel, ruleSince])
  })

  test('a view that ended is forgotten', () => {
    let memory: ViewMemories | null = null
    const see = (at: number, views: readonly ScoredView[]) => {
      ;[memory] = viewEvidence(memory, { at, event: 'car', views, followed: [] }, MOVES)
      return [...memory.views.keys()]
    }
    expect(see(0, [view('whole', 0), view('crop-1', 0.9)])).toEqual(['whole', 'crop-1'])
    expect(see(5000, [view('whole', 0)])).toEqual(['whole', 'crop-1'])
    expect(see(15_000, [view('whole', 0)])).toEqual(['whole'])
  })
})
