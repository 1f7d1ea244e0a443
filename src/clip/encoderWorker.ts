/** The thread of one encoder: batches of pixels in, L2-normalised vectors out. onnxruntime blocks it while it runs. */

import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { normalizedRows } from '../onnx/session/normalizedRows.ts'
import { openVisionSession, type VisionSession } from '../onnx/session/openVisionSession.ts'
import { messageOf } from '../util/errors.ts'
import { native, nativeTask } from '../util/nativeCalls.ts'
import type { EncoderTask, Fault, FromEncoder, ToEncoder } from './encoderProtocol.ts'

const task = nativeTask<EncoderTask>()
const port = parentPort
if (port === null) throw new Error('Expected to run as a worker thread')

const say = (message: FromEncoder, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

// On Linux a nice value belongs to the thread and to those it starts; elsewhere it would slow the whole process down.
if (task.lowPriority && process.platform === 'linux') setPriority(10)

try {
  const vision = await native(() => openVisionSession(task.modelPath, task, task))
  if (vision.unavailable !== null)
    say({ type: 'providerUnavailable', wanted: task.provider, error: vision.unavailable })
  const { dim, seconds } = await warmUp(vision)
  port.on('message', (message: ToEncoder) => void answer(message, vision))
  say({ type: 'ready', provider: vision.provider, dim, warmUpSeconds: seconds })
} catch (error) {
  say({ type: 'failed', error: messageOf(error) })
  port.close()
}

async function encode(vision: VisionSession, pictures: readonly Uint8Array[]) {
  const { values, seconds } = await native(() => vision.embed(pictures))
  return { rows: normalizedRows(values, pictures.length), seconds }
}

/** One run with a single image and one with the largest batch: onnxruntime allocates, and a broken model fails here. */
async function warmUp(vision: VisionSession): Promise<{ dim: number; seconds: number }> {
  const grey = () => new Uint8Array(task.imageSize * task.imageSize * 3).fill(128)
  const { rows } = await encode(vision, [grey()])
  const { seconds } = await encode(vision, Array.from({ length: task.maxBatch }, grey))
  return { dim: rows.length, seconds }
}

async function answer(message: ToEncoder, vision: VisionSession): Promise<void> {
  switch (message.type) {
    case 'encode':
      try {
        const { rows, seconds } = await encode(vision, message.pictures)
        say({ type: 'encoded', id: message.id, embeddings: rows, seconds }, [rows.buffer])
      } catch (error) {
        say({ type: 'refused', id: message.id, error: messageOf(error) })
      }
      break
    case 'fault':
      fail(message.fault)
      break
    case 'close':
      await native(() => vision.session.release())
      process.exit(0)
  }
}

function fail(fault: Fault): void {
  if (fault === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  setImmediate(() => {
    throw new Error('a drill crashed the encoder')
  })
}
