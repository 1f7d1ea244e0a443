/** Runs several variants side by side in one thread, because ONNX Runtime blocks the thread that it runs in. */

import { parentPort } from 'node:worker_threads'
import type { InferenceSession } from 'onnxruntime-node'
import { messageOf, WatchwordError } from '../../util/errors.ts'
import { native, nativeTask } from '../../util/nativeCalls.ts'
import type { FromMeter, MeterTask, Sums, ToMeter } from './meterProtocol.ts'
import { openSession } from './openSession.ts'
import { pictureInput } from './pictureInput.ts'

const { format } = nativeTask<MeterTask>()
const sessions = new Map<string, InferenceSession>()
const port = parentPort

port?.on('message', (request: ToMeter) => {
  answer(request).then(
    // Sums of a whole model are hundreds of megabytes: handed over, not copied.
    done =>
      send(
        { id: request.id, ok: true, ...done },
        [...done.sums.values()].map(({ buffer }) => buffer as ArrayBuffer),
      ),
    (error: unknown) =>
      send({
        id: request.id,
        ok: false,
        error: messageOf(error),
        code: error instanceof WatchwordError ? error.code : null,
      }),
  )
})

function send(message: FromMeter, handedOver: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, handedOver)
}

interface Done {
  readonly seconds: number
  readonly embeddings: Float32Array[]
  readonly sums: Sums
}

async function answer(request: ToMeter): Promise<Done> {
  const started = performance.now()
  if (request.type === 'run') return run(request.variant, request.pictures)
  if (request.type === 'sum') return sum(request.variant, request.pictures, request.batch)
  const open = sessions.get(request.variant)
  sessions.delete(request.variant)
  if (open !== undefined) await native(() => open.release())
  if (request.type === 'open') {
    sessions.set(request.variant, await native(() => openSession(request.path, { threads: request.threads })))
  }
  return { seconds: (performance.now() - started) / 1000, embeddings: [], sums: new Map() }
}

async function run(variant: string, pictures: readonly Uint8Array[]): Promise<Done> {
  const { session, inputName } = find(variant)
  const outputName = session.outputNames[0] ?? ''
  const feeds = { [inputName]: pictureInput(pictures, inputName, format) }
  const started = performance.now()
  const output = (await native(() => session.run(feeds, [outputName])))[outputName]
  const seconds = (performance.now() - started) / 1000
  const [batch = 0, dim = 0] = output?.dims ?? []
  const data = output?.data as Float32Array
  const embeddings = Array.from({ length: batch }, (_, i) => data.slice(i * dim, (i + 1) * dim))
  return { seconds, embeddings, sums: new Map() }
}

async function sum(variant: string, pictures: readonly Uint8Array[], batch: number): Promise<Done> {
  const { session, inputName } = find(variant)
  const started = performance.now()
  const sums = new Map<string, Float32Array>()
  for (let i = 0; i < pictures.length; i += batch) {
    const input = pictureInput(pictures.slice(i, i + batch), inputName, format)
    const outputs = await native(() => session.run({ [inputName]: input }))
    for (const [name, { data }] of Object.entries(outputs)) addTo(sums, name, data as Float32Array)
  }
  return { seconds: (performance.now() - started) / 1000, embeddings: [], sums }
}

function addTo(sums: Map<string, Float32Array>, name: string, values: Float32Array): void {
  const total = sums.get(name)
  if (total === undefined) sums.set(name, values.slice())
  else for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + (values[i] as number)
}

function find(variant: string): { session: InferenceSession; inputName: string } {
  const session = sessions.get(variant)
  const inputName = session?.inputNames[0]
  if (session === undefined || inputName === undefined) throw new RangeError(`Expected ${variant} to be open`)
  return { session, inputName }
}
