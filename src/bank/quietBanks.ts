/** Learns from each camera's own images what its events score without the event: one bank per camera, one fit per light and event. */

import { type AnswerFits, learnsFromImages, type QuietFits } from '../scoring/eventScores.ts'
import { LEAST_IMAGES } from '../scoring/fitQuiet.ts'
import type { CalibrationState, EventText, Example, ScoringTexts } from '../scoringTypes.ts'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { Light, MarkedFrame, SeenView } from '../types.ts'
import { bankKey, cameraOf } from './bankKey.ts'
import { calibrationState } from './calibrationState.ts'
import type { FitQueue } from './fitQueue.ts'
import { imagesFor } from './imagesFor.ts'
import { type LearnedEvent, learnEvent } from './learnEvent.ts'
import { admit, EMPTY_RESERVOIR, insert, type Reservoir } from './reservoir.ts'
import { sameText } from './sameText.ts'

export interface QuietBanksDeps {
  /** Length of an embedding. */
  readonly dim: number
  /** The current text vectors; those in force when frames are scored. */
  readonly texts: () => ScoringTexts
  /** Answers about an event at a place: another array when they changed. Default: none. */
  readonly examples?: (place: ExamplePlace) => readonly Example[]
  readonly queue: FitQueue
  readonly telemetry: Telemetry
}

interface ExamplePlace {
  readonly camera: string
  readonly world: string
  readonly light: Light
  readonly event: string
}

export interface QuietBanks {
  /** For this kind of view of the frame's camera, in the frame's light. Never computes a fit. */
  fits(seen: Pick<SeenView, 'frame' | 'world'>): QuietFits
  /** What answers taught there. Never computes a fit. */
  answers(seen: Pick<SeenView, 'frame' | 'world'>): AnswerFits
  /** Offers a scored view to its bank. Fits that are due run later, in the queue. */
  offer(seen: SeenView, scores: Readonly<Record<string, number>>): void
  /** Keys of a camera's banks (`bankKey`) that exist. */
  keys(camera: string): readonly string[]
  reservoir(key: string): Reservoir
  /** Puts a stored bank before what was learned meanwhile. */
  restore(key: string, stored: Reservoir): void
  /** Forgets the images and fits of all banks of a camera. */
  forget(camera: string): void
}

/** A fit is renewed when the images of its light grew by this fraction, or after REFIT_MS if there are new ones. */
const GROWTH = 0.2
const REFIT_MS = 600_000

interface Learned extends LearnedEvent {
  /** What it was fitted with. */
  text: EventText
  readonly examples: readonly Example[]
  /** Images of the light then, and how many had ever been admitted. */
  readonly images: number
  readonly admitted: number
  /** Frame time, ms. */
  readonly at: number
}

interface CameraBank {
  reservoir: Reservoir
  /** Event name → fit. */
  readonly learned: Readonly<Record<Light, Map<string, Learned>>>
  /** Event name → state that was reported last. */
  readonly reported: Map<string, CalibrationState>
}

const NO_EXAMPLES: readonly Example[] = []

