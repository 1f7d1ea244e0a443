/** Opens the TCP or TLS connection to a camera, with a reason when that fails. */

import { isIP, type Socket, connect as tcpConnect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import type { ErrorCode } from '../../util/errorCodes.ts'
import { messageOf, systemCodeOf } from '../../util/errors.ts'
import { SourceError, tooManyFiles } from '../sourceErrors.ts'

export interface SocketOptions {
  /** For TLS (SNI). */
  readonly host: string
  /** IP address of the host. */
  readonly address: string
  readonly port: number
  readonly tls: boolean
  /** For the connection with its TLS, ms. */
  readonly connectTimeoutMs: number
  /** Takes what the camera sends. The memory is used again after the call. */
  readonly onBytes: (bytes: Buffer) => void
  readonly signal: AbortSignal
}

const READ_BYTES = 64 * 1024

/** @throws SourceError */
export function openSocket({
  host,
  address,
  port,
  tls,
  connectTimeoutMs,
  onBytes,
  signal,
}: SocketOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (reason: Error) => {
      clearTimeout(timer)
      socket.destroy()
      reject(reason)
    }
    // One buffer for all reads: a Node stream allocates one for each, which costs CPU.
    const onread = {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback(count: number, buffer: Uint8Array) {
        onBytes(Buffer.from(buffer.buffer, buffer.byteOffset, count))
        return true
      },
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
      : tcpConnect({ host: address, port, onread })
    // Node's types know no `onread` for TLS.
    if (tls) socket.on('data', onBytes)
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
    socket.once('error', error => fail(tls && reached ? tlsError(error) : connectionError(error)))
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

function tlsError(error: Error): SourceError {
  const means = 'no TLS at this port: if the camera speaks plain RTSP there, write rtsp:// in its `url`'
  return new SourceError(`${means} (${messageOf(error).slice(0, 120)})`, { reason: 'invalid-data', code: 'camera-tls' })
}

export function isHangUp(error: Error): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(systemCodeOf(error) ?? '')
}

export function connectionError(error: Error): SourceError {
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
