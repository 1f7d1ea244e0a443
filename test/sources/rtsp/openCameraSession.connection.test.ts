import { expect, onTestFinished, test } from 'vitest'
import { openCameraSession, type SessionOptions } from '../../../src/sources/rtsp/openCameraSession.ts'
import { goodReply, startScriptedCamera } from '../../support/scriptedCamera.ts'

const TIMEOUTS = { connectTimeoutMs: 5000, answerTimeoutMs: 5000 }

async function open(url: string, options: Partial<SessionOptions> = {}) {
  const stopping = new AbortController()
  const session = await openCameraSession({ url, transport: 'auto', ...TIMEOUTS, signal: stopping.signal, ...options })
  onTestFinished(() => session.close())
  return session
}

test('TLS where plain RTSP was meant, and the other way round', async () => {
  const tls = await startScriptedCamera(() => ({ raw: Buffer.from([0x15, 3, 1, 0, 2, 2, 70]) }))
  await expect(open(`rtsp://127.0.0.1:${tls.port}/live`)).rejects.toMatchObject({
    code: 'camera-tls',
    message: 'the camera speaks TLS at this port: write rtsps:// in its `url`',
  })
  const silent = await startScriptedCamera(() => null)
  await expect(open(`rtsps://127.0.0.1:${silent.port}/live`, { connectTimeoutMs: 300 })).rejects.toMatchObject({
    code: 'camera-tls',
    message: expect.stringContaining('write rtsp://'),
  })
  const closing = await startScriptedCamera((_, socket) => {
    socket.destroy()
    return null
  })
  await expect(open(`rtsp://127.0.0.1:${closing.port}/live`)).rejects.toThrow('if it wants TLS, write rtsps://')
  const resetting = await startScriptedCamera((_, socket) => {
    socket.resetAndDestroy()
    return null
  })
  await expect(open(`rtsp://127.0.0.1:${resetting.port}/live`)).rejects.toThrow('if it wants TLS, write rtsps://')
})

test('no answer is a loss by timeout that names the request', async () => {
  const { port } = await startScriptedCamera(({ method }) => (method === 'OPTIONS' ? {} : null))
  await expect(open(`rtsp://127.0.0.1:${port}/live`, { answerTimeoutMs: 200 })).rejects.toMatchObject({
    reason: 'timeout',
    message: 'no answer to DESCRIBE for 0.2 s',
  })
})

test('closing tells the camera and leaves no connection', async () => {
  const camera = await startScriptedCamera(request => goodReply(request))
  const session = await open(`rtsp://127.0.0.1:${camera.port}/live`)
  await session.play()
  session.close()
  await expect
    .poll(() => camera.requests.at(-1))
    .toMatchObject({ method: 'TEARDOWN', text: expect.stringMatching(/Session: 42/) })
  await expect.poll(camera.sockets).toBe(0)
})
