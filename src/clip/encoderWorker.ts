/** The thread of one encoder: batches of pixels in, L2-normalised vectors out. onnxruntime blocks it while it runs. */

import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { type InferenceSession, Tensor } from 'onnxruntime-node'
import { messageOf } from '../util/errors.ts'
import { native, nativeTask } from '../util/nativeCalls.ts'
import type { EncoderTask, Fault, FromEncoder, ToEncoder } from './encoderProtocol.ts'
import { batchBuilder } from './pixelBatch.ts'
import { openSession } from './providers.ts'
import { normalizedRows } from './rows.ts'

const task = nativeTask<EncoderTask>()
const port = parentPort
if (port === null) throw new Error('Expected to run as a worker thread')

const say = (message: FromEncoder, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

// On Linux a nice value belongs to the thread and to those it starts; elsewhere it would slow the whole process down.
if (task.lowPriority && process.platform === 'linux') setPriority(10)

try {
  const { session, provider, unavailable } = await native(() => openSession(task.modelPath, task))
  if (unavailable !== null) say({ type: 'providerUnavailable', wanted: task.provider, error: unavailable })
  const encode = createEncode(session)
  const { dim, seconds } = await warmUp(encode)
  port.on('message', (message: ToEncoder) => void answer(message, session, encode))
  say({ type: 'ready', provider, dim, warmUpSeconds: seconds })
} catch (error) {
  say({ type: 'failed', error: messageOf(error) })
  port.close()
}

type Encode = (pictures: readonly Uint8Array[]) => Promise<{ rows: Float32Array<ArrayBuffer>; seconds: number }>

function createEncode(session: InferenceSession): Encode {
  const inputName = session.inputNames[0] as string
  const outputName = session.outputNames.find(name => name === 'image_embeds') ?? (session.outputNames[0] as string)
  const metadata = session.inputMetadata[0]
  const build = batchBuilder(metadata?.isTensor && metadata.type === 'uint8' ? 'pixels' : 'pixel_values', task)
  return async pictures => {
    const { type, data, dims } = build(pictures)
    const startedAt = performance.now()
    const outputs = await native(() => session.run({ [inputName]: new Tensor(type, data, dims) }, [outputName]))
    const seconds = (performance.now() - startedAt) / 1000
    const output = outputs[outputName]
    if (output?.type !== 'float32') throw new Error(`Expected ${outputName} to be float32, got ${output?.type}`)
    return { rows: normalizedRows(output.data as Float32Array, pictures.length), seconds }
  }
}

/** One run alone and one at the largest batch: onnxruntime plans its memory, and a model that cannot run says so now. */
async function warmUp(encode: Encode): Promise<{ dim: number; seconds: number }> {
  const grey = () => new Uint8Array(task.imageSize * task.imageSize * 3).fill(128)
  const { rows } = await encode([grey()])
  const { seconds } = await encode(Array.from({ length: task.maxBatch }, grey))
  return { dim: rows.length, seconds }
}

async function answer(message: ToEncoder, session: InferenceSession, encode: Encode): Promise<void> {
  switch (message.type) {
    case 'encode':
      try {
        const { rows, seconds } = await encode(message.pictures)
        say({ type: 'encoded', id: message.id, embeddings: rows, seconds }, [rows.buffer])
      } catch (error) {
        say({ type: 'refused', id: message.id, error: messageOf(error) })
      }
      break
    case 'fault':
      fail(message.fault)
      break
    case 'close':
      await native(() => session.release())
      process.exit(0)
  }
}

function fail(fault: Fault): void {
  if (fault === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  setImmediate(() => {
    throw new Error('a drill crashed the encoder')
  })
}
