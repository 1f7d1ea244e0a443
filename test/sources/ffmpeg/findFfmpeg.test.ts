import { chmod, copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { findFfmpeg, remedy } from '../../../src/sources/ffmpeg/findFfmpeg.ts'
import { isAtLeast, parseVersion } from '../../../src/sources/ffmpeg/inspectFfmpeg.ts'
import { temporaryFolder } from '../../support/temporaryFolder.ts'

const fake = fileURLToPath(new URL('../../fixtures/sources/ffmpeg/version.mjs', import.meta.url))
let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => void vi.unstubAllEnvs())

/** A folder for PATH with an ffmpeg that is the fake one; its interpreter stays reachable through the real PATH. */
async function folderWithFfmpeg(): Promise<string> {
  await copyFile(fake, join(folder, 'ffmpeg'))
  await chmod(join(folder, 'ffmpeg'), 0o755)
  return folder
}
const shipped = [{ origin: '@ffmpeg-installer', path: fake }] as const

test('what the config names comes first', async () => {
  const found = await findFfmpeg({ configured: fake, env: { FFMPEG_BIN: '/nowhere', PATH: '' } })
  expect(found).toMatchObject({ path: fake, origin: 'config', version: { major: 6, minor: 1 }, warning: null })
})

test('then FFMPEG_BIN, then PATH, then what npm shipped', async () => {
  const PATH = await folderWithFfmpeg()
  expect((await findFfmpeg({ env: { FFMPEG_BIN: fake, PATH }, shipped })).origin).toBe('FFMPEG_BIN')
  expect((await findFfmpeg({ env: { PATH }, shipped })).origin).toBe('PATH')
  expect((await findFfmpeg({ env: { PATH: '' }, shipped })).origin).toBe('@ffmpeg-installer')
})

test('a wrong name in the config is an error, never another binary', async () => {
  const options = { configured: '/nowhere/ffmpeg', env: { PATH: await folderWithFfmpeg() } }
  await expect(findFfmpeg(options)).rejects.toMatchObject({
    code: 'ffmpeg-unusable',
    message: 'The ffmpeg of ffmpeg.path, /nowhere/ffmpeg, cannot be started (ENOENT)',
  })
})

test('an old one on PATH is passed over; an old shipped one is used and reported', async () => {
  vi.stubEnv('FAKE_VERSION', '4.1')
  const found = await findFfmpeg({ env: { PATH: await folderWithFfmpeg() }, shipped })
  expect(found).toMatchObject({ origin: '@ffmpeg-installer', path: fake })
  expect(found.warning).toMatch(/^Using ffmpeg 4\.1 of @ffmpeg-installer: it works, but it is old/)
})

test('one without RTSP, and one whose file is missing, are refused with the exact remedy', async () => {
  vi.stubEnv('FAKE_RTSP', 'no')
  const missing = { origin: 'ffmpeg-static', path: join(folder, 'missing') } as const
  const failure = findFfmpeg({ env: { PATH: '' }, shipped: [missing, ...shipped] })
  await expect(failure).rejects.toMatchObject({
    code: 'ffmpeg-not-found',
    message: `No usable ffmpeg was found: ${missing.path} cannot be started (ENOENT); ${fake} was built without RTSP`,
    hint: `${remedy(process.platform)}, or point FFMPEG_BIN at one.`,
  })
})

test('a program that is no ffmpeg is refused', async () => {
  const impostor = join(folder, 'impostor')
  await writeFile(impostor, `#!${process.execPath}\nconsole.log('hello')\n`, { mode: 0o755 })
  await expect(findFfmpeg({ configured: impostor })).rejects.toMatchObject({ code: 'ffmpeg-unusable' })
})

test.each([
  ['ffmpeg version 5.1.9-0+deb12u1 Copyright', { major: 5, minor: 1 }],
  ['ffmpeg version n7.0.2-3 Copyright', { major: 7, minor: 0 }],
  [
    'ffmpeg version N-47683-g0e8eb07980-static\nlibavutil 56. 22.100\nlibavcodec     58. 42.100',
    { major: 4, minor: 0 },
  ],
  ['GNU bash, version 5.2', null],
])('%j is version %j', (text, version) => {
  expect(parseVersion(text)).toEqual(version)
})

test('versions compare by major, then minor', () => {
  expect(isAtLeast({ major: 5, minor: 1 }, 5, 1)).toBe(true)
  expect(isAtLeast({ major: 5, minor: 0 }, 5, 1)).toBe(false)
  expect(isAtLeast({ major: 6, minor: 0 }, 5, 1)).toBe(true)
})
