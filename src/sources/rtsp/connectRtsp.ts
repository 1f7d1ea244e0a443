/** A TCP or TLS connection to a camera: one request at a time, packets in between, one reason when it ends. */

import { isIP, type Socket, connect as tcpConnect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import type { ErrorCode } from '../../util/errorCodes.ts'
import { messageOf, systemCodeOf } from '../../util/errors.ts'
import { SourceError, tooManyFiles } from '../sourceErrors.ts'
import { createRtspReader, type RtspMessage } from './readRtsp.ts'

export interface ConnectOptions {
  /** For TLS (SNI). */
  readonly host: string
  /** IP address of the host. */
  readonly address: string
  readonly port: number
  readonly tls: boolean
  /** For the connection with its TLS, ms. */
  readonly connectTimeoutMs: number
  /** For an answer, ms. A server that starts its source on demand answers when it has it. */
  readonly answerTimeoutMs: number
  readonly signal: AbortSignal
}

export interface RtspConnection {
  /** Of this machine, as the camera sees it. */
  readonly localAddress: string
  /** Waits for the one before. @throws SourceLost */
  request(method: string, uri: string, headers: readonly string[]): Promise<RtspMessage>
  /** Sends a request whose answer does not matter. */
  tell(method: string, uri: string, headers: readonly string[]): void
  onPacket: (channel: number, payload: Buffer) => void
  /** Called once, when the connection ends and was not closed by this process. */
  onLost: (reason: SourceError) => void
  pause(): void
  resume(): void
  /** Sends what was written and ends. */
  close(): void
}

const CLOSE_GRACE_MS = 500

/** @throws SourceLost */
export async function connectRtsp(options: ConnectOptions): Promise<RtspConnection> {
  const { answerTimeoutMs } = options
  const socket = await openSocket(options)
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 30_000)
  let lost: SourceError | null = null
  let closing = false
  let sequence = 0
  let waiting: { resolve: (answer: RtspMessage) => void; reject: (reason: SourceError) => void } | null = null
  let queue: Promise<unknown> = Promise.resolve()

  const lose = (reason: SourceError) => {
    if (lost !== null || closing) return
    lost = reason
    socket.destroy()
    waiting?.reject(reason)
    connection.onLost(reason)
  }
  const onMessage = (message: RtspMessage) => {
    if (message.start.startsWith('RTSP/')) {
      // By order, not by CSeq: some cameras count wrongly, and only one request is on its way.
      waiting?.resolve(message)
      waiting = null
    } else if (/^[A-Z_]{1,32} /.test(message.start)) {
      socket.write(`RTSP/1.0 200 OK\r\nCSeq: ${Number(message.header('cseq')) || 0}\r\n\r\n`)
    }
  }
  const read = createRtspReader({ onMessage, onPacket: (channel, payload) => connection.onPacket(channel, payload) })
  socket.on('data', (chunk: Buffer) => {
    try {
      read(chunk)
    } catch (error) {
      lose(error instanceof SourceError ? error : new SourceError(messageOf(error), { reason: 'invalid-data' }))
    }
  })
  const hungUp = () => {
    const hint = sequence === 1 && !options.tls ? ': if it wants TLS, write rtsps:// in its `url`' : ''
    lose(new SourceError(`the camera closed the connection${hint}`, { reason: 'eof' }))
  }
  socket.on('error', error => (isHangUp(error) ? hungUp() : lose(whyBroken(error))))
  socket.on('end', hungUp)
  socket.on('close', hungUp)

  const write = (method: string, uri: string, headers: readonly string[]) => {
    const lines = [`${method} ${uri} RTSP/1.0`, `CSeq: ${++sequence}`, 'User-Agent: Watchword', ...headers]
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  }
  const ask = async (method: string, uri: string, headers: readonly string[]): Promise<RtspMessage> => {
    if (lost !== null) throw lost
    let timer: NodeJS.Timeout | undefined
    try {
      return await new Promise<RtspMessage>((resolve, reject) => {
        waiting = { resolve, reject }
        timer = setTimeout(() => {
          waiting = null
          const seconds = answerTimeoutMs / 1000
          reject(new SourceError(`no answer to ${method} for ${seconds} s`, { reason: 'timeout' }))
        }, answerTimeoutMs)
        write(method, uri, headers)
      })
    } finally {
      clearTimeout(timer)
    }
  }
  const connection: RtspConnection = {
    localAddress: socket.localAddress ?? '',
    request(method, uri, headers) {
      const answer = queue.then(() => ask(method, uri, headers))
      queue = answer.catch(() => undefined)
      return answer
    },
    tell(method, uri, headers) {
      if (lost === null && !closing) write(method, uri, headers)
    },
    onPacket: () => {},
    onLost: () => {},
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close() {
      if (closing) return
      closing = true
      waiting?.reject(new SourceError('the connection was closed', { reason: 'eof' }))
      socket.end()
      socket.resume()
      setTimeout(() => socket.destroy(), CLOSE_GRACE_MS).unref()
    },
  }
  return connection
}

