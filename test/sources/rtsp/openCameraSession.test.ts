import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openCameraSession, type SessionOptions } from '../../../src/sources/rtsp/openCameraSession.ts'
import { goodReply, H264_SDP, type Reply, type Request, startScriptedCamera } from '../../support/scriptedCamera.ts'

const TIMEOUTS = { connectTimeoutMs: 5000, answerTimeoutMs: 5000 }

async function open(url: string, options: Partial<SessionOptions> = {}) {
  const stopping = new AbortController()
  const session = await openCameraSession({ url, transport: 'auto', ...TIMEOUTS, signal: stopping.signal, ...options })
  onTestFinished(() => session.close())
  return session
}

/** A camera that answers one method so, and everything else as a good one. */
const except = (method: string, reply: Reply) => (request: Request) =>
  request.method === method ? reply : goodReply(request)

test.each([
  ['400 Bad Request', 'not-found', 'camera-bad-request', /does not know the path.*400 Bad Request/],
  ['403 Forbidden', 'auth', 'camera-auth', /may not watch/],
  ['404 Not Found', 'not-found', 'camera-not-found', /no stream at this path/],
  ['453 Not Enough Bandwidth', 'refused', 'camera-busy', /no more viewers.*453/],
  ['503 Service Unavailable', 'refused', 'camera-busy', /no more viewers/],
  ['500 Oops', 'refused', 'camera-request-refused', /error of its own at DESCRIBE \(500 Oops\)/],
  ['551 Option\u001b[2J not supported', 'refused', 'camera-request-refused', /551 Option\[2J not/],
  ['499 Whatever', 'refused', 'camera-request-refused', /refuses DESCRIBE \(499 Whatever\)/],
])('%s is a loss by %s, %s', async (status, reason, code, message) => {
  const { port } = await startScriptedCamera(except('DESCRIBE', { status }))
  await expect(open(`rtsp://127.0.0.1:${port}/live`)).rejects.toMatchObject({
    reason,
    code,
    message: expect.stringMatching(message),
  })
})

test.each(['SETUP', 'PLAY'])('a refusal of %s has its own code', async method => {
  const { port } = await startScriptedCamera(except(method, { status: '453 Not Enough Bandwidth' }))
  const attempt = open(`rtsp://127.0.0.1:${port}/live`).then(session => session.play())
  await expect(attempt).rejects.toMatchObject({ code: 'camera-busy' })
})

const tcpRefused = (request: Request): Reply =>
  request.method === 'SETUP' && request.text.includes('TCP')
    ? { status: '461 Unsupported Transport' }
    : request.method === 'SETUP'
      ? { headers: ['Session: 1', 'Transport: RTP/AVP/UDP;unicast;server_port=9-10'] }
      : goodReply(request)

test('a camera without TCP: auto takes UDP, tcp says what to set', async () => {
  const { port, requests } = await startScriptedCamera(tcpRefused)
  await open(`rtsp://127.0.0.1:${port}/live`)
  expect(requests.filter(({ method }) => method === 'SETUP').map(({ text }) => /AVP\/(\w+)/.exec(text)?.[1])).toEqual([
    'TCP',
    'UDP',
  ])
  await expect(open(`rtsp://127.0.0.1:${port}/live`, { transport: 'tcp' })).rejects.toMatchObject({
    code: 'camera-transport',
    message: 'the camera does not offer TCP (461): set `transport: udp` or `transport: auto`',
  })
})

test('over UDP packets are dropped from pause to resume', async () => {
  const { port, requests } = await startScriptedCamera(tcpRefused)
  const session = await open(`rtsp://127.0.0.1:${port}/live`)
  const received: number[] = []
  session.onPacket = packet => received.push(packet.readUInt16BE(2))
  const clientPort = Number(/client_port=(\d+)/.exec(requests.at(-1)?.text ?? '')?.[1])
  const camera = createSocket('udp4')
  onTestFinished(() => void camera.close())
  const send = (sequence: number) =>
    new Promise<void>(resolve => {
      const packet = Buffer.from([0x80, 96, sequence >> 8, sequence & 255, ...Array(8).fill(0), 1])
      camera.send(packet, clientPort, '127.0.0.1', () => resolve())
    })
  await send(0)
  await expect.poll(() => received).toEqual([0])
  session.pause()
  for (const sequence of [1, 2, 3]) await send(sequence)
  // Loopback has delivered them: after two turns of the event loop they have been read.
  for (let turn = 0; turn < 2; turn++) await setImmediate()
  session.resume()
  await send(4)
  await expect.poll(() => received.at(-1)).toBe(4)
  expect(received).toEqual([0, 4])
})

test('a camera without UDP, and one with neither', async () => {
  const { port } = await startScriptedCamera(except('SETUP', { status: '461 Unsupported Transport' }))
  await expect(open(`rtsp://127.0.0.1:${port}/live`, { transport: 'udp' })).rejects.toThrow('set `transport: tcp`')
  await expect(open(`rtsp://127.0.0.1:${port}/live`)).rejects.toThrow('neither TCP nor UDP')
})

/** Asks for a login by this challenge and lets in what `isRight` accepts. */
const guarded = (challenge: string, isRight: (authorization: string) => boolean) => (request: Request) => {
  const authorization = /^Authorization: (.*)$/im.exec(request.text)?.[1] ?? ''
  return isRight(authorization)
    ? goodReply(request)
    : { status: '401 Unauthorized', headers: [`WWW-Authenticate: ${challenge}`] }
}

test.each([
  ['MD5', 'md5'],
  ['SHA-256', 'sha256'],
])('Digest %s, checked by the sum of RFC 7616', async (algorithm, hash) => {
  const hex = (text: string) => createHash(hash).update(text).digest('hex')
  const isRight = (authorization: string) => {
    const [, uri = ''] = /uri="([^"]*)"/.exec(authorization) ?? []
    const [, method] = /method=(\w+)/.exec(authorization) ?? []
    const sums = ['OPTIONS', 'DESCRIBE', 'SETUP', method].map(each =>
      hex(`${hex('bob:cam:p@ss')}:n1:${hex(`${each}:${uri}`)}`),
    )
    return sums.includes(/response="([^"]*)"/.exec(authorization)?.[1] ?? '')
  }
  const challenge = `Digest realm="cam", nonce="n1", algorithm=${algorithm}`
  const { port, requests } = await startScriptedCamera(guarded(challenge, isRight))
  await open(`rtsp://bob:p%40ss@127.0.0.1:${port}/live`)
  expect(requests.map(({ text }) => text).join('\n')).not.toMatch(/p@ss|p%40ss/)
  await expect(open(`rtsp://bob:wrong@127.0.0.1:${port}/live`)).rejects.toMatchObject({
    code: 'camera-auth',
    message: 'the camera refused user or password',
  })
})

