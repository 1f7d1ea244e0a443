import { expect, test } from 'vitest'
import { rememberLast } from '../../src/util/rememberLast.ts'

test('an equal argument has the last result, also while it is being computed; another one computes again', async () => {
  const computed: string[] = []
  const double = rememberLast(async ({ text }: { text: string }) => {
    computed.push(text)
    return text + text
  })
  const [first, second] = [double({ text: 'a' }), double({ text: 'a' })]
  expect([await first, await second, await double({ text: 'b' }), await double({ text: 'a' })]).toEqual([
    'aa',
    'aa',
    'bb',
    'aa',
  ])
  expect(computed).toEqual(['a', 'b', 'a'])
})

test('a failure is not remembered', async () => {
  let fails = true
  const read = rememberLast(async (name: string) => {
    if (fails) throw new Error('no')
    return name
  })
  await expect(read('a')).rejects.toThrow('no')
  fails = false
  expect(await read('a')).toBe('a')
})