export function createQuietBanks(deps: QuietBanksDeps): QuietBanks {
  const { dim, texts, examples: examplesOf = () => NO_EXAMPLES, queue, telemetry } = deps
  const banks = new Map<string, CameraBank>()
  const textOf = createTextLookup(texts)

  const bankOf = (key: string): CameraBank => {
    const bank = banks.get(key) ?? newBank()
    banks.set(key, bank)
    return bank
  }
  /** Phrases that changed under the same name make a fit worthless. */
  const learnedOf = (bank: CameraBank, light: Light, event: string): Learned | null => {
    const learned = bank.learned[light].get(event)
    const text = textOf(event)
    if (learned === undefined || text === undefined) return null
    if (learned.text !== text) {
      if (!sameText(learned.text, text)) return null
      learned.text = text
    }
    return learned
  }
  const lookUp = <T>(
    { frame: { camera, light }, world }: Pick<SeenView, 'frame' | 'world'>,
    of: (learned: Learned) => T | null,
  ) => {
    const bank = bankOf(bankKey(camera, world))
    const ofLearned = (learned: Learned | null) => learned && of(learned)
    return (event: string) => ofLearned(learnedOf(bank, light, event))
  }
  const learn = (key: string, place: ExamplePlace, at: number) => {
    const { light, event } = place
    const bank = banks.get(key)
    const text = textOf(event)
    if (bank === undefined || text === undefined) return
    bank.learned[light].set(event, learnedFrom(bank.reservoir, examplesOf(place), { light, text, texts: texts(), at }))
  }
  const report = (bank: CameraBank, { camera, light }: MarkedFrame, event: string) => {
    const state = calibrationState(learnedOf(bank, light, event)?.fit ?? null, texts().calibration)
    const before = bank.reported.get(event) ?? null
    if (state === before) return
    bank.reported.set(event, state)
    telemetry.emit({ type: 'CalibrationChanged', camera, event, light, before, state })
  }
  const show = (key: string, reservoir: Reservoir) => showBank(telemetry, key, reservoir)

  return {
    fits: seen => lookUp(seen, learned => learned.fit),
    answers: seen => lookUp(seen, learned => learned.answers),
    offer: ({ frame, world, embedding, reused }, scores) => {
      const { camera, light, capturedAt: at } = frame
      const key = bankKey(camera, world)
      const bank = bankOf(key)
      const learns = learnsFromImages(texts().calibration)
      if (learns && !reused && frame.problem === null) {
        const { entries } = bank.reservoir
        bank.reservoir = admit(bank.reservoir, { embedding, at, light, scores }, dim)
        if (bank.reservoir.entries !== entries) show(key, bank.reservoir)
      }
      for (const event of Object.keys(scores)) {
        if (world !== 'crop') report(bank, frame, event)
        const place = { camera, world, light, event }
        const learned = learnedOf(bank, light, event)
        if (isAnswered(learned, examplesOf(place)) || (learns && isDue(learned, bank.reservoir, light, at)))
          queue.push(`${key}/${light}/${event}`, () => learn(key, place, at))
      }
    },
    keys: camera => [...banks.keys()].filter(key => cameraOf(key) === camera),
    reservoir: key => banks.get(key)?.reservoir ?? EMPTY_RESERVOIR,
    restore: (key, stored) => {
      const bank = bankOf(key)
      bank.reservoir = bank.reservoir.entries.reduce(insert, stored)
      show(key, bank.reservoir)
    },
    forget: camera => {
      for (const key of [...banks.keys()]) if (cameraOf(key) === camera && banks.delete(key)) show(key, EMPTY_RESERVOIR)
    },
  }
}

/** The metric shows the bank of the whole image; those of crops and zones follow it. */
function showBank(telemetry: Telemetry, key: string, { counts }: Reservoir): void {
  if (key === cameraOf(key)) telemetry.emit({ type: 'BankChanged', camera: key, images: counts })
}

interface LearnOptions {
  readonly light: Light
  readonly text: EventText
  readonly texts: ScoringTexts
  readonly at: number
}

function learnedFrom(reservoir: Reservoir, examples: readonly Example[], options: LearnOptions): Learned {
  const { light, text, texts, at } = options
  const images = imagesFor(reservoir, { light, event: text.event }, examples)
  const learned = learnEvent(images, examples, { event: text, texts })
  return { text, examples, ...learned, images: reservoir.counts[light], admitted: reservoir.admitted[light], at }
}

function newBank(): CameraBank {
  const learned = { day: new Map(), night: new Map(), infrared: new Map() }
  return { reservoir: EMPTY_RESERVOIR, learned, reported: new Map() }
}

/** Whether there are other answers than a fit was made with. */
function isAnswered(learned: Learned | null, examples: readonly Example[]): boolean {
  const { examples: before } = learned ?? { examples: NO_EXAMPLES }
  return examples !== before && examples.length + before.length > 0
}

function isDue(learned: Learned | null, { counts, admitted }: Reservoir, light: Light, at: number): boolean {
  if (counts[light] < LEAST_IMAGES) return false
  if (learned === null) return true
  const added = admitted[light] - learned.admitted
  // A clock that jumped makes a fit due as well.
  return added > 0 && (added >= GROWTH * learned.images || Math.abs(at - learned.at) >= REFIT_MS)
}

/** By name; built once per set of texts. */
function createTextLookup(texts: () => ScoringTexts): (event: string) => EventText | undefined {
  let current: ScoringTexts | null = null
  let byEvent: ReadonlyMap<string, EventText> = new Map()
  return event => {
    const now = texts()
    if (now !== current) {
      current = now
      byEvent = new Map(now.events.map(text => [text.event, text]))
    }
    return byEvent.get(event)
  }
}
