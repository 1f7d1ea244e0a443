/** What answers do: on vectors of the real CLIP that others published, and the reliability of the odds: `npm run bench -- answers --data DIR`. */

import { readCalibration } from '../src/models/readCalibration.ts'
import { judgeEvent } from '../src/scoring/eventScores.ts'
import { answersShift, fitAnswers } from '../src/scoring/fitAnswers.ts'
import { fitQuiet } from '../src/scoring/fitQuiet.ts'
import { logits } from '../src/scoring/logits.ts'
import { type OddsAnswer, oddsOf } from '../src/scoring/oddsOf.ts'
import type { Calibration, QuietFit } from '../src/scoringTypes.ts'
import { createRandom, type Random } from '../src/util/random.ts'
import { quantile, sigmoid } from '../src/util/vector.ts'
import { InputError } from '../test/support/inputError.ts'
import { eventOf } from './real/measureCase.ts'
import { openFolder, type PhotoCase, type RealFolder } from './real/openFolder.ts'
import { foundAt, fractionOf } from './real/roc.ts'
import { type Measurement, tableOf } from './report.ts'

export interface AnswersOptions {
  /** A folder with cases.json, text/ and pictures/. */
  readonly data: string | undefined
  /** An error without a folder if this was asked for by its name, else it is skipped. */
  readonly isWanted: boolean
}

const SEEDS = 5
/** Answers of each kind. */
const COUNT = 5
/** Wrong events are drawn from so many of the pictures without the event that score highest. */
const HIGHEST = 15
const FALSE_FRACTION = 0.02
/** As many as a bank gives to a fit. */
const MOST_QUIET = 400

/** @throws InputError with one line for what is missing in the folder */
export async function benchAnswers({ data, isWanted }: AnswersOptions): Promise<Measurement | null> {
  if (data === undefined) {
    const without = 'pass --data DIR, a folder with cases.json, text/phrases.{json,npy} and pictures/'
    if (isWanted) throw new InputError(without)
    console.log(`answers: skipped; ${without}`)
    return null
  }
  const folder = openFolder(data)
  const calibration = await readCalibration(folder.path, folder.logitScale)
  const rows = folder.cases.flatMap(one =>
    (['highest', 'any'] as const).map(drawn => {
      const runs = Array.from({ length: SEEDS }, (_, seed) => measure(one, { folder, calibration, drawn, seed }))
      const median = (value: (run: Run) => number) => quantile(runs.map(value), 0.5).toFixed(3)
      const lowest = Math.min(...runs.map(({ bank, answers }) => answers.oracle - bank.oracle)).toFixed(3)
      return [
        one.name,
        drawn,
        `${median(run => run.bank.oracle)} → ${median(run => run.answers.oracle)}`,
        lowest,
        `${median(run => run.bank.found)} → ${median(run => run.answers.found)}`,
        `${median(run => run.bank.false)} → ${median(run => run.answers.false)}`,
        median(run => run.weight),
      ]
    }),
  )
  return {
    name: 'answers',
    title: 'Answers: published vectors of the real ViT-B/32, and the odds',
    method: `The product’s scoring with the quiet pictures of each case as the bank, alone → with ${COUNT} right and ${COUNT} wrong answers; folder \`${folder.name}\`, medians of ${SEEDS} seeds. Answers are drawn from one half of the pictures, the other half is tested. Wrong ones are among the ${HIGHEST} highest scores of their half, as false alarms are, or any.`,
    columns: [
      'case',
      'wrong answers',
      'found at 2 % false',
      'lowest change of a seed',
      'found at 0.5',
      'false at 0.5',
      'weight',
    ],
    rows,
    notes: [oddsTable()],
  }
}

interface Decided {
  /** Found at FALSE_FRACTION false ones, whatever the threshold. */
  readonly oracle: number
  readonly found: number
  readonly false: number
}

interface Run {
  readonly bank: Decided
  readonly answers: Decided
  readonly weight: number
}

interface MeasureOptions {
  readonly folder: RealFolder
  readonly calibration: Calibration
  readonly drawn: 'highest' | 'any'
  readonly seed: number
}

