import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

function load(content: string) {
  const path = join(temporaryFolder(), 'home.yaml')
  writeFileSync(path, content)
  return loadConfig(path, { library: readLibrary(), env: {} })
}

test('a thousand cameras with shared settings are read', () => {
  const cameras = Array.from(
    { length: 1000 },
    (_, i) => `  camera_${i}: { <<: *d, url: "rtsp://10.0.${i >> 8}.${i & 255}/live" }`,
  )
  const { config } = load(`x-d: &d { fps: 2, motion: { threshold: 0.01 } }\ncameras:\n${cameras.join('\n')}\n`)
  expect(Object.keys(config.cameras)).toHaveLength(1000)
  expect(config.cameras.camera_999).toMatchObject({ fps: 2, url: 'rtsp://10.0.3.231/live' })
})

test.each([
  [
    'ten megabytes',
    `cameras:\n${'  # filler\n'.repeat(1e6)}`,
    /^Cannot read the config .*home\.yaml: it is larger than 2 MB$/,
  ],
  ['no text', 'a\0b', /it is not a text file$/],
])('%s: one line', (_name, content, expected) => {
  expect(() => load(content)).toThrow(
    expect.objectContaining({ code: 'config-unreadable', message: expect.stringMatching(expected) }),
  )
})

test.each(['a b', 'ä', 'a\nb', 'x'.repeat(101), '-a', 'a/b', '+', '#', '💡'])('%j is no name for a camera', name => {
  expect(() => load(JSON.stringify({ cameras: { [name]: { url: 'demo:street' } } }))).toThrow(
    expect.objectContaining({ code: 'config-invalid', message: expect.stringMatching(/^[^\n]* Expected [^\n]*$/) }),
  )
})
