import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { linesOf, parseHome } from '../support/parseHome.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const library = readLibrary()

describe('a good config', () => {
  test('one camera is enough: the default events are watched for', () => {
    const { config } = parseHome('cameras: { front: { url: "rtsp://10.0.0.5/live" } }')
    expect(Object.keys(config.events)).toEqual(['person_walking', 'vehicle_stopping', 'crowded_scene'])
    expect(config.cameras.front).toMatchObject({ fps: 1, fit: 'stretch', transport: 'auto', stall_timeout: 10_000 })
    expect(config.mqtt).toBeUndefined()
  })

  test('an event uses a library entry and overrides parts of it', () => {
    const { config } = parseHome(`
cameras: { front: { url: rtsp://h/1, events: [parcel] } }
events:
  parcel: { use: parcel_delivery, threshold: 0.9 }
`)
    expect(config.events.parcel).toMatchObject({ rule: 'present', threshold: 0.9 })
    expect(config.events.parcel?.prompts?.length).toBeGreaterThan(1)
  })

  test.each(Object.keys(library))('library entry %s is a valid event', name => {
    expect(parseHome(`{cameras: {a: {url: x}}, events: {e: {use: ${name}}}}`).config.events.e).toBeDefined()
  })

  test('references are replaced, and their values are secrets', () => {
    const file = join(temporaryFolder(), 'secret')
    writeFileSync(file, 'fr0m-file\n')
    const text = `
cameras: { a: { url: "rtsp://me:\${CAM_PASSWORD}@\${HOST:-cam.local}/x?token=t0ken" } }
mqtt: { url: mqtt://broker, password: "\${file:${file}}" }
`
    const { config, secrets } = parseHome(text, { CAM_PASSWORD: 'p@ss' })
    expect(config.cameras.a?.url).toBe('rtsp://me:p@ss@cam.local/x?token=t0ken')
    expect(config.mqtt?.password).toBe('fr0m-file')
    expect(secrets).toEqual(expect.arrayContaining(['fr0m-file', 't0ken']))
  })

  test('$${ stays ${', () => {
    expect(parseHome('cameras: { a: { url: "/x$${y}" } }').config.cameras.a?.url).toBe('/x${y}')
  })
})

describe('a bad config names every mistake at once, with its place', () => {
  test('types, ranges, unknown keys and events', () => {
    const text = `cameras:
  front:
    url: rtsp://h/1
    fps: -1
    evnts: [person_walking]
  back:
    transport: tpc
    events: [person_wlking]
modle: {}
`
    expect(linesOf(text)).toEqual([
      'home.yaml:4:5 cameras.front.fps: Expected `fps` to be above 0, got -1',
      'home.yaml:5:5 cameras.front.evnts: Unknown key `evnts`; did you mean `events`?',
      'home.yaml:6:3 cameras.back.url: Expected `url`, which is missing',
      'home.yaml:7:5 cameras.back.transport: Expected `transport` to be one of auto, tcp, udp, got "tpc"; did you mean `tcp`?',
      'home.yaml:9:1 modle: Unknown key `modle`; did you mean `model`?',
    ])
  })

  test.each([
    [
      'an event without a description',
      '{cameras: {a: {url: x, events: [person_wlking]}}}',
      /events\.0: There is no event `person_wlking`; did you mean `person_walking`\?/,
    ],
    [
      'an empty prompt',
      '{cameras: {a: {url: x}}, events: {e: {prompts: [""]}}}',
      /prompts\.0: Expected a phrase, got an empty text/,
    ],
    ['no prompts', '{cameras: {a: {url: x}}, events: {e: {}}}', /Expected at least one phrase in `prompts`/],
    [
      'level without grades',
      '{cameras: {a: {url: x}}, events: {e: {rule: level}}}',
      /Expected `levels` for rule `level`/,
    ],
    [
      'release above threshold',
      '{cameras: {a: {url: x}}, events: {e: {prompts: [p], threshold: 0.3, release_threshold: 0.5}}}',
      /at most `threshold` \(0\.3\), got 0\.5/,
    ],
    ['a reserved name', '{cameras: {bridge: {url: x}}}', /other than "bridge"/],
    ['a name MQTT can not carry', '{cameras: {"a/b": {url: x}}}', /letters, digits/],
    ['no cameras', '{cameras: {}}', /at least one camera/],
    ['an empty file', '', /cameras: Expected `cameras`, which is missing/],
    [
      'a duration without unit',
      '{cameras: {a: {url: x, stall_timeout: soon}}}',
      /Expected a duration such as 500ms.*got "soon"/,
    ],
    [
      'a broker URL of another kind',
      '{cameras: {a: {url: x}}, mqtt: {url: "http://b"}}',
      /Expected a URL such as mqtt:/,
    ],
    [
      'a library entry that is not there',
      '{cameras: {a: {url: x}}, events: {e: {use: cyclst}}}',
      /no `cyclst`; did you mean `cyclist`\?/,
    ],
    ['an environment that lacks the name', '{cameras: {a: {url: "${NOPE}"}}}', /The environment has no NOPE/],
    ['a secret file that is not there', '{cameras: {a: {url: "${file:/nope}"}}}', /Cannot read \/nope.*ENOENT/],
    ['duplicate names', 'cameras:\n  a: {url: x}\n  a: {url: y}\n', /home\.yaml:3:3.*there twice/],
    ['broken YAML', 'cameras: {a: [', /home\.yaml:1:/],
    ['an alias of itself', 'cameras: &a {a: *a}', /stands inside the value that it names/],
    ['an alias of nothing', 'cameras: {a: *b}', /home\.yaml:1:14: An alias .* needs quotes/],
    ['a tag of another program', 'cameras: {a: {url: !secret cam}}', /home\.yaml:1:20: A tag .*file:PATH/],
    ['a broker without a host', 'mqtt: {url: "mqtt:me@h"}\ncameras: {a: {url: x}}', /1:8 mqtt\.url: Expected a URL/],
  ])('%s', (_name, text, expected) => {
    expect(linesOf(text).join('\n')).toMatch(expected)
  })
})

