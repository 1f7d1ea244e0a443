import { describe, expect, test } from 'vitest'
import { DEFAULT_BACKGROUND } from '../../src/clip/defaultPhrases.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { type AdvisedEvent, adviseOn } from '../../src/scoring/adviseOn.ts'
import { isBareNoun, negationIn } from '../../src/scoring/wordingAdvice.ts'
import type { Phrase, QuietFit } from '../../src/scoringTypes.ts'
import { normalize } from '../../src/util/vector.ts'

const BAD_NEGATION = [
  'no helmet',
  'a worker without a helmet',
  'a road with no cars',
  'not a dog',
  'nobody at the door',
  'a person who is not walking',
  'a street empty of people',
  'a room free of smoke',
  'none of the lights',
  'a door that isn’t closed',
  'nothing on the road',
  'a yard lacking a fence',
  'anything other than a car',
  "a car that doesn't move",
]
const GOOD_NEGATION = [
  'an empty street',
  'an empty room',
  'a no parking sign',
  'a no-smoking sign',
  'a closed gate',
  'a snowy road',
  'a notice board',
  'a knot in a rope',
  'a bare head',
  'an unlit street',
  'a north-facing wall',
  'a forget-me-not',
]
const BARE = ['person', 'car', 'helmet', 'dog', 'forklift', 'umbrella']
const NOT_BARE = [
  'a person',
  'people',
  'fog',
  'smoke',
  'flames',
  'steam',
  'a red van',
  'walking',
  'glass',
  'men',
  'two people',
]

test.each(BAD_NEGATION)('"%s" denies something', phrase => expect(negationIn(phrase)).not.toBeNull())
test.each(GOOD_NEGATION)('"%s" denies nothing', phrase => expect(negationIn(phrase)).toBeNull())
test.each(BARE)('"%s" is a bare noun', phrase => expect(isBareNoun(phrase)).toBe(true))
test.each(NOT_BARE)('"%s" is not a bare noun', phrase => expect(isBareNoun(phrase)).toBe(false))

const DIM = 512
let axes = 0
/** A vector that is nearly at right angles to all others. */
const next = () =>
  Float32Array.from({ length: DIM }, (_, i) => (i === axes ? 1 : 0)).map((value, i) => (i === DIM - 1 ? 0 : value))
const vectors = new Map<string, Float32Array>()
function vectorOf(text: string): Float32Array {
  const known = vectors.get(text)
  if (known !== undefined) return known
  const made = next()
  axes = (axes + 1) % (DIM - 1)
  vectors.set(text, made)
  return made
}
/** A vector at this cosine to that of another phrase. */
function near(text: string, other: string, cosine: number): void {
  const [a, b] = [vectorOf(other), next()]
  axes++
  vectors.set(text, normalize(a.map((value, i) => value * cosine + (b[i] ?? 0) * Math.sqrt(1 - cosine ** 2))))
}
const phrase = (text: string, tokens = 8): Phrase => ({ text, vector: vectorOf(text), tokens })

interface Words {
  readonly prompts?: readonly string[]
  readonly against?: readonly string[]
  readonly levels?: readonly string[] | null
  readonly rule?: string
}
function eventOf(event: string, { prompts = [], against = [], levels = null, rule = 'present' }: Words): AdvisedEvent {
  const own = (prompts.length > 0 ? prompts : (levels ?? []).slice(-1)).map(text => phrase(text))
  const others = [...against, ...DEFAULT_BACKGROUND].filter(text => !own.some(each => each.text === text))
  const contrast = [...new Set(others)].map(text => phrase(text))
  const ownContrasts = against.filter(text => !own.some(each => each.text === text)).length
  const graded = levels?.map(text => phrase(text)) ?? null
  const mean = new Float32Array(DIM).map((_, i) => own.reduce((sum, { vector }) => sum + (vector[i] ?? 0), 0))
  const words = { prompts: own, contrast, ownContrasts, levels: graded }
  const text = {
    event,
    positive: normalize(mean),
    contrast: contrast.map(({ vector }) => vector),
    levels: graded?.map(({ vector }) => vector) ?? null,
    words,
  }
  return { text, negativePrompts: against, rule }
}
const codes = (event: AdvisedEvent, rest: Partial<Parameters<typeof adviseOn>[1]> = {}) =>
  adviseOn(event, { others: [], contextLength: 77, comparesPhrases: true, ...rest }).map(({ code }) => code)