function measure(photoCase: PhotoCase, { folder, calibration, drawn, seed }: MeasureOptions): Run {
  const { name } = photoCase
  const event = eventOf(photoCase, photoCase.background, folder)
  const random = createRandom(`answers ${name} ${seed}`)
  const [asked, tested] = halves(folder.pictures(photoCase.pictures, photoCase.positive, name), random)
  const [others, without] = halves(folder.pictures(photoCase.negative_pictures, photoCase.negative, name), random)
  const quiet = folder.pictures(photoCase.quiet_pictures, photoCase.quiet, name).slice(0, MOST_QUIET)
  const oddsWith = (fit: QuietFit | null) => (embedding: Float32Array) =>
    judgeEvent(event, { embedding, logit: logits(embedding, folder.logitScale), calibration, fit }).logOdds

  const alone = oddsWith(fitQuiet(quiet, event, folder.logitScale))
  const ringing = [...others].sort((a, b) => alone(b) - alone(a)).slice(0, HIGHEST)
  const wrong = drawn === 'highest' ? shuffled(ringing, random).slice(0, COUNT) : others.slice(0, COUNT)
  // As `imagesFor` does it: what was taken for the event is among the quiet images.
  const images = [...quiet, ...wrong]
  const withWrong = oddsWith(fitQuiet(images, event, folder.logitScale))
  const example = (yes: boolean) => (embedding: Float32Array) => ({
    embedding,
    yes,
    at: 0,
    logOdds: withWrong(embedding),
  })
  const fit = fitAnswers([...asked.slice(0, COUNT).map(example(true)), ...wrong.map(example(false))], images)
  return {
    bank: decided(tested.map(alone), without.map(alone)),
    answers: decided(
      ...([tested, without].map(list => list.map(image => withWrong(image) + answersShift(fit, image))) as [
        number[],
        number[],
      ]),
    ),
    weight: fit?.weight ?? 0,
  }
}

function decided(withEvent: readonly number[], without: readonly number[]): Decided {
  return {
    oracle: foundAt(withEvent, without, FALSE_FRACTION),
    found: fractionOf(withEvent, value => value >= 0),
    false: fractionOf(without, value => value >= 0),
  }
}

function halves<T>(values: readonly T[], random: Random): [T[], T[]] {
  const mixed = shuffled(values, random)
  return [mixed.slice(0, Math.floor(mixed.length / 2)), mixed.slice(Math.floor(mixed.length / 2))]
}

function shuffled<T>(values: readonly T[], random: Random): T[] {
  return values
    .map(value => ({ value, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value)
}

const CAMERAS = 400
const ANSWERS = 20
const ASKED = 10
const BINS = 10

/** How right events are on a simulated camera: how often in the middle, and how fast that rises with the peak. */
const WORLDS = {
  'any precision': (random: Random) => ({ level: random.normal(0, 1.5), slope: random.between(0, 1) }),
  'mostly right': (random: Random) => ({ level: random.normal(1.5, 1), slope: random.between(0, 1) }),
  'mostly wrong': (random: Random) => ({ level: random.normal(-1.5, 1), slope: random.between(0, 1) }),
  'peaks decide': (random: Random) => ({ level: random.normal(-2, 1), slope: random.between(1, 2) }),
} as const

function oddsTable(): string {
  const rows = Object.entries(WORLDS).map(([name, world]) => {
    const random = createRandom(`odds ${name}`)
    const foretold: { odds: number; isRight: boolean }[] = []
    for (let camera = 0; camera < CAMERAS; camera++) {
      const { level, slope } = world(random)
      const next = (): OddsAnswer => {
        const logOdds = Math.abs(random.normal(0, 1.5))
        return { camera: 'one', logOdds, yes: random.chance(sigmoid(level + slope * logOdds)) }
      }
      const answers = Array.from({ length: ANSWERS }, next)
      for (let i = 0; i < ASKED; i++) {
        const asked = next()
        foretold.push({ odds: oddsOf(answers, asked) ?? Number.NaN, isRight: asked.yes })
      }
    }
    return [name, calibrationError(foretold).toFixed(3)]
  })
  const about = `Odds: ${CAMERAS} simulated cameras with ${ANSWERS} answers each and no other camera to learn from, then ${ASKED} further events of each; expected calibration error in ${BINS} bins (target: at most 0.05).`
  return `${about}\n\n${tableOf(['events of the cameras', 'calibration error'], rows)}`
}

/** Mean distance of the odds from how often they were right, weighted by bin. */
function calibrationError(foretold: readonly { readonly odds: number; readonly isRight: boolean }[]): number {
  return Array.from({ length: BINS }, (_, bin) => {
    const inside = foretold.filter(({ odds }) => Math.min(BINS - 1, Math.floor(odds * BINS)) === bin)
    const distance = inside.reduce((sum, { odds, isRight }) => sum + odds - (isRight ? 1 : 0), 0)
    return Math.abs(distance) / foretold.length
  }).reduce((sum, value) => sum + value, 0)
}
