import { expect, test } from 'vitest'
import { evaluatedEvents } from '../../../src/commands/eval/evaluatedEvents.ts'
import type { Footage } from '../../../src/commands/eval/openLabels.ts'

const LIBRARY = { person_walking: { prompts: ['a person'] }, dog: { prompts: ['a dog'] } }

function footage(...events: string[]): Footage {
  const labels = events.map((event, i) => {
    return { event, from: 1, to: 2, unit: 'seconds', ignored: false, place: `line ${i + 2}` } as const
  })
  return { file: 'a.csv', path: 'a.mp4', video: [], fps: null, merges: true, labels }
}

test('without a list, the events of the labels: names of the library in any spelling, and phrases', () => {
  const events = evaluatedEvents([footage('Person walking', 'a red car', '*'), footage('dog')], undefined, LIBRARY)
  expect(events.names).toEqual(['person_walking', 'a_red_car', 'dog'])
  expect(events.library.a_red_car).toEqual({ prompts: ['a red car'] })
  expect(
    ['person_walking', 'person walking', 'a red car', 'dog', 'cat'].map(event => events.eventOf({ event })),
  ).toEqual(['person_walking', 'person_walking', 'a_red_car', 'dog', null])
})

test('with a list, other labels are left out, whatever they are called', () => {
  const { names, eventOf } = evaluatedEvents([footage('dog', 'cat')], ['dog', 'a bird'], LIBRARY)
  expect(names).toEqual(['dog', 'a_bird'])
  expect([eventOf({ event: 'cat' }), eventOf({ event: 'a bird' })]).toEqual([null, 'a_bird'])
})

test('a name that is neither is refused with its place', () => {
  expect(() => evaluatedEvents([footage('dog', 'dgo')], undefined, LIBRARY)).toThrow(
    'a.csv, line 3: The prompt library has no "dgo"; did you mean `dog`?',
  )
})

test('labels without any event need a list', () => {
  expect(() => evaluatedEvents([footage()], undefined, LIBRARY)).toThrow('The labels name no event')
  expect(evaluatedEvents([footage()], ['dog'], LIBRARY).names).toEqual(['dog'])
})
