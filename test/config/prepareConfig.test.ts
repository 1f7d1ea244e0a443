import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig, parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { messageOf } from '../../src/util/errors.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

type Env = Record<string, string>
const parse = (text: string, env: Env = {}) =>
  parseConfig(text, '/etc/watchword/home.yaml', { library: readLibrary(), env })
const configOf = (text: string, env: Env = {}) => parse(text, env).config

function refusal(text: string, env: Env = {}): string {
  try {
    parse(text, env)
  } catch (error) {
    return messageOf(error)
  }
  throw new Error('Expected the config to be refused')
}

describe('numbers and booleans from the environment', () => {
  const text = `
cameras: { a: { url: demo:street, fps: "\${FPS:-2}", enabled: "\${ON:-true}", stall_timeout: "\${STALL:-20}" } }
metrics: { port: "\${PORT:-9470}" }
mqtt: { url: mqtt://h, username: "\${USER_NUMBER:-007}", password: "\${PASS:-1e3}" }
`
  test('become values of the type that the schema expects there', () => {
    const { cameras, metrics, mqtt } = configOf(text, { FPS: '0.5', ON: 'False', PORT: ' 9000 ' })
    expect(cameras.a).toMatchObject({ fps: 0.5, enabled: false, stall_timeout: 20_000 })
    expect(metrics.port).toBe(9000)
    expect(mqtt).toMatchObject({ username: '007', password: '1e3' })
  })

  test('the default also replaces an empty value', () => {
    expect(configOf(text, { FPS: '' }).cameras.a?.fps).toBe(2)
  })

  test.each([
    ['FPS', 'fast', /cameras\.a\.fps: Expected `fps` to be a number, got the value of `\$\{FPS\}`/],
    ['FPS', '-7', /cameras\.a\.fps: Expected `fps` to be above 0, got the value of `\$\{FPS\}`/],
    ['ON', 'ye', /cameras\.a\.enabled: Expected `enabled` to be true or false, got the value of `\$\{ON\}`/],
    ['PORT', '70000', /metrics\.port: Expected `port` to be at most 65535, got the value of `\$\{PORT\}`/],
    ['STALL', 'abc', /stall_timeout: Expected a duration such as .*, got the value of `\$\{STALL\}`/],
  ])('%s=%s: the message names the variable and hides its value', (name, value, expected) => {
    const message = refusal(text, { [name]: value })
    expect(message).toMatch(expected)
    expect(message.slice(message.indexOf('got'))).not.toContain(value)
  })

  test('a short secret is hidden as well', () => {
    expect(refusal('{cameras: {a: {url: demo:street, fit: "${CAM_PASSWORD}"}}}', { CAM_PASSWORD: 'ab1' })).not.toMatch(
      /ab1/,
    )
  })

  test('a missing variable is one mistake, not two', () => {
    expect(refusal('{cameras: {a: {url: demo:street, fps: "${NOPE}"}}}')).toBe(
      '/etc/watchword/home.yaml:1:34 cameras.a.fps: The environment has no NOPE. Set it, or write ${NOPE:-default}',
    )
  })
})

describe('paths', () => {
  const home = homedir()
  test.each([
    ['data_dir: ~/data', (c: ReturnType<typeof configOf>) => c.data_dir, `${home}/data`],
    ['data_dir: data', (c: ReturnType<typeof configOf>) => c.data_dir, '/etc/watchword/data'],
    ['snapshots: {dir: ~/s}', (c: ReturnType<typeof configOf>) => c.snapshots.dir, `${home}/s`],
    ['journal: {path: ./j.jsonl}', (c: ReturnType<typeof configOf>) => c.journal.path, '/etc/watchword/j.jsonl'],
    ['ffmpeg: {path: ~/ffmpeg}', (c: ReturnType<typeof configOf>) => c.ffmpeg.path, `${home}/ffmpeg`],
    ['model: {name: ~/clip}', (c: ReturnType<typeof configOf>) => c.model.name, `${home}/clip`],
    ['model: {name: ./clip}', (c: ReturnType<typeof configOf>) => c.model.name, '/etc/watchword/clip'],
    ['model: {name: clip-vit-base-patch32}', (c: ReturnType<typeof configOf>) => c.model.name, 'clip-vit-base-patch32'],
    [
      'mqtt: {url: mqtt://h, tls: {ca: ~/ca.pem}}',
      (c: ReturnType<typeof configOf>) => c.mqtt?.tls.ca,
      `${home}/ca.pem`,
    ],
    [
      'mqtt: {url: mqtt://h, tls: {cert: c.pem}}',
      (c: ReturnType<typeof configOf>) => c.mqtt?.tls.cert,
      '/etc/watchword/c.pem',
    ],
    ['mqtt: {url: mqtt://h, tls: {key: ../k.pem}}', (c: ReturnType<typeof configOf>) => c.mqtt?.tls.key, '/etc/k.pem'],
  ])('%s', (line, read, expected) => {
    expect(read(configOf(`cameras: {a: {url: demo:street}}\n${line}\n`))).toBe(expected)
  })

  test.each([
    ['clips/street.mp4', '/etc/watchword/clips/street.mp4'],
    ['~/street.mp4', `${home}/street.mp4`],
    ['pictures/*.jpg', '/etc/watchword/pictures/*.jpg'],
    ['/srv/~x/street.mp4', '/srv/~x/street.mp4'],
    ['${CLIPS}/street.mp4', `${home}/clips/street.mp4`],
    ['rtsp://camera/~/live', 'rtsp://camera/~/live'],
    ['demo:street', 'demo:street'],
  ])('url: %s', (url, expected) => {
    expect(configOf(`cameras: {a: {url: '${url}'}}`, { CLIPS: '~/clips' }).cameras.a?.url).toBe(expected)
  })

  test('${file:…} is relative to the folder of the config', () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'sec'), 'camera.lan\n')
    writeFileSync(join(folder, 'home.yaml'), 'cameras: {a: {url: "rtsp://${file:sec}/live"}}')
    const { config } = loadConfig(join(folder, 'home.yaml'), { library: readLibrary(), env: {} })
    expect(config.cameras.a?.url).toBe('rtsp://camera.lan/live')
  })
})

