import { describe, expect, test } from 'vitest'
import { cameraUrlProblem } from '../../src/config/cameraUrlProblem.ts'
import { parseConfig } from '../../src/config/loadConfig.ts'
import { readLibrary } from '../../src/config/promptLibrary.ts'
import { messageOf } from '../../src/util/errors.ts'

test.each([
  'rtsp://192.168.1.20/live',
  'rtsp://viewer:secret@192.168.1.20:554/live',
  'rtsp://viewer:@camera/live',
  'rtsp://viewer:12%2F34@camera/live',
  'rtsp://viewer:p@ss@192.168.1.20/live',
  'rtsp://192.168.1.20:554/live@2',
  'rtsp://camera:554/live@2',
  'rtsp://camera/live@main',
  'rtsp://viewer:secret@nvr:554/live@main',
  'rtsp://viewer@192.168.1.20:554/live@main',
  'rtsp://viewer@camera.lan:554/live@2',
  'rtsp://viewer@nvr.local:554/live@main',
  'rtsp://me%40mail.com:12%2F34@camera/live',
  'rtsp://192.168.1.20:554/user=admin_password=p@ss_channel=1',
  'rtsp://[fe80::1]:554/a@b.c',
  'rtsps://camera.lan/live?user=me@home.lan',
  'demo:street?lighting=night',
  'clips/street.mp4',
  './clip:1.mp4',
  'C:\\clips\\street.mp4',
  '/clips/192.168.1.20:554/street.mp4',
  'street.mp4',
])('%s is taken', url => {
  expect(cameraUrlProblem(url)).toBeNull()
})

describe('a login that is not percent-encoded is refused, and no part of it is shown', () => {
  test.each([
    'rtsp://viewer:12/34Tail@127.0.0.1:18554/live',
    'rtsp://viewer:12#34Tail@127.0.0.1:18554/live',
    'rtsp://viewer:12?34Tail@127.0.0.1:18554/live',
    'rtsp://viewer:p@ss/34Tail@127.0.0.1:18554/live',
    'rtsp://viewer:12/34Tail@camera/live',
    'rtsp://viewer:12/34Tail@camera.lan',
    'rtsp://viewer:7?34Tail@[fe80::1]/live',
    'rtsps://viewer:0#/?34Tail@camera.lan:322/live',
    'rtsp://viewer:Ab#9/34Tail@camera/live',
    'rtsp://viewer:34Tail%@camera/live',
    'rtsp://viewer@mail.com:12/34Tail@camera',
    'rtsp://viewer@mail.com:12/34Tail@camera/live',
    'rtsp://viewer@mail.com:12#34Tail@192.168.1.20:554/live',
    'rtsp://viewer@mail.com:12?34Tail@camera.lan/live',
  ])('%s', url => {
    const problem = cameraUrlProblem(url)
    expect(problem).toMatch(/percent-encode special characters of user and password: %40 for @, %2F for \//)
    expect(problem).not.toMatch(/Tail|viewer/)
  })

  test('also in the whole config, with the advice unmasked, and at every other key with such a URL', () => {
    const url = 'rtsp://viewer:12/34Tail@127.0.0.1:18554/live'
    const text = `{cameras: {a: {url: "${url}", transport: "${url}"}, "${url}": {url: "${url}"}}, mqtt: {url: "mqtt://user:p@34Tail/w@127.0.0.1"}, log: {level: "34Tail"}}`
    let message = ''
    try {
      parseConfig(text, 'x.yaml', { library: readLibrary(), env: {} })
    } catch (error) {
      message = messageOf(error)
    }
    expect(message).toContain('Expected `url` to be an address such as rtsp://host:554/path; percent-encode')
    expect(message).toContain('Expected `url` to be an address such as mqtt://host:1883; percent-encode')
    expect(message).toContain('`transport` to be one of auto, tcp, udp, got a URL')
    expect(message.replaceAll('"34Tail"', '')).not.toMatch(/Tail|viewer/)
  })
})

test.each([
  ['192.168.1.20:554/stream1', /write rtsp:\/\/ before the host/],
  ['192.168.1.20/stream1', /write rtsp:\/\/ before the host/],
  ['192.168.1.20', /write rtsp:\/\/ before the host/],
  ['[fe80::1]:554/live', /write rtsp:\/\/ before the host/],
  ['camera.lan:554/live', /write rtsp:\/\/ before the host/],
  ['viewer:secret@camera/live', /write rtsp:\/\/ before the host/],
  ['viewer:secret@192.168.1.20:554/live', /write rtsp:\/\/ before the host/],
  ['http://camera/live', /begin with rtsp:\/\/ or rtsps:\/\/, or to be a path, got http:/],
  ['onvif:camera', /got onvif:/],
  ['rtsp:///live', /an address with a host/],
  ['rtsp://camera/live#timeout=30', /without #timeout=…, .*remove it; the key `stall_timeout`/],
  ['rtsp://camera/live#backchannel=0', /without #backchannel=…/],
  ['rtsp://camera/live#2', /without a fragment \(the part after #\)/],
])('%s is refused with what to write', (url, expected) => {
  const problem = cameraUrlProblem(url)
  expect(problem).toMatch(expected)
  expect(problem).not.toMatch(/secret/)
})
