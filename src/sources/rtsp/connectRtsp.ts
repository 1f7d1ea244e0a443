/** A TCP or TLS connection to a camera: one request at a time, packets in between, one reason when it ends. */

import { messageOf } from '../../util/errors.ts'
import { SourceError } from '../sourceErrors.ts'
import { createRtspReader, type RtspMessage } from './createRtspReader.ts'
import { connectionError, isHangUp, openSocket, type SocketOptions } from './openSocket.ts'

export interface ConnectOptions extends Omit<SocketOptions, 'onBytes'> {
  /** For an answer, ms. A server that starts its source on demand answers when it has it. */
  readonly answerTimeoutMs: number
}

export interface RtspConnection {
  /** Of this machine, as the camera sees it. */
  readonly localAddress: string
  /** Waits for the one before. @throws SourceError */
  request(method: string, uri: string, headers: readonly string[]): Promise<RtspMessage>
  /** Sends a request whose answer does not matter. */
  notify(method: string, uri: string, headers: readonly string[]): void
  onPacket: (channel: number, payload: Buffer) => void
  /** Called once, when the connection ends and was not closed by this process. */
  onLost: (reason: SourceError) => void
  pause(): void
  resume(): void
  /** Sends what was written and ends. */
  close(): void
}

const CLOSE_GRACE_MS = 500

/** @throws SourceError */
export async function connectRtsp(options: ConnectOptions): Promise<RtspConnection> {
  let closing = false
  let sequence = 0
  const write: Write = (method, uri, headers) => {
    const lines = [`${method} ${uri} RTSP/1.0`, `CSeq: ${++sequence}`, 'User-Agent: Watchword', ...headers]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  }
  const requests = new Requests(write, options.answerTimeoutMs)

  const lose = (reason: SourceError) => {
    if (requests.lost !== null || closing) return
    requests.lost = reason
    socket.destroy()
    requests.reject(reason)
    connection.onLost(reason)
  }
  const onMessage = (message: RtspMessage) => {
    if (message.start.startsWith('RTSP/')) {
      requests.resolve(message)
    } else if (/^[A-Z_]{1,32} /.test(message.start)) {
      socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${Number(message.header('cseq')) || 0}\r\n\r\n`)
    }
  }
  const read = createRtspReader({ onMessage, onPacket: (channel, payload) => connection.onPacket(channel, payload) })
  const onBytes = (bytes: Buffer) => {
    try {
      read(bytes)
    } catch (error) {
      lose(error instanceof SourceError ? error : new SourceError(messageOf(error), { reason: 'invalid-data' }))
    }
  }
  const socket = await openSocket({ ...options, onBytes })
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 30_000)
  const hungUp = () => {
    const hint = sequence === 1 && !options.tls ? ': if it wants TLS, write rtsps:// in its `url`' : ''
    lose(new SourceError(`the camera closed the connection${hint}`, { reason: 'eof' }))
  }
  socket.on('error', error => (isHangUp(error) ? hungUp() : lose(connectionError(error))))
  socket.on('end', hungUp)
  socket.on('close', hungUp)

  const connection: RtspConnection = {
    localAddress: socket.localAddress ?? '',
    request: (method, uri, headers) => requests.request(method, uri, headers),
    notify(method, uri, headers) {
      if (requests.lost === null && !closing) write(method, uri, headers)
    },
    onPacket: () => {},
    onLost: () => {},
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close() {
      if (closing) return
      closing = true
      requests.reject(new SourceError('the connection was closed', { reason: 'eof' }))
      socket.end()
      socket.resume()
      setTimeout(() => socket.destroy(), CLOSE_GRACE_MS).unref()
    },
  }
  return connection
}

type Write = (method: string, uri: string, headers: readonly string[]) => void

/** The requests of one connection: each waits for the answer to the one before. */
class Requests {
  /** Why no further request can be sent. */
  lost: SourceError | null = null
  readonly #write: Write
  readonly #answerTimeoutMs: number
  #waiting: { resolve: (answer: RtspMessage) => void; reject: (reason: SourceError) => void } | null = null
  #queue: Promise<unknown> = Promise.resolve()

  constructor(write: Write, answerTimeoutMs: number) {
    this.#write = write
    this.#answerTimeoutMs = answerTimeoutMs
  }

  request(method: string, uri: string, headers: readonly string[]): Promise<RtspMessage> {
    const answer = this.#queue.then(() => this.#ask(method, uri, headers))
    this.#queue = answer.catch(() => undefined)
    return answer
  }

  /** By order, not by CSeq: some cameras count wrongly, and only one request is on its way. */
  resolve(answer: RtspMessage): void {
    this.#waiting?.resolve(answer)
    this.#waiting = null
  }

  /** The request that waits for its answer. */
  reject(reason: SourceError): void {
    this.#waiting?.reject(reason)
  }

  async #ask(method: string, uri: string, headers: readonly string[]): Promise<RtspMessage> {
    if (this.lost !== null) throw this.lost
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<RtspMessage>((resolve, reject) => {
        this.#waiting = { resolve, reject }
        timer = setTimeout(() => {
          this.#waiting = null
          const seconds = this.#answerTimeoutMs / 1000
          reject(new SourceError(`no answer to ${method} for ${seconds} s`, { reason: 'timeout' }))
        }, this.#answerTimeoutMs)
        this.#write(method, uri, headers)
      })
    } finally {
      clearTimeout(timer)
    }
  }
}