describe('contrasts', () => {
  test('a contrast that is nearly a synonym is found, one that only is near is not', () => {
    near('a streetlight', 'a street lamp', 0.975)
    expect(codes(eventOf('lamp', { prompts: ['a street lamp'], against: ['a streetlight'] }))).toEqual([
      'synonym-contrast',
    ])
    near('a woman', 'a man', 0.945)
    expect(codes(eventOf('man', { prompts: ['a man'], against: ['a woman'] }))).toEqual([])
  })
  test('a contrast that is nearer to a prompt than its own event outvotes it', () => {
    near('a parked lorry', 'a lorry', 0.9)
    const event = eventOf('lorry', { prompts: ['a lorry', 'a ferry', 'a tram'], against: ['a parked lorry'] })
    expect(codes(event)).toEqual(['synonym-contrast'])
    expect(codes(event, { comparesPhrases: false })).toEqual([])
  })
  test('a phrase on both sides is found in any spelling', () =>
    expect(codes(eventOf('cat', { prompts: ['a cat'], against: ['A cat'] }))).toContain('own-contrast'))
})

describe('other events', () => {
  const van = eventOf('van', { prompts: ['a van'] })
  test('a shared phrase under the same rule is found once', () => {
    const second = eventOf('white_van', { prompts: ['a van', 'a white van'] })
    expect(codes(van, { others: [van, second] })).toEqual(['duplicate-event'])
    expect(codes(second, { others: [van, second] })).toEqual([])
  })
  test('another rule may use the same phrase', () =>
    expect(codes(van, { others: [eventOf('van_stops', { prompts: ['a van'], rule: 'stops' })] })).toEqual([]))
})

describe('places', () => {
  test.each([
    [['a van at the gate'], ['a dog on grass'], ['place-missing']],
    [['a person by the pool'], [], ['place-missing']],
    [['a van at the gate'], ['a closed gate'], []],
    [['a car on the road'], [], []],
    [['a person on a bicycle'], ['a parked bicycle'], []],
    [['a parcel on a doorstep', 'a courier'], ['a closed front door'], []],
  ])('%j against %j', (prompts, against, expected) =>
    expect(codes(eventOf('e', { prompts, against }))).toEqual(expected),
  )
})

test('a phrase that the model cuts off is found', () => {
  const event = eventOf('long', { prompts: ['a person walking'] })
  const words = { ...event.text.words, prompts: [phrase('a person walking', 90)] } as AdvisedEvent['text']['words']
  expect(codes({ ...event, text: { ...event.text, ...(words && { words }) } })).toEqual(['too-long'])
})

describe('phrases that a camera cannot tell apart', () => {
  const event = eventOf('smoke', { prompts: ['smoke rising'], against: ['steam'] })
  const fitOf = (direction: Float32Array): QuietFit => ({
    direction,
    offset: 0,
    location: 0,
    spread: 1,
    centre: 3,
    width: 1,
    eventFraction: 0,
    usualMargin: 0,
    images: 100,
  })
  const [smoke, steam] = [vectorOf('smoke rising'), vectorOf('steam')]
  test('on words', () => {
    expect(codes(event, { fit: fitOf(smoke) })).toEqual([])
    expect(codes(event, { fit: fitOf(steam) })).toEqual(['indistinct'])
  })
  test('on answers, which count more than words', () => {
    const repeat = (vector: Float32Array) => Array.from({ length: 5 }, () => vector)
    expect(codes(event, { fit: fitOf(smoke), answers: { yes: repeat(steam), no: repeat(steam) } })).toEqual([
      'indistinct',
    ])
    expect(codes(event, { fit: fitOf(smoke), answers: { yes: repeat(smoke), no: repeat(steam) } })).toEqual([])
  })
})

test('the words of the prompt library get no advice', () => {
  const events = Object.entries(readLibrary()).map(([name, raw]) => {
    const {
      prompts,
      negative_prompts: against,
      levels,
      rule,
    } = raw as Record<'prompts' | 'negative_prompts' | 'levels' | 'rule', never>
    return eventOf(name, { prompts, against, levels, rule })
  })
  const found = events.flatMap(event => adviseOn(event, { others: events, contextLength: 77, comparesPhrases: false }))
  expect(found.map(({ event, code, phrase }) => [event, code, phrase])).toEqual([])
})