describe('shared settings', () => {
  test('merge keys and x- blocks; own keys win, and an unused block needs no environment', () => {
    const { cameras } = configOf(
      `
x-defaults: &d { url: "rtsp://\${HOST}/live", fps: 2, fit: crop }
x-unused: { url: "\${NOPE}" }
cameras:
  front: { <<: *d, fps: 4 }
  back: { <<: [*d, { transport: udp }], url: demo:street }
`,
      { HOST: 'camera.lan' },
    )
    expect(cameras.front).toMatchObject({ url: 'rtsp://camera.lan/live', fps: 4, fit: 'crop' })
    expect(cameras.back).toMatchObject({ url: 'demo:street', fps: 2, transport: 'udp' })
  })

  test('a mistake in a shared block is reported at its own line', () => {
    expect(refusal('x-d: &d\n  url: demo:street\n  fsp: 2\ncameras:\n  a:\n    <<: *d\n')).toBe(
      '/etc/watchword/home.yaml:3:3 cameras.a.fsp: Unknown key `fsp`; did you mean `fps`?',
    )
  })

  test('x: alone is a mistake like any unknown key', () => {
    expect(refusal('x: &d {fps: 2}\ncameras: {a: {<<: *d, url: demo:street}}')).toMatch(
      /^[^ ]*:1:1 x: Unknown key `x`; known keys: .*, x-…$/,
    )
  })

  test('<< of something else', () => {
    expect(refusal('cameras: {a: {<<: 3, url: demo:street}}')).toMatch(/:1:15: Expected `<<` to be an alias of a map/)
  })
})

describe('advice', () => {
  test.each([
    [
      'cameras: {a: {url: demo:street, fps: ${FPS}}}\nmetrics: {port: 1}',
      /^[^\n]*:1:39: Inside \{ \} or \[ \] a reference needs quotes: "\$\{NAME\}"$/,
    ],
    ['{cameras: {a: {ulr: demo:street}}}', /Unknown key `ulr`; did you mean `url`\?/],
    ['{cameras: {a: {url: demo:street}}, mqtt: {url: mqtt://h, password: 012345}}', /got a number: write it in quotes/],
    ['{cameras: {a: {url: demo:street}}, mqtt: {url: mqtt://h, username: true}}', /got a boolean: write it in quotes/],
    ['{cameras: {a: {url: demo:street}}, model: {name: 7}}', /got 7: write it in quotes/],
    ['{cameras: {a: {url: ""}}}', /Expected `url` to have a value, got an empty text/],
    ['{cameras: {__proto__: {url: demo:street}}}', /:1:12: Expected another name than `__proto__`/],
    [
      '{cameras: {a: {url: demo:street}}, events: {e: {use: constructor}}}',
      /The prompt library has no `constructor`; known events: person_walking/,
    ],
    [
      '{cameras: {a: {url: demo:street, events: [toString]}}}',
      /There is no event `toString`; known events: person_walking/,
    ],
    [
      '{cameras: {a: {url: demo:street}}, events: {e: {prompts: [p], release_threshold: 0.7}}}',
      /at most `threshold` \(0\.5\), got 0\.7/,
    ],
  ])('%s', (text, expected) => {
    expect(refusal(text)).toMatch(expected)
  })
})
