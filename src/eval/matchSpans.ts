/** Pairs found events with the true ones of one recording. */

export interface Span {
  /** ms */
  readonly from: number
  readonly to: number
}

export interface Recording<Truth extends Span = Span, Found extends Span = Span> {
  readonly truths: readonly Truth[]
  readonly found: readonly Found[]
  /** Where it is uncertain what is true: what is found there counts neither for nor against. Default: nowhere. */
  readonly ignored?: readonly Span[]
}

export interface Matches<Truth extends Span = Span, Found extends Span = Span> {
  /** One-to-one, in order of the truths. */
  readonly pairs: readonly { readonly truth: Truth; readonly found: Found }[]
  readonly missed: readonly Truth[]
  /** Found, without a true partner. */
  readonly wrong: readonly Found[]
  /** Those of `wrong` that touch no true span at all. */
  readonly falseAlarms: readonly Found[]
  /** Found without a true partner, mostly where spans are ignored. Not in `wrong`. */
  readonly ignored: readonly Found[]
}

/** Least intersection over union of a pair. */
export const HALF = 0.5
/** Least fraction of a found span that lies in ignored ones, so that it is ignored. */
const MOSTLY = 0.5

/**
 * A pair shares at least `overlap` of its union (temporal IoU, as ActivityNet counts). Each span has at most one partner.
 * As many pairs as possible are made: best overlap first, then partners are exchanged where that makes one more pair.
 * @param overlap (0, 1]
 */
export function matchSpans<Truth extends Span, Found extends Span>(
  { truths, found, ignored = [] }: Recording<Truth, Found>,
  overlap = HALF,
): Matches<Truth, Found> {
  const candidates = candidatesOf(truths, found).filter(pair => pair.overlap >= overlap)
  const partnerOf = maximumPairs(candidates, truths.length)
  const taken = new Set(partnerOf)
  const alone = found.filter((_, f) => !taken.has(f))
  const uncertain = union(ignored)
  const isIgnored = (span: Span) => {
    const inside = lengthInside(span, uncertain)
    return inside > 0 && inside >= MOSTLY * (span.to - span.from)
  }
  const wrong = alone.filter(span => !isIgnored(span))
  const certain = union(truths)
  return {
    pairs: truths.flatMap((truth, t) => {
      const partner = found[partnerOf[t] ?? -1]
      return partner === undefined ? [] : [{ truth, found: partner }]
    }),
    missed: truths.filter((_, t) => partnerOf[t] === null),
    wrong,
    falseAlarms: wrong.filter(span => lengthInside(span, certain) === 0),
    ignored: alone.filter(isIgnored),
  }
}

/** Intersection over union, [0, 1]. */
export function overlapOf(a: Span, b: Span): number {
  const shared = Math.min(a.to, b.to) - Math.max(a.from, b.from)
  return shared <= 0 ? 0 : shared / (Math.max(a.to, b.to) - Math.min(a.from, b.from))
}

interface Candidate {
  readonly t: number
  readonly f: number
  readonly overlap: number
}

/** All pairs that share time, best overlap first; ties by the order of the truths. */
function candidatesOf(truths: readonly Span[], found: readonly Span[]): Candidate[] {
  const byStart = found.map((span, f) => ({ span, f })).sort((a, b) => a.span.from - b.span.from)
  const longest = found.reduce((most, { from, to }) => Math.max(most, to - from), 0)
  const pairs: Candidate[] = []
  for (const [t, truth] of truths.entries()) {
    // Nothing that starts before this reaches the truth.
    const first = firstIndex(byStart.length, i => (byStart[i]?.span.from ?? 0) >= truth.from - longest)
    for (let i = first; i < byStart.length; i++) {
      const { span, f } = byStart[i] as (typeof byStart)[number]
      if (span.from >= truth.to) break
      const overlap = overlapOf(truth, span)
      if (overlap > 0) pairs.push({ t, f, overlap })
    }
  }
  return pairs.sort((a, b) => b.overlap - a.overlap || a.t - b.t || a.f - b.f)
}

/** Truth → the index of its partner; null: none. Augmenting paths, begun with the best overlaps. */
function maximumPairs(candidates: readonly Candidate[], truths: number): (number | null)[] {
  const partnerOf = new Array<number | null>(truths).fill(null)
  const truthOf = new Map<number, number>()
  const edges = new Map<number, number[]>()
  for (const { t, f } of candidates) {
    const known = edges.get(t)
    if (known) known.push(f)
    else edges.set(t, [f])
    if (partnerOf[t] !== null || truthOf.has(f)) continue
    partnerOf[t] = f
    truthOf.set(f, t)
  }
  for (const t of edges.keys()) if (partnerOf[t] === null) augment(t, { edges, partnerOf, truthOf })
  return partnerOf
}

interface Pairing {
  /** Truth → found spans that may be its partner. */
  readonly edges: ReadonlyMap<number, readonly number[]>
  readonly partnerOf: (number | null)[]
  readonly truthOf: Map<number, number>
}

/** Looks for a free found span by exchanging partners, breadth first; makes one more pair if there is one. */
function augment(start: number, { edges, partnerOf, truthOf }: Pairing): void {
  /** Found span → the truth from which it was reached. */
  const reachedFrom = new Map<number, number>()
  const waiting = [start]
  for (const t of waiting) {
    for (const f of edges.get(t) ?? []) {
      if (reachedFrom.has(f)) continue
      reachedFrom.set(f, t)
      const rival = truthOf.get(f)
      if (rival !== undefined) {
        waiting.push(rival)
        continue
      }
      for (let [free, by] = [f as number | null, t]; free !== null; ) {
        const before: number | null = partnerOf[by] ?? null
        partnerOf[by] = free
        truthOf.set(free, by)
        free = before
        if (before !== null) by = reachedFrom.get(before) as number
      }
      return
    }
  }
}

/** Sorted and without overlaps. */
export function union(spans: readonly Span[]): Span[] {
  const merged: { from: number; to: number }[] = []
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else merged.push({ from, to })
  }
  return merged
}

/** @param spans sorted, without overlaps */
function lengthInside({ from, to }: Span, spans: readonly Span[]): number {
  let length = 0
  for (let i = firstAfter(spans, from); i < spans.length; i++) {
    const span = spans[i] as Span
    if (span.from >= to) break
    length += Math.min(to, span.to) - Math.max(from, span.from)
  }
  return length
}

/** Index of the first span that ends after this time. */
function firstAfter(spans: readonly Span[], at: number): number {
  return firstIndex(spans.length, i => (spans[i] as Span).to > at)
}

/** The first index of which this is true; it is then true of all later ones. */
function firstIndex(length: number, isTrue: (index: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isTrue(middle)) high = middle
    else low = middle + 1
  }
  return low
}
