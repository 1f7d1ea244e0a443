import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLabels } from '../../../src/commands/eval/openLabels.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

const SPANS = JSON.stringify({ spans: [{ event: 'dog', from: 1, to: 2 }] })

/** @param files path below a new folder → content */
function folderOf(files: Readonly<Record<string, string>>): (name: string) => string {
  const dir = temporaryFolder()
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true })
    writeFileSync(join(dir, name), content)
  }
  return name => join(dir, name)
}

const pathsOf = async (files: readonly string[], video?: string) =>
  (await openLabels(files, video)).map(({ path }) => path)

test('the video that the labels name, relative to themselves, or the one of their base name', async () => {
  const at = folderOf({
    'a/gate.json': JSON.stringify({ video: '../b/gate.mp4', spans: [] }),
    'b/gate.mp4': '',
    'a/yard.json': SPANS,
    'a/yard.MKV': '',
    'a/yard.txt': '',
  })
  expect(await pathsOf([at('a/gate.json'), at('a/yard.json')])).toEqual([at('b/gate.mp4'), at('a/yard.MKV')])
  expect(await pathsOf([at('a/gate.json')], 'other.mp4')).toEqual(['other.mp4'])
})

test('several videos of one file; an upload without its prefix', async () => {
  const task = (video: string) => ({ data: { video }, annotations: [] })
  const at = folderOf({
    'table.csv': 'video,event,from,to\none.mp4,dog,1,2\n"two, b.mp4",dog,1,2\n',
    'one.mp4': '',
    'two, b.mp4': '',
    'studio.json': JSON.stringify([task('/data/upload/1/5f0e1c22-gate.mp4'), task('s3://bucket/yard.mp4')]),
    'gate.mp4': '',
    'yard.mp4': '',
  })
  expect(await pathsOf([at('table.csv')])).toEqual([at('one.mp4'), at('two, b.mp4')])
  expect(await pathsOf([at('studio.json')])).toEqual([at('gate.mp4'), at('yard.mp4')])
})

test('mistakes about the video are one line with what to do', async () => {
  const at = folderOf({
    'named.json': JSON.stringify({ video: 'gone.mp4', spans: [] }),
    'alone.json': SPANS,
    'two.json': SPANS,
    'two.mp4': '',
    'two.mkv': '',
    'one.json': SPANS,
    'one.srt': '1\n00:00:01,000 --> 00:00:02,000\ndog\n',
    'one.mp4': '',
    'table.csv': 'video,event,from,to\none.mp4,dog,1,2\ntwo.mp4,dog,1,2\n',
  })
  const refused = (files: readonly string[], video?: string) =>
    openLabels(files.map(at), video).catch((error: unknown) => error)
  expect(await refused(['named.json'])).toMatchObject({
    code: 'labels-without-video',
    message: `${at('named.json')} names the video gone.mp4, and there is no ${at('gone.mp4')}`,
  })
  expect(await refused(['alone.json'])).toMatchObject({
    message: `${at('alone.json')} names no video, and no video alone is beside it`,
  })
  expect(await refused(['two.json'])).toMatchObject({
    message: `${at('two.json')} names no video, and two.mkv, two.mp4 are beside it`,
  })
  expect(await refused(['one.json', 'one.srt'])).toMatchObject({
    code: 'labels-invalid',
    message: `${at('one.mp4')} has labels in ${at('one.json')} and again in ${at('one.srt')}: put them into one file`,
  })
  expect(await refused(['table.csv'], 'one.mp4')).toMatchObject({
    code: 'invalid-option',
    message: 'Expected the labels of one video with --video, got labels of 2 videos',
  })
  expect(await refused(['nothing.json'])).toMatchObject({ code: 'file-unreadable' })
})