test('a second 401 without a challenge refuses the login', async () => {
  const { port } = await startScriptedCamera(({ method, text }) => {
    if (method !== 'DESCRIBE') return {}
    return {
      status: '401 Unauthorized',
      headers: /^Authorization/m.test(text) ? [] : ['WWW-Authenticate: Basic realm="cam"'],
    }
  })
  await expect(open(`rtsp://bob:wrong@127.0.0.1:${port}/live`)).rejects.toMatchObject({
    code: 'camera-auth',
    message: 'the camera refused user or password',
  })
})

test('an empty password is sent as one', async () => {
  const isRight = (authorization: string) => authorization === `Basic ${Buffer.from('admin:').toString('base64')}`
  const { port } = await startScriptedCamera(guarded('Basic realm="cam"', isRight))
  await open(`rtsp://admin:@127.0.0.1:${port}/live`)
  await open(`rtsp://admin@127.0.0.1:${port}/live`)
  await expect(open(`rtsp://127.0.0.1:${port}/live`)).rejects.toThrow('asks for user and password')
})

test('a login that is not known is named, and an endless challenge ends', async () => {
  const never = () => false
  const strange = await startScriptedCamera(guarded('Digest realm="x", nonce="1", algorithm=SHA3-512', never))
  await expect(open(`rtsp://a:b@127.0.0.1:${strange.port}/live`)).rejects.toMatchObject({
    code: 'camera-login-unsupported',
    message: 'the camera asks for a login that is not supported: Digest SHA3-512',
  })
  const endless = await startScriptedCamera(guarded('Digest realm="x", nonce="1", stale=TRUE', never))
  await expect(open(`rtsp://a:b@127.0.0.1:${endless.port}/live`)).rejects.toMatchObject({ code: 'camera-auth' })
  expect(endless.requests.length).toBeLessThan(6)
})

