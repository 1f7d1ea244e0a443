import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { DEFAULT_BACKGROUND, DEFAULT_TEMPLATES } from '../../src/clip/defaultPhrases.ts'
import { readCalibration } from '../../src/models/readCalibration.ts'
import { logSumExp, sigmoid } from '../../src/util/vector.ts'

/** Cosines of eight texts (rows) with eight pictures (columns) under ViT-B/32, from a figure in openai/CLIP's notebook. */
const PUBLISHED = [
  [0.35, 0.15, 0.16, 0.2, 0.2, 0.2, 0.18, 0.16],
  [0.13, 0.28, 0.22, 0.17, 0.16, 0.15, 0.17, 0.15],
  [0.17, 0.19, 0.3, 0.18, 0.17, 0.14, 0.21, 0.16],
  [0.12, 0.12, 0.12, 0.31, 0.15, 0.17, 0.14, 0.12],
  [0.17, 0.11, 0.15, 0.15, 0.35, 0.15, 0.2, 0.17],
  [0.14, 0.15, 0.12, 0.18, 0.15, 0.29, 0.13, 0.12],
  [0.19, 0.19, 0.21, 0.21, 0.2, 0.14, 0.29, 0.16],
  [0.14, 0.15, 0.16, 0.15, 0.16, 0.13, 0.12, 0.32],
]

/** Each text is the event, the others are its contrasts. The closest pair lies 0.08 of cosine apart: 8 nats. */
test('an uncalibrated model separates an image’s own text from the others in the published figures', async () => {
  const scale = 100
  const { centre, width } = await readCalibration(tmpdir(), scale)
  for (const picture of PUBLISHED.keys()) {
    const logits = PUBLISHED.map(row => scale * (row[picture] as number))
    for (const [text, logit] of logits.entries()) {
      const score = sigmoid((logit - logMeanExp(logits.filter((_, other) => other !== text)) - centre) / width)
      if (text === picture) expect(score).toBeGreaterThan(0.95)
      else expect(score).toBeLessThan(0.05)
    }
  }
})

function logMeanExp(values: readonly number[]): number {
  return logSumExp(values) - Math.log(values.length)
}

test('every template has a place for the phrase, and no phrase occurs twice', () => {
  for (const template of DEFAULT_TEMPLATES) expect(template.split('{}')).toHaveLength(2)
  for (const list of [DEFAULT_TEMPLATES, DEFAULT_BACKGROUND]) expect(new Set(list).size).toBe(list.length)
})
