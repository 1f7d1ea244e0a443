/** Answers requests over MQTT, as zigbee2mqtt does: `bridge/request/<name>` → `bridge/response/<name>`. */

import type { Telemetry } from '../../telemetry/internalEvents.ts'
import { messageOf } from '../../util/errors.ts'
import { parseJson } from '../../util/parseJson.ts'
import { type Redactor, redactDeep } from '../../util/redactor.ts'
import { shorten } from '../../util/shorten.ts'
import type { Connection } from './connection.ts'
import type { Topics } from './topics.ts'

/** Answers a request with data, or throws with the reason. Any client of the broker can send one: do not trust its content. */
export type RequestHandler = (
  name: string,
  payload: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>

export interface RequestOptions {
  readonly topics: Topics
  readonly onRequest: RequestHandler
  readonly redact: Redactor
  readonly telemetry: Telemetry
}

const MAX_PAYLOAD_BYTES = 16 * 1024
const MAX_TRANSACTION_LENGTH = 256
/** Long enough for the reason; a longer error would only repeat the request. */
const MAX_ERROR_LENGTH = 1000
/** Requests handled at once, per name and in total: a snapshot waits for a camera, and a switch must not wait for that. */
const MAX_RUNNING_OF_NAME = 8
const MAX_RUNNING = 32

/** Answers every request that arrives on this connection, invalid ones with an error. */
export async function answerRequests(connection: Connection, options: RequestOptions): Promise<void> {
  const { topics, telemetry, redact } = options
  /** Names of the requests in progress. */
  const running: string[] = []
  const answer = async (name: string, payload: Buffer) => {
    const request = parseRequest(payload)
    const ofName = running.filter(each => each === name).length
    const isBusy = ofName > MAX_RUNNING_OF_NAME || running.length > MAX_RUNNING
    const response = await respond(name, request, options.onRequest, isBusy)
    const error = 'error' in response ? shorten(redact(response.error), MAX_ERROR_LENGTH) : null
    telemetry.emit({ type: 'RequestHandled', request: name, ok: error === null, error })
    const responsePayload = error === null ? redactDeep(response, redact) : { ...redactDeep(response, redact), error }
    await connection.publish(topics.response(name), JSON.stringify(responsePayload), { retain: false })
  }
  await connection.subscribe(topics.requests, (topic, payload) => {
    const name = topics.requestName(topic)
    if (name === null) return
    running.push(name)
    void answer(name, payload).finally(() => {
      running.splice(running.indexOf(name), 1)
    })
  })
}

export type Request =
  | { readonly payload: Readonly<Record<string, unknown>>; readonly transaction: string | number | null }
  | { readonly error: string }

/** An empty payload is an empty request; any other payload than a JSON object is an error. */
export function parseRequest(payload: Buffer): Request {
  if (payload.length > MAX_PAYLOAD_BYTES)
    return { error: `Expected at most ${MAX_PAYLOAD_BYTES} bytes, got ${payload.length}` }
  const text = payload.toString('utf8').trim()
  if (text === '') return { payload: {}, transaction: null }
  const value = parseJson(text)
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return { error: 'Expected a JSON object such as {"camera": "front_door"}' }
  const { transaction, ...rest } = value as Record<string, unknown>
  return { payload: rest, transaction: transactionOf(transaction) }
}

type Response =
  | { data: Readonly<Record<string, unknown>>; status: 'ok'; transaction?: string | number }
  | { data: Record<string, never>; status: 'error'; error: string; transaction?: string | number }

async function respond(name: string, request: Request, handle: RequestHandler, busy: boolean): Promise<Response> {
  if ('error' in request) return { data: {}, status: 'error', error: request.error }
  const echo = request.transaction === null ? {} : { transaction: request.transaction }
  if (busy) return { data: {}, status: 'error', error: 'Too many requests at once; try again', ...echo }
  try {
    return { data: await handle(name, request.payload), status: 'ok', ...echo }
  } catch (error) {
    return { data: {}, status: 'error', error: messageOf(error), ...echo }
  }
}

function transactionOf(value: unknown): string | number | null {
  // 1e999 is valid JSON, but infinite.
  if (typeof value === 'number' && Number.isFinite(value)) return value
  return typeof value === 'string' && value.length <= MAX_TRANSACTION_LENGTH ? value : null
}
