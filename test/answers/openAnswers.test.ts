import { appendFileSync, chmodSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answerLine } from '../../src/answers/answerLine.ts'
import { openAnswers } from '../../src/answers/openAnswers.ts'
import { answerOf } from '../support/answers.ts'
import { startChild } from '../support/child.ts'
import { canMount, mountSmallDisk } from '../support/smallDisk.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const CHILD = 'test/support/answersChild.ts'

function setUp(dataDir = temporaryFolder()) {
  const answers = openAnswers(dataDir)
  const ids = async () => (await answers.read()).answers.map(({ id }) => id)
  return { dataDir, answers, ids, path: answers.path }
}

test('answers are read as they were given, in order; the file is for its owner only', async () => {
  const { dataDir, answers, path } = setUp(join(temporaryFolder(), 'new'))
  expect(await answers.read()).toEqual({ answers: [], damaged: 0, unknown: 0 })
  const given = [answerOf('b'), answerOf('a', { yes: false, score: null, phrases: null, image: null })]
  for (const answer of given) await answers.add(answer)
  expect(await answers.read()).toEqual({ answers: given, damaged: 0, unknown: 0 })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(dataDir).mode & 0o777).toBe(0o700)
})

test('the last answer about an event counts; one that was taken back counts no more until it is given again', async () => {
  const { answers } = setUp()
  await answers.add(answerOf('a'))
  await answers.add(answerOf('b'))
  await answers.add(answerOf('a', { yes: false }))
  expect((await answers.read()).answers.map(({ id, yes }) => [id, yes])).toEqual([
    ['b', true],
    ['a', false],
  ])
  await answers.remove('a', 2000)
  await answers.remove('never-there', 2000)
  expect((await answers.read()).answers).toEqual([answerOf('b')])
  await answers.add(answerOf('a'))
  expect((await answers.read()).answers).toEqual([answerOf('b'), answerOf('a')])
})

test('at every length to which the file is cut, the whole lines before are read, and the next answer is as well', async () => {
  const { answers, ids, path } = setUp()
  for (const id of ['a', 'b']) await answers.add(answerOf(id))
  const bytes = readFileSync(path)
  const firstEnd = bytes.indexOf(10) + 1
  for (let length = 0; length <= bytes.length; length += 37) {
    writeFileSync(path, bytes.subarray(0, length))
    const before = await ids()
    expect(before).toEqual(length >= firstEnd - 1 ? ['a'] : [])
    await answers.add(answerOf('c'))
    expect(await ids()).toEqual([...before, 'c'])
  }
})

test('a byte that changed anywhere costs at most two answers, and never reads as something else', async () => {
  const { answers, path } = setUp()
  const given = ['a', 'b', 'c'].map(id => answerOf(id))
  for (const answer of given) await answers.add(answer)
  const bytes = readFileSync(path)
  for (let place = 0; place < bytes.length; place += 11) {
    const changed = Buffer.from(bytes)
    changed[place] = (changed[place] as number) ^ 0x04
    writeFileSync(path, changed)
    const { answers: found, damaged } = await answers.read()
    expect(found.length).toBeGreaterThanOrEqual(1)
    expect(damaged).toBeGreaterThanOrEqual(1)
    for (const answer of found) expect(given).toContainEqual(answer)
  }
})

test('lines of another version or of another program stay and count for nothing', async () => {
  const { answers, path } = setUp()
  await answers.add(answerOf('a'))
  const newer = answerLine({ kind: 'removal', id: 'a', removedAt: 1 }).replace('"v":1', '"v":2')
  appendFileSync(path, `hello\n{"v":1}\n\0\n${newer}\n`)
  expect(await answers.read()).toEqual({ answers: [answerOf('a')], damaged: 4, unknown: 0 })
  const kept = readFileSync(path, 'utf8')
  await answers.add(answerOf('b'))
  expect(readFileSync(path, 'utf8').startsWith(kept)).toBe(true)
})

test('an intact line whose content this version does not know is counted apart', async () => {
  const { answers, path } = setUp()
  const strange = answerOf('a', { score: 2 })
  appendFileSync(path, `${answerLine({ kind: 'answer', answer: strange })}\n`)
  const noVector = { ...answerOf('b').image, vector: new Uint16Array(4) } as NonNullable<
    ReturnType<typeof answerOf>['image']
  >
  appendFileSync(path, `${answerLine({ kind: 'answer', answer: answerOf('b', { image: noVector }) })}\n`)
  expect(await answers.read()).toEqual({ answers: [], damaged: 0, unknown: 2 })
})

test('two processes answer at once, and no answer is lost', { timeout: 60_000 }, async () => {
  const { dataDir, answers } = setUp()
  const children = ['one', 'two'].map(name => startChild(CHILD, [dataDir, name, '60']))
  for (const child of children) await child.ended
  const stored = children.flatMap(({ lines }) => lines.map(line => line.split(' ').at(-1)))
  expect(stored).toHaveLength(120)
  const { answers: found, damaged } = await answers.read()
  expect(found.map(({ id }) => id).sort()).toEqual([...stored].sort())
  expect(damaged).toBe(0)
})

test('what was stored before a kill is there', { timeout: 60_000 }, async () => {
  const { dataDir, ids } = setUp()
  const child = startChild(CHILD, [dataDir, 'killed'])
  await child.says('stored killed-20', 30_000)
  child.kill('SIGKILL')
  await child.ended
  const said = child.lines.map(line => line.split(' ').at(-1))
  expect(await ids()).toEqual(expect.arrayContaining(said))
})

test('the revision changes with every answer and removal', async () => {
  const { answers, path } = setUp()
  const seen = [await answers.revision()]
  await answers.add(answerOf('a'))
  seen.push(await answers.revision())
  await answers.remove('a', 1)
  seen.push(await answers.revision())
  expect(await answers.revision()).toBe(seen.at(-1))
  truncateSync(path, 0)
  seen.push(await answers.revision())
  expect(new Set(seen).size).toBe(4)
})

test('a file that cannot be read or written is one clear error', async () => {
  const { dataDir, answers, path } = setUp()
  mkdirSync(path)
  await expect(answers.read()).rejects.toMatchObject({
    code: 'file-unreadable',
    message: expect.stringContaining(path),
  })
  await expect(answers.add(answerOf('a'))).rejects.toMatchObject({ code: 'unwritable' })
  if (process.getuid?.() === 0) return
  const locked = join(dataDir, 'locked')
  mkdirSync(locked)
  chmodSync(locked, 0o500)
  await expect(openAnswers(locked).add(answerOf('a'))).rejects.toMatchObject({ code: 'unwritable' })
})

test.skipIf(!canMount)(
  'on a full disk the answer fails, earlier ones stay, and it works again with space',
  async () => {
    const disk = mountSmallDisk(1)
    try {
      const { answers, ids } = setUp(disk.path)
      await answers.add(answerOf('a'))
      disk.fill()
      let stored = 1
      const fill = async () => {
        for (; ; stored++) await answers.add(answerOf(`more-${stored}`))
      }
      await expect(fill()).rejects.toMatchObject({ code: 'disk-full' })
      expect(await ids()).toHaveLength(stored)
      disk.empty()
      await answers.add(answerOf('z'))
      expect((await ids()).at(-1)).toBe('z')
      expect(await ids()).toHaveLength(stored + 1)
    } finally {
      disk.remove()
    }
  },
)