const redirect = (location: string) => except('DESCRIBE', { status: '302 Found', headers: [`Location: ${location}`] })

test.each([
  ['rtsp://127.0.0.2:554/x', /another host \(127\.0\.0\.2:554\)/],
  ['http://127.0.0.1/latest/meta-data', /another protocol \(http:\)/],
  ['file:///etc/passwd', /another protocol \(file:\)/],
  ['rtsp://', /no URL|another host/],
])('a redirect to %s is not followed', async (location, message) => {
  const { port } = await startScriptedCamera(redirect(location))
  await expect(open(`rtsp://bob:hunter22@127.0.0.1:${port}/live`)).rejects.toMatchObject({
    code: 'camera-redirect',
    message: expect.stringMatching(message),
  })
})

test('a redirect on the same host is followed, but no password goes to another port', async () => {
  const open302 = await startScriptedCamera(request => goodReply(request))
  const first = await startScriptedCamera(redirect(`rtsp://127.0.0.1:${open302.port}/other`))
  await open(`rtsp://bob:hunter22@127.0.0.1:${first.port}/live`)
  expect(open302.requests.map(({ uri }) => uri)).toContain(`rtsp://127.0.0.1:${open302.port}/other`)
  const asking = await startScriptedCamera(guarded('Basic realm="t"', () => false))
  const second = await startScriptedCamera(redirect(`rtsp://127.0.0.1:${asking.port}/internal`))
  await expect(open(`rtsp://bob:hunter22@127.0.0.1:${second.port}/live`)).rejects.toMatchObject({
    code: 'camera-redirect',
    message: expect.stringContaining('password is not sent'),
  })
  expect(asking.requests.map(({ text }) => text).join('\n')).not.toMatch(/Authorization/i)
})

test('redirects in circles end', async () => {
  const { port } = await startScriptedCamera(except('DESCRIBE', { status: '302 Found', headers: ['Location: /again'] }))
  await expect(open(`rtsp://127.0.0.1:${port}/live`)).rejects.toThrow('in circles')
})

test.each([
  ['a length of 2 GB', 'RTSP/1.0 200 OK\r\nContent-Length: 2147483000\r\n\r\n'],
  ['an endless header', `RTSP/1.0 200 OK\r\nX: ${'b'.repeat(20_000)}`],
  ['a long description', `RTSP/1.0 200 OK\r\nContent-Length: 12000000\r\n\r\n`],
])('%s is refused before it is read', async (_, raw) => {
  const { port } = await startScriptedCamera(except('DESCRIBE', { raw }))
  await expect(open(`rtsp://127.0.0.1:${port}/live`)).rejects.toMatchObject({ code: 'camera-answer-too-large' })
})

test.each([
  ['only sound', 'm=audio 0 RTP/AVP 8\r\n', 'there is only sound at this path: choose the path of a video stream'],
  ['nothing', '', 'there is no video at this path: choose the path of a video stream'],
])('a path with %s', async (_, media, message) => {
  const body = `v=0\r\ns=x\r\n${media}`
  const { port } = await startScriptedCamera(except('DESCRIBE', { body }))
  await expect(open(`rtsp://127.0.0.1:${port}/live`)).rejects.toMatchObject({ code: 'camera-no-video', message })
})

test('of many streams the first video alone is set up and described', async () => {
  const sound = 'm=audio 0 RTP/AVP 8\r\na=control:track0\r\n'
  const more = 'm=application 0 RTP/AVP 107\r\na=control:track9\r\nm=video 0 RTP/AVP 26\r\na=control:track8\r\n'
  const sdp = H264_SDP.replace('m=video', `${sound}m=video`) + more
  const { port, requests } = await startScriptedCamera(request => goodReply(request, sdp))
  const { video } = await open(`rtsp://127.0.0.1:${port}/live?channel=1#timeout=30`)
  expect(video).toMatchObject({ codec: 'h264', clockRate: 90_000 })
  expect(video.sdp.match(/^m=/gm)).toHaveLength(1)
  expect(requests.filter(({ method }) => method === 'SETUP').map(({ uri }) => uri)).toEqual([
    `rtsp://127.0.0.1:${port}/live?channel=1/track1`,
  ])
})