function openSocket({ host, address, port, tls, connectTimeoutMs, signal }: ConnectOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (reason: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(reason)
    }
    const socket: Socket = tls
      ? tlsConnect({
          host: address,
          port,
          ...(isIP(host) === 0 ? { servername: host } : {}),
          // Cameras sign their certificates themselves, and old ones speak old TLS: docs/security.md.
          rejectUnauthorized: false,
          minVersion: 'TLSv1',
          ciphers: 'DEFAULT@SECLEVEL=0',
        })
      : tcpConnect({ host: address, port })
    let reached = false
    const timer = setTimeout(() => {
      const seconds = connectTimeoutMs / 1000
      const means =
        tls && reached
          ? `no TLS answer for ${seconds} s: if the camera speaks plain RTSP at this port, write rtsp:// in its \`url\``
          : `no answer for ${seconds} s`
      fail(new SourceError(means, { reason: 'timeout', code: reached ? 'camera-tls' : 'camera-timeout' }))
    }, connectTimeoutMs)
    socket.once('connect', () => {
      reached = true
    })
    socket.once('error', error => fail(tls && reached ? whyNoTls(error) : whyBroken(error)))
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      socket.removeAllListeners('error')
      resolve(socket)
    })
    const aborted = () => fail(new SourceError('stopped', { reason: 'eof' }))
    signal.addEventListener('abort', aborted, { once: true })
    if (signal.aborted) aborted()
  })
}

function whyNoTls(error: Error): SourceError {
  const means = 'no TLS at this port: if the camera speaks plain RTSP there, write rtsp:// in its `url`'
  return new SourceError(`${means} (${messageOf(error).slice(0, 120)})`, { reason: 'invalid-data', code: 'camera-tls' })
}

function isHangUp(error: Error): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(systemCodeOf(error) ?? '')
}

function whyBroken(error: Error): SourceError {
  const code = systemCodeOf(error) ?? ''
  const lost = (message: string, reason: 'refused' | 'timeout' | 'eof' | 'crash', rest: { code?: ErrorCode } = {}) =>
    new SourceError(message, { reason, cause: error, ...rest })
  if (code === 'ECONNREFUSED') return lost('nothing listens at this address and port', 'refused')
  if (['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN', 'EHOSTDOWN'].includes(code))
    return lost(`no way to this address (${code})`, 'refused')
  if (code === 'ETIMEDOUT') return lost('no answer', 'timeout')
  if (isHangUp(error)) return lost('the camera closed the connection', 'eof')
  if (code === 'EMFILE' || code === 'ENFILE') return lost(tooManyFiles(code), 'crash', { code: 'too-many-files' })
  return lost(`the connection failed: ${messageOf(error)}`, 'eof')
}
