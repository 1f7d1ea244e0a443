/** Learns from each camera's own images what its events score without the event: one bank per camera, one fit per light and event. */

import { learnsFromImages, type QuietFits } from '../scoring/eventScores.ts'
import { fitQuiet, LEAST_IMAGES } from '../scoring/fitQuiet.ts'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { CalibrationState, EncodedFrame, EventText, Light, MarkedFrame, QuietFit, ScoringTexts } from '../types.ts'
import { calibrationState } from './calibrationState.ts'
import type { FitQueue } from './fitQueue.ts'
import { imagesFor } from './imagesFor.ts'
import { admit, EMPTY_RESERVOIR, insert, type Reservoir } from './reservoir.ts'
import { sameText } from './sameText.ts'

export interface QuietBanksDeps {
  /** Length of an embedding. */
  readonly dim: number
  /** The current text vectors; those in force when frames are scored. */
  readonly texts: () => ScoringTexts
  readonly queue: FitQueue
  readonly telemetry: Telemetry
}

export interface QuietBanks {
  /** For the frame's camera, in the frame's light. Never computes a fit. */
  fits(frame: EncodedFrame): QuietFits
  /** Offers a scored frame to the camera's bank. Fits that are due run later, in the queue. */
  offer(frame: EncodedFrame, scores: Readonly<Record<string, number>>): void
  reservoir(camera: string): Reservoir
  /** Puts a stored bank before what was learned meanwhile. */
  restore(camera: string, stored: Reservoir): void
  /** Forgets a camera's images and fits. */
  forget(camera: string): void
}

/** A fit is renewed when the images of its light grew by this fraction, or after REFIT_MS if there are new ones. */
const GROWTH = 0.2
const REFIT_MS = 600_000

interface Learned {
  /** What it was fitted with. */
  text: EventText
  /** null: too few images. */
  readonly fit: QuietFit | null
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

export function createQuietBanks({ dim, texts, queue, telemetry }: QuietBanksDeps): QuietBanks {
  const banks = new Map<string, CameraBank>()
  const textOf = createTextLookup(texts)

  const bankOf = (camera: string): CameraBank => {
    const bank = banks.get(camera) ?? newBank()
    banks.set(camera, bank)
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
  const learn = (camera: string, light: Light, { event, at }: { event: string; at: number }) => {
    const bank = banks.get(camera)
    const text = textOf(event)
    if (bank === undefined || text === undefined) return
    const { reservoir } = bank
    const fit = fitQuiet(imagesFor(reservoir, light, event), text, texts().logitScale)
    const [images, admitted] = [reservoir.counts[light], reservoir.admitted[light]]
    bank.learned[light].set(event, { text, fit, images, admitted, at })
  }
  const report = (bank: CameraBank, { camera, light }: MarkedFrame, event: string) => {
    const state = calibrationState(learnedOf(bank, light, event)?.fit ?? null, texts().calibration)
    const before = bank.reported.get(event) ?? null
    if (state === before) return
    bank.reported.set(event, state)
    telemetry.emit({ type: 'CalibrationChanged', camera, event, light, before, state })
  }
  const show = (camera: string, { counts }: Reservoir) =>
    telemetry.emit({ type: 'BankChanged', camera, images: counts })

  return {
    fits: ({ frame: { camera, light } }) => {
      const bank = bankOf(camera)
      return event => learnedOf(bank, light, event)?.fit ?? null
    },
    offer: ({ frame, embedding, reused }, scores) => {
      const { camera, light, capturedAt: at } = frame
      const bank = bankOf(camera)
      const learns = learnsFromImages(texts().calibration)
      if (learns && !reused && frame.problem === null) {
        const { entries } = bank.reservoir
        bank.reservoir = admit(bank.reservoir, { embedding, at, light, scores }, dim)
        if (bank.reservoir.entries !== entries) show(camera, bank.reservoir)
      }
      for (const event of Object.keys(scores)) {
        report(bank, frame, event)
        if (learns && isDue(learnedOf(bank, light, event), bank.reservoir, light, at))
          queue.push(`${camera}/${light}/${event}`, () => learn(camera, light, { event, at }))
      }
    },
    reservoir: camera => banks.get(camera)?.reservoir ?? EMPTY_RESERVOIR,
    restore: (camera, stored) => {
      const bank = bankOf(camera)
      bank.reservoir = bank.reservoir.entries.reduce(insert, stored)
      show(camera, bank.reservoir)
    },
    forget: camera => {
      if (banks.delete(camera)) show(camera, EMPTY_RESERVOIR)
    },
  }
}

function newBank(): CameraBank {
  const learned = { day: new Map(), night: new Map(), infrared: new Map() }
  return { reservoir: EMPTY_RESERVOIR, learned, reported: new Map() }
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
