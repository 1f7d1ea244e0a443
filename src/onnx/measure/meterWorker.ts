/** Runs several variants side by side in one thread, because ONNX Runtime blocks the thread that it runs in. */

import { parentPort, workerData } from 'node:worker_threads'
import type { InferenceSession } from 'onnxruntime-node'
import { messageOf, WatchwordError } from '../../util/errors.ts'
import type { FromMeter, MeterTask, ToMeter } from './meterProtocol.ts'
import { openSession } from './openSession.ts'
import { pictureInput } from './pictureInput.ts'

const { format } = workerData as MeterTask
const sessions = new Map<string, InferenceSession>()
const port = parentPort

port?.on('message', (request: ToMeter) => {
  answer(request).then(
    ({ seconds, embeddings }) => send({ id: request.id, ok: true, seconds, embeddings }),
    (error: unknown) =>
      send({
        id: request.id,
        ok: false,
        error: messageOf(error),
        code: error instanceof WatchwordError ? error.code : null,
      }),
  )
})

function send(message: FromMeter): void {
  port?.postMessage(message)
}

async function answer(request: ToMeter): Promise<{ seconds: number; embeddings: Float32Array[] }> {
  const started = performance.now()
  if (request.type === 'run') return run(request.variant, request.pictures)
  const open = sessions.get(request.variant)
  sessions.delete(request.variant)
  await open?.release()
  if (request.type === 'open') {
    sessions.set(request.variant, await openSession(request.path, { threads: request.threads }))
  }
  return { seconds: (performance.now() - started) / 1000, embeddings: [] }
}

async function run(variant: string, pictures: readonly Uint8Array[]) {
  const session = sessions.get(variant)
  const inputName = session?.inputNames[0]
  const outputName = session?.outputNames[0]
  if (session === undefined || inputName === undefined || outputName === undefined) {
    throw new RangeError(`Expected ${variant} to be open`)
  }
  const feeds = { [inputName]: pictureInput(pictures, inputName, format) }
  const started = performance.now()
  const output = (await session.run(feeds, [outputName]))[outputName]
  const seconds = (performance.now() - started) / 1000
  const [batch = 0, dim = 0] = output?.dims ?? []
  const data = output?.data as Float32Array
  return { seconds, embeddings: Array.from({ length: batch }, (_, i) => data.slice(i * dim, (i + 1) * dim)) }
}