test('a refusal quotes no secret: no number for a password, nothing from a secret file', () => {
  const file = join(temporaryFolder(), 'secret')
  writeFileSync(file, 'fr0m-file')
  const text = `cameras: { a: { url: 31337, transport: "\${file:${file}}" } }
mqtt: { url: "mqtt://h", password: 31337123 }
`
  expect(linesOf(text)).toEqual([
    'home.yaml:1:17 cameras.a.url: Expected `url` to be a string, got a number: write it in quotes',
    `home.yaml:1:29 cameras.a.transport: Expected \`transport\` to be one of auto, tcp, udp, got the value of \`\${file:${file}}\``,
    'home.yaml:2:26 mqtt.password: Expected `password` to be a string, got a number: write it in quotes',
  ])
})

test.each([
  ['a URL where a name should be', 'cameras: { "rtsp://me:hunter22@h/x": {} }'],
  ['a login where a section should be', 'mqtt: me:hunter22@h'],
  ['a file that is no config', 'PASSWORD=hunter22'],
  ['a password that begins with *', 'mqtt: { url: "mqtt://h", password: *hunter22 }'],
  ['a password that begins with !', 'mqtt: { url: "mqtt://h", password: !hunter22 }'],
  ['a variable that is one by its name', 'log: { level: "${BROKER_PASSWORD}" }'],
  ['a password in the wrong place as well', 'mqtt: { url: "mqtt://h", password: hunter22, protocol: hunter22 }'],
  ['a number for a user', 'mqtt: { url: "mqtt://h", username: 2222222 }'],
])('a refusal quotes no secret: %s', (_name, text) => {
  const lines = linesOf(text, { BROKER_PASSWORD: 'hunter22' })
  expect(lines).not.toEqual([])
  expect(lines.join('\n')).not.toMatch(/hunter22|2222222/)
})

test('what a variable with the name of a secret brings, and a login in a path, are secrets', () => {
  const env = { CAM_PWD: 'from-env', SIZE: 'no-secret' }
  const { secrets } = parseHome(
    'cameras: { a: { url: "rtsp://h/${SIZE}/user=me_password=in-path_channel=1", hwaccel: "${CAM_PWD}" } }',
    env,
  )
  expect(secrets).toEqual(expect.arrayContaining(['from-env', 'in-path_channel=1']))
  expect(secrets).not.toContain('no-secret')
})
