/** Promises of docs/security.md that can be read off the code. The rest: test/integration/security.test.ts. */

import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig } from '../src/config/loadConfig.ts'
import { readLibrary } from '../src/config/promptLibrary.ts'
import { decodeCommand, type FileInput, type RtspInput } from '../src/sources/ffmpeg/flags.ts'
import { imageParts } from '../src/sources/imageParts.ts'
import { parseCameraUrl } from '../src/sources/parseCameraUrl.ts'
import { sourceFiles } from './support/sourceFiles.ts'

const sources = sourceFiles()
const pathsWith = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path)

test('children are started in few places, each known', () => {
  expect(pathsWith(/['"](node:)?child_process['"]/).sort()).toEqual([
    'src/commands/run/systemd.ts', // systemd-notify, a word or two
    'src/onnx/measure/measureMemory.ts', // this same Node
    'src/util/childProcess.ts', // everything else
  ])
})

test('no shell: no option for one, no exec, no eval', () => {
  expect(pathsWith(/\bshell:/)).toEqual([])
  expect(pathsWith(/import \{[^}]*\b(exec|execSync|fork)\b[^}]*\} from 'node:child_process'/)).toEqual([])
  expect(pathsWith(/\beval\(|new Function\(|['"]node:vm['"]/)).toEqual([])
})

test('the certificate check is only switched off by the config', () => {
  expect(pathsWith(/NODE_TLS_REJECT_UNAUTHORIZED/)).toEqual([])
  expect(pathsWith(/rejectUnauthorized/).sort()).toEqual([
    'src/sinks/mqtt/clientOptions.ts',
    'src/sources/rtsp/openSocket.ts', // cameras sign their own: docs/security.md
  ])
  expect(minimal('mqtt: { url: mqtts://h }').mqtt?.tls.insecure).toBe(false)
})

test('nothing listens beyond loopback unless configured', () => {
  expect(pathsWith(/\.listen\(/).sort()).toEqual([
    'src/demo/rtsp/rtspServer.ts',
    'src/demo/startBroker.ts',
    'src/sources/rtsp/serveFfmpeg.ts', // one connection, of the camera's ffmpeg
    'src/telemetry/serve.ts',
    'src/util/socketFolder.ts', // Unix sockets, no network
  ])
  expect(pathsWith(/['"](0\.0\.0\.0|::)['"]/)).toEqual([])
  expect(minimal('').metrics.host).toBe('127.0.0.1')
})

const VERSIONS = [
  { major: 4, minor: 1 },
  { major: 5, minor: 1 },
  { major: 8, minor: 0 },
]

test.each(VERSIONS)('ffmpeg $major may speak to our server on loopback and to nothing else', version => {
  const whitelist = (input: RtspInput | FileInput) => {
    const { args } = decodeCommand({ version }, { ...PLAN, input })
    return args[args.indexOf('-protocol_whitelist') + 1]?.split(',')
  }
  expect(whitelist(CAMERA)).toEqual(['rtsp', 'tcp'])
  expect(whitelist({ kind: 'file', path: '/v/a.mp4', realtime: false, loop: false })).toEqual(['file'])
})

test('a camera’s URL can’t name a file or another protocol', () => {
  for (const url of ['file:///etc/passwd', 'http://h/x', 'concat:a|b', 'pipe:0', '/etc/passwd', 'rtsp:///x'])
    expect(() => parseCameraUrl(url), url).toThrow(expect.objectContaining({ code: 'camera-url-invalid' }))
})

test('a camera URL with another scheme than RTSP is rejected, and the message contains only the scheme', () => {
  const read = (url: string) =>
    parseConfig(`cameras: { a: { url: ${JSON.stringify(url)} } }`, 'x.yaml', { library: readLibrary(), env: {} })
  const refused = ['file:///etc/passwd', 'http://h/s3cret', 'concat:a|b', 'pipe:0', 'rtsp:///x']
  for (const url of [
    ...refused,
    'data:s3cret',
    'tcp://h:1',
    'RTMP://h/x',
    'rtsp://me:s3#cret@h/x',
    'rtsp://me:s3%@h/x',
  ]) {
    expect(() => read(url), url).toThrow(/Expected `url` to be/)
    expect(() => read(url), url).not.toThrow(/s3/)
  }
  expect(() => minimal('mqtt: { url: mqtt://me:s3%@h }')).toThrow(/percent-encode special characters/)
  // What has no scheme is a path, and ffmpeg receives it as one: `file:` stands before it, and no other protocol is allowed.
  for (const url of ['/clips/a.mp4', '/a:b.mp4', 'RTSP://h/x', 'rtsps://me:pw@h/x', 'demo:street'])
    expect(read(url).config.cameras.a?.url).toBe(url)
  for (const url of ['clips/a.mp4', './a:b.mp4', 'C:\\clips\\a.mp4'])
    expect(read(url).config.cameras.a?.url).toBe(resolve(url))
})

const CAMERA: RtspInput = { kind: 'rtsp', url: 'rtsp://127.0.0.1:40000/secret' }
const PLAN = {
  input: CAMERA,
  sampling: { fps: 1 },
  size: 32,
  fit: 'stretch',
  keyframesOnly: false,
  times: false,
  snapshot: null,
  maxFrames: null,
  hwaccel: null,
  ...imageParts({}),
} as const

function minimal(more: string) {
  return parseConfig(`cameras: { a: { url: rtsp://h/x } }\n${more}`, 'x.yaml', { library: readLibrary(), env: {} })
    .config
}
