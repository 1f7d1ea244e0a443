/** Scores a stored view as it is scored live, before smoothing. */

import type { HistoryHit, HistoryReader } from '../../history/history.ts'
import type { QuietMemory } from '../../operators/score.ts'
import { wholeView } from '../../operators/views/wholeView.ts'
import { worldOf } from '../../operators/views/worldOf.ts'
import { judgeEvents } from '../../scoring/eventScores.ts'
import type { Judgement, ScoringTexts } from '../../scoringTypes.ts'
import type { View } from '../../types.ts'

export interface JudgedHit {
  readonly hit: HistoryHit
  readonly view: View
  readonly judgement: Judgement
}

export interface JudgeOptions {
  readonly reader: Pick<HistoryReader, 'read'>
  readonly texts: ScoringTexts
  readonly event: string
  readonly memory: QuietMemory
}

/** @returns null for a view that was removed meanwhile */
export async function judgeHit(
  hit: HistoryHit,
  { reader, texts, event, memory }: JudgeOptions,
): Promise<JudgedHit | null> {
  const { camera, at } = hit
  for await (const signal of reader.read({ camera, from: at, to: at + 1 })) {
    if (signal.kind === 'status') continue
    const { frame } = signal
    const whole = { view: wholeView(frame), embedding: signal.embedding, reused: signal.reused }
    const seen = [whole, ...signal.views].find(({ view }) => view.id === hit.view)
    if (seen === undefined) continue
    const { view, embedding, reused } = seen
    const events = texts.events.filter(text => text.event === event)
    const fits = memory.fits({ frame, world: worldOf(view), embedding, reused })
    const judgement = judgeEvents(embedding, texts, events, fits)[event]
    if (judgement !== undefined) return { hit, view, judgement }
  }
  return null
}
