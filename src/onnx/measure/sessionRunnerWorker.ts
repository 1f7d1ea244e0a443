/** Runs several variants side by side in one thread, because onnxruntime blocks the thread that it runs in. */

import { parentPort } from 'node:worker_threads'
import { messageOf, WatchwordError } from '../../util/errors.ts'
import { native, nativeTask } from '../../util/nativeCalls.ts'
import { openVisionSession, type VisionSession } from '../session/openVisionSession.ts'
import type { Int8Kernel } from '../session/sessionOptions.ts'
import type { FromRunner, Reduced, RunnerRequest, RunnerTask, ToRunner } from './sessionRunnerProtocol.ts'

const { format } = nativeTask<RunnerTask>()
const sessions = new Map<string, VisionSession>()
const port = parentPort

port?.on('message', (request: ToRunner) => {
  answer(request).then(
    // Sums of a whole model are hundreds of megabytes: transferred, not copied.
    result =>
      send(
        { id: request.id, ok: true, ...result },
        [...result.reduced.values()].map(({ buffer }) => buffer as ArrayBuffer),
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

function send(message: FromRunner, transfer: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer)
}

interface Result {
  readonly seconds: number
  readonly embeddings: Float32Array[]
  readonly reduced: Reduced
  readonly int8Kernel: Int8Kernel | null
}

async function answer(request: ToRunner): Promise<Result> {
  if (request.type === 'run') return run(request.variant, request.pictures)
  if (request.type === 'sum' || request.type === 'max') return fold(request)
  const startedAt = performance.now()
  const open = sessions.get(request.variant)
  sessions.delete(request.variant)
  if (open !== undefined) await native(() => open.session.release())
  const opened = request.type === 'open' ? await openVision(request.path, request.threads) : null
  if (opened !== null) sessions.set(request.variant, opened)
  const seconds = (performance.now() - startedAt) / 1000
  return { seconds, embeddings: [], reduced: new Map(), int8Kernel: opened?.int8Kernel ?? null }
}

/** @throws WatchwordError `session-failed` */
async function openVision(path: string, threads: number): Promise<VisionSession> {
  try {
    return await native(() => openVisionSession(path, format, { threads }))
  } catch (cause) {
    throw new WatchwordError(`onnxruntime cannot open ${path}: ${messageOf(cause)}`, { code: 'session-failed', cause })
  }
}

async function run(variant: string, pictures: readonly Uint8Array[]): Promise<Result> {
  const { values, seconds } = await native(() => find(variant).embed(pictures))
  const dim = values.length / pictures.length
  const embeddings = pictures.map((_, i) => values.slice(i * dim, (i + 1) * dim))
  return { seconds, embeddings, reduced: new Map(), int8Kernel: null }
}

async function fold({ type, variant, pictures, batch }: FoldRequest): Promise<Result> {
  const addTo = type === 'sum' ? addSums : keepLargest
  const { session, inputName, toTensor } = find(variant)
  const startedAt = performance.now()
  const reduced = new Map<string, Float32Array>()
  for (let i = 0; i < pictures.length; i += batch) {
    const outputs = await native(() => session.run({ [inputName]: toTensor(pictures.slice(i, i + batch)) }))
    for (const [name, { data }] of Object.entries(outputs)) addTo(reduced, name, data as Float32Array)
  }
  return { seconds: (performance.now() - startedAt) / 1000, embeddings: [], reduced, int8Kernel: null }
}

type FoldRequest = Extract<RunnerRequest, { readonly type: 'sum' | 'max' }>

function keepLargest(extremes: Map<string, Float32Array>, name: string, values: Float32Array): void {
  const largest = extremes.get(name)
  if (largest === undefined) extremes.set(name, values.slice())
  else for (let i = 0; i < largest.length; i++) largest[i] = Math.max(largest[i]!, values[i]!)
}

function addSums(sums: Map<string, Float32Array>, name: string, values: Float32Array): void {
  const total = sums.get(name)
  if (total === undefined) sums.set(name, values.slice())
  else for (let i = 0; i < total.length; i++) total[i]! += values[i]!
}

function find(variant: string): VisionSession {
  const session = sessions.get(variant)
  if (session === undefined) throw new RangeError(`Expected ${variant} to be open`)
  return session
}
