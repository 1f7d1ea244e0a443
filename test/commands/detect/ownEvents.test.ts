import { expect, test } from 'vitest'
import { ownEvents } from '../../../src/commands/detect/ownEvents.ts'

const library = { dog: { prompts: ['a dog'] } }

test('a phrase becomes an event of its own, named after its words', () => {
  const { names, library: all } = ownEvents(['dog', 'A red car!', 'dog'], library)
  expect(names).toEqual(['dog', 'a_red_car'])
  expect(all).toEqual({ dog: { prompts: ['a dog'] }, a_red_car: { prompts: ['A red car!'] } })
})

test('an accent goes, its letter stays', () => {
  expect(ownEvents(['un café à côté'], {}).names).toEqual(['un_cafe_a_cote'])
})

test('the words of an entry of the library mean that entry', () => {
  const walking = { person_walking: { prompts: ['a person walking'] } }
  expect(ownEvents(['person walking'], walking)).toEqual({ names: ['person_walking'], library: walking })
})
