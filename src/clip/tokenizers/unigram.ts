/** A SentencePiece unigram model: pieces with scores, and the most likely way to compose a text of them. */

export interface Unigram {
  /** By id. A control piece such as `</s>` is never found in a text. */
  readonly pieces: readonly Piece[]
  /** The id that stands for characters without a piece. */
  readonly unknown: number
  /** SentencePiece's table of normalisation; null for none. */
  readonly charsmap: Uint8Array | null
}

export interface Piece {
  readonly text: string
  /** Logarithm of its probability. */
  readonly score: number
  readonly isControl: boolean
}

interface RawUnigram extends Omit<Unigram, 'pieces'> {
  readonly pieces: readonly Omit<Piece, 'isControl'>[]
  readonly controls: ReadonlySet<string>
}

/** Marks the control pieces and the unknown one. */
export function withoutControls({ pieces, controls, ...rest }: RawUnigram): Unigram {
  const marked = pieces.map((piece, id) => ({ ...piece, isControl: id === rest.unknown || controls.has(piece.text) }))
  return { ...rest, pieces: marked }
}

/** How much less likely than the least likely piece an unknown character is (kUnkPenalty). */
const UNKNOWN_PENALTY = 10

/**
 * Viterbi's algorithm, as `Model::EncodeOptimized` of SentencePiece: sums in float32, the first of equal ones wins,
 * neighbouring unknown characters become one id.
 */
export function createSegmenter({ pieces, unknown }: Unigram): (text: string) => number[] {
  const usable = pieces.flatMap((piece, id) => (piece.isControl ? [] : [{ ...piece, id }]))
  const ids = new Map(usable.map(({ text, id }) => [text, id]))
  const longest = usable.reduce((most, { text }) => Math.max(most, text.length), 1)
  const lowest = usable.reduce((least, { score }) => Math.min(least, score), Number.POSITIVE_INFINITY)
  const unknownScore = Math.fround(Math.fround(lowest) - UNKNOWN_PENALTY)
  const scoreOf = (id: number) => (id === unknown ? unknownScore : Math.fround(pieces[id]?.score as number))

  return text => {
    /** By the place where a piece ends: its id, its start, and the score of the best way there. */
    const best: ({ id: number; start: number; score: number } | undefined)[] = []
    const offer = (id: number, start: number, end: number) => {
      const score = Math.fround((best[start]?.score ?? 0) + scoreOf(id))
      const other = best[end]
      if (other === undefined || score > other.score) best[end] = { id, start, score }
    }
    for (let start = 0; start < text.length; ) {
      const step = (text.codePointAt(start) as number) > 0xffff ? 2 : 1
      for (let end = start + step; end <= Math.min(text.length, start + longest); end++) {
        const id = ids.get(text.slice(start, end))
        if (id !== undefined) offer(id, start, end)
      }
      if (!ids.has(text.slice(start, start + step))) offer(unknown, start, start + step)
      start += step
    }
    return idsAlong(best, { end: text.length, unknown })
  }
}

function idsAlong(
  best: readonly ({ id: number; start: number } | undefined)[],
  { end, unknown }: { readonly end: number; readonly unknown: number },
): number[] {
  const backwards: number[] = []
  for (let place = end; place > 0; ) {
    const { id, start } = best[place] as { id: number; start: number }
    if (id !== unknown || backwards.at(-1) !== unknown) backwards.push(id)
    place = start
  }
  return backwards.reverse()
}
