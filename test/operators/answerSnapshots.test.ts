import { map } from 'rxjs'
import { expect, test } from 'vitest'
import { answerSnapshots } from '../../src/operators/answerSnapshots.ts'
import type { Command, SnapshotAnswer } from '../../src/operators/watchState.ts'
import { scored } from '../support/frames.ts'
import { marbles } from '../support/virtualTime.ts'

test('the next frame of the camera answers, once; outcomes pass untouched', () => {
  const answers: SnapshotAnswer[] = []
  const request = (camera: string): Command => ({ type: 'snapshot', camera, deliver: picture => answers.push(picture) })
  const values = {
    a: scored('one', 1, {}, { jpeg: Uint8Array.of(1) }),
    b: scored('two', 2, {}, { jpeg: Uint8Array.of(2) }),
    c: scored('one', 3, {}),
  }
  marbles().run(({ hot, expectObservable, expectSubscriptions, flush }) => {
    const commands = hot('  -r-------r-s', { r: request('one'), s: request('three') })
    const outcomes = hot('  --b--a-a--c-|', values)
    const subscribed = '    ^-----------!'
    const passed = '        --b--a-a--c-|'
    expectObservable(outcomes.pipe(answerSnapshots(commands))).toBe(passed, values)
    expectSubscriptions(outcomes.subscriptions).toBe(subscribed)
    expectSubscriptions(commands.subscriptions).toBe(subscribed)
    flush()
  })
  expect(answers).toEqual([
    { camera: 'one', at: 1, jpeg: Uint8Array.of(1) },
    { camera: 'one', at: 3, jpeg: null },
  ])
})

test('unsubscribed, it lets go of both', () => {
  marbles().run(({ hot, expectObservable, expectSubscriptions }) => {
    const commands = hot<Command>('-----')
    const outcomes = hot('a----', { a: scored('one', 1, {}) })
    expectObservable(
      outcomes.pipe(
        answerSnapshots(commands),
        map(() => 'a'),
      ),
      '--!',
    ).toBe('a')
    expectSubscriptions(outcomes.subscriptions).toBe('^-!')
    expectSubscriptions(commands.subscriptions).toBe('^-!')
  })
})

test('requests for a camera that never answers are bounded', () => {
  let answered = 0
  marbles().run(({ cold, flush }) => {
    const requests = Array.from(
      { length: 100 },
      (): Command => ({
        type: 'snapshot',
        camera: 'one',
        deliver: () => {
          answered += 1
        },
      }),
    )
    const commands = cold<Command>(
      `(${requests.map((_, i) => String.fromCodePoint(0x4e00 + i)).join('')})`,
      Object.fromEntries(requests.map((one, i) => [String.fromCodePoint(0x4e00 + i), one])),
    )
    cold('--a|', { a: scored('one', 1, {}) })
      .pipe(answerSnapshots(commands))
      .subscribe()
    flush()
  })
  expect(answered).toBe(64)
})
