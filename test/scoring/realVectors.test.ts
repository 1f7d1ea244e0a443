/** The scoring path on vectors of the real ViT-B/32: from published vectors to decisions. */

import { describe, expect, test } from 'vitest'
import { measureCamera } from '../../bench/real/measureCamera.ts'
import { type CaseResult, eventOf, measureCase } from '../../bench/real/measureCase.ts'
import { openFolder } from '../../bench/real/openFolder.ts'
import { readCalibration } from '../../src/models/readCalibration.ts'
import { fitQuiet, LEAST_IMAGES } from '../../src/scoring/fitQuiet.ts'
import { logits } from '../../src/scoring/logits.ts'
import type { Calibration } from '../../src/scoringTypes.ts'
import { normalize } from '../../src/util/vector.ts'
import { readNpy } from '../support/readNpy.ts'

const folder = openFolder(new URL('../fixtures/real-clip', import.meta.url).pathname)
const calibration = await readCalibration(folder.path, folder.logitScale)
/** The camera's own images decide alone, however few they are. */
const BANK_ALONE = { ...calibration, images: 1 }
/** The street views are cut into so many parts; each is tested with the others as the bank. */
const PARTS = 4

/** Of each part, with 5 and with 16 contrast phrases. */
function resultsOf(event: string, used: Calibration): CaseResult[] {
  const found = folder.cases.find(({ name }) => name === `${event}-among-street-views`)
  if (found === undefined) throw new Error(`No case for ${event}`)
  const street = [...found.quiet, ...found.negative].sort((a, b) => a - b)
  return Array.from({ length: PARTS }, (_, part) => ({
    ...found,
    negative: street.filter((_, i) => i % PARTS === part),
    quiet: street.filter((_, i) => i % PARTS !== part),
  })).flatMap(photoCase => [5, 16].map(contrasts => measureCase(photoCase, { folder, calibration: used, contrasts })))
}

function mean(results: readonly CaseResult[], value: (result: CaseResult) => number | null): number {
  return results.reduce((sum, result) => sum + (value(result) ?? Number.NaN), 0) / results.length
}

test('logits are those that the reference implementation printed for CLIP.png', () => {
  const read = (name: string) => readNpy(`${folder.path}/reference/numpyclip-${name}.npy`).map(normalize)
  const [image] = read('image_features-CLIP.png')
  const texts = read('text_features')
  const logit = logits(image as Float32Array, 100)
  // "a diagram", "a dog", "a cat" in https://github.com/openai/CLIP#usage and NumPyCLIP.
  for (const [i, printed] of [25.5528, 20.0899, 19.7495].entries())
    expect(Math.abs(logit(texts[i] as Float32Array) - printed)).toBeLessThan(0.001)
})

describe.each([
  // Cars stand at the roadside and small in half of their pictures: most of them look like the street itself.
  { event: 'car', auc: 0.7, prior: 0.05, bank: 0.03 },
  { event: 'bicycle', auc: 0.9, prior: 0.75, bank: 0.7 },
  { event: 'cat', auc: 0.99, prior: 0.85, bank: 0.95 },
  { event: 'dog', auc: 0.99, prior: 0.9, bank: 0.95 },
])('a $event among street views', ({ event, auc, prior, bank }) => {
  const results = resultsOf(event, calibration)
  const learned = resultsOf(event, BANK_ALONE)

  test('is distinguished from them', () => {
    expect(mean(results, result => result.auc)).toBeGreaterThan(auc)
  })

  test('is found before and after the camera’s own images count, with at most one false image in twenty', () => {
    expect(mean(learned, result => result.bank.false)).toBeLessThanOrEqual(0.05)
    expect(mean(results, result => result.prior.found)).toBeGreaterThan(prior)
    expect(mean(results, result => result.bank.found)).toBeGreaterThan(bank)
    expect(mean(results, result => result.prior.false)).toBeLessThanOrEqual(0.05)
    expect(mean(results, result => result.bank.false)).toBeLessThanOrEqual(0.05)
  })

  test('is decided alike with ten more background phrases', () => {
    expect(mean(results, result => result.background)).toBeLessThan(0.04)
  })
})

test.each([
  { event: 'bicycle', found: 0.8 },
  { event: 'cat', found: 0.95 },
  { event: 'dog', found: 0.95 },
])('a $event is found by the bank alone, also when it is in a fifth or in two fifths of it', ({ event, found }) => {
  const results = resultsOf(event, BANK_ALONE)
  expect(mean(results, result => result.bank.found)).toBeGreaterThan(found)
  for (const percent of ['20', '40'] as const) {
    expect(mean(results, result => result.spoiled[percent].found)).toBeGreaterThan(found)
    expect(mean(results, result => result.spoiled[percent].false)).toBeLessThanOrEqual(0.05)
  }
})

test('an indoor camera keeps its quiet level and has no event of `a person` where little changes', () => {
  const [file] = folder.series
  const { events, margins, fit, jitter } = measureCamera(file as string, folder, calibration)
  expect(events).toBe(0)
  expect(Math.max(...margins)).toBeLessThan(fit.centre)
  expect(Math.min(...margins)).toBeGreaterThan(fit.location - 1)
  expect(jitter).toBeLessThan(0.3)
})

test('a bank of few street views teaches finite numbers', () => {
  const [photoCase] = folder.cases
  if (photoCase === undefined) throw new Error('No case')
  const event = eventOf(photoCase, photoCase.background, folder)
  const images = folder.pictures(photoCase.pictures, photoCase.quiet, photoCase.name)
  for (let count = LEAST_IMAGES; count <= images.length; count++) {
    const fit = fitQuiet(images.slice(0, count), event, folder.logitScale)
    expect([fit?.centre, fit?.width, fit?.offset].every(Number.isFinite)).toBe(true)
  }
})
