import fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchSpans, overlapOf, type Span } from '../../src/eval/matchSpans.ts'

const span = (from: number, to: number): Span => ({ from, to })

test('overlap is intersection over union', () => {
  expect(overlapOf(span(0, 10), span(5, 15))).toBeCloseTo(5 / 15)
  expect(overlapOf(span(0, 10), span(0, 10))).toBe(1)
  expect(overlapOf(span(0, 10), span(10, 20))).toBe(0)
  expect(overlapOf(span(0, 10), span(2, 7))).toBe(0.5)
})

test('each span has one partner, the best one first', () => {
  const truths = [span(0, 100), span(200, 300)]
  const found = [span(0, 60), span(0, 90), span(210, 300), span(400, 500)]
  const { pairs, missed, wrong, falseAlarms } = matchSpans({ truths, found })
  expect(pairs).toEqual([
    { truth: truths[0], found: found[1] },
    { truth: truths[1], found: found[2] },
  ])
  expect([missed, wrong, falseAlarms]).toEqual([[], [found[0], found[3]], [found[3]]])
})

test('partners are exchanged where that makes one more pair', () => {
  // Best overlap first would pair the first truth with the second find (0.95) and leave nothing for the second truth.
  const truths = [span(0, 100), span(20, 100)]
  const found = [span(0, 75), span(0, 95)]
  expect(overlapOf(span(20, 100), span(0, 75))).toBeLessThan(0.6)
  const { pairs } = matchSpans({ truths, found }, 0.6)
  expect(pairs).toEqual([
    { truth: truths[0], found: found[0] },
    { truth: truths[1], found: found[1] },
  ])
})

test('what is found mostly in ignored time counts neither for nor against', () => {
  const ignored = [span(1000, 2000), span(1500, 3000)]
  const found = [span(1200, 2900), span(2500, 3500), span(2600, 4000), span(5000, 5000)]
  const result = matchSpans({ truths: [], found, ignored })
  expect(result.ignored).toEqual([found[0], found[1]])
  expect(result.wrong).toEqual([found[2], found[3]])
})

test('a true span inside ignored time is still found', () => {
  const truths = [span(1000, 2000)]
  const result = matchSpans({ truths, found: truths, ignored: [span(0, 9000)] })
  expect([result.pairs.length, result.ignored.length]).toEqual([1, 0])
})

const spans = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 20 })), { maxLength: 6 })
  .map(list => list.map(([from, length]) => span(from, from + length)))
const limits = fc.constantFrom(0.1, 0.3, 0.5, 0.75)

/** The most pairs that any one-to-one choice gives. */
function mostPairs(truths: readonly Span[], found: readonly Span[], limit: number): number {
  const [first, ...rest] = truths
  if (first === undefined) return 0
  const without = mostPairs(rest, found, limit)
  const partners = found.filter(each => overlapOf(first, each) >= limit)
  return Math.max(without, ...partners.map(each => 1 + mostPairs(rest, except(found, each), limit)))
}

const except = (all: readonly Span[], one: Span) => all.filter(each => each !== one)

test('as many pairs as possible, each above the limit, nothing twice and nothing lost', () => {
  fc.assert(
    fc.property(spans, spans, limits, (truths, found, limit) => {
      const { pairs, missed, wrong, falseAlarms } = matchSpans({ truths, found }, limit)
      expect(pairs.length).toBe(mostPairs(truths, found, limit))
      for (const pair of pairs) expect(overlapOf(pair.truth, pair.found)).toBeGreaterThanOrEqual(limit)
      expect(new Set([...pairs.map(pair => pair.truth), ...missed]).size).toBe(truths.length)
      expect(new Set([...pairs.map(pair => pair.found), ...wrong]).size).toBe(found.length)
      expect(falseAlarms).toEqual(wrong.filter(each => truths.every(truth => overlapOf(truth, each) === 0)))
    }),
    { numRuns: 500 },
  )
})

test('truths and finds may change places: as many pairs', () => {
  fc.assert(
    fc.property(spans, spans, limits, (a, b, limit) => {
      const pairs = matchSpans({ truths: a, found: b }, limit).pairs.length
      expect(matchSpans({ truths: b, found: a }, limit).pairs.length).toBe(pairs)
    }),
  )
})

test('where true or found spans do not overlap, best overlap first is already the most: numbers of earlier versions stay', () => {
  fc.assert(
    fc.property(spans, spans, fc.boolean(), (some, others, isFound) => {
      const apart = some.filter((each, i) => some.slice(0, i).every(other => overlapOf(each, other) === 0))
      const [truths, found] = isFound ? [others, apart] : [apart, others]
      const used = new Set<Span>()
      const greedy = truths
        .flatMap((truth, t) => found.map(each => ({ t, each, overlap: overlapOf(truth, each) })))
        .filter(({ overlap }) => overlap > 0.5)
        .sort((a, b) => b.overlap - a.overlap || a.t - b.t)
      const paired = new Set<number>()
      for (const { t, each } of greedy) {
        if (used.has(each) || paired.has(t)) continue
        used.add(each)
        paired.add(t)
      }
      expect(matchSpans({ truths, found }, 0.5 + 1e-9).pairs.length).toBe(paired.size)
    }),
    { numRuns: 500 },
  )
})

test('a hundred thousand spans in a staircase of overlaps take no deep recursion', () => {
  // Every find fits the next truth better than its own, so that the first truth is left over and all others must move.
  const truths = Array.from({ length: 50_000 }, (_, i) => span(i * 10, i * 10 + 20))
  const found = truths.map(({ from }) => span(from + 6, from + 26))
  expect(matchSpans({ truths, found }).pairs.length).toBe(50_000)
})
