/** Makes the options of a broker connection from the config, and reads the TLS files. */

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Telemetry } from '../../telemetry/internalEvents.ts'
import { messageOf, WatchwordError } from '../../util/errors.ts'
import { withoutLogin } from '../../util/withoutLogin.ts'
import type { ConnectionOptions } from './clientOptions.ts'

export interface BrokerOptions {
  /** mqtt://, mqtts://, ws:// or wss://; user and password in it are used when they are not given separately. */
  readonly url: string
  readonly username?: string
  readonly password?: string
  readonly clientId: string
  /** Paths of PEM files. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly insecure: boolean }
  readonly telemetry: Telemetry
  /** ms that a message may wait for its acknowledgement. Default: 30 s. */
  readonly answerMs?: number
}

/**
 * User and password may be part of the URL.
 * @throws WatchwordError `mqtt-tls-file`
 */
export async function connectionOptions(options: BrokerOptions, willTopic: string): Promise<ConnectionOptions> {
  const { tls, clientId, telemetry } = options
  const url = new URL(options.url)
  const username = options.username ?? (decodeURIComponent(url.username) || undefined)
  const password = options.password ?? (decodeURIComponent(url.password) || undefined)
  const [ca, cert, key] = await Promise.all([readPem('ca', tls.ca), readPem('cert', tls.cert), readPem('key', tls.key)])
  // Node silently ignores an invalid CA.
  if (ca) expectUsable(`\`mqtt.tls.ca\` ${tls.ca}`, () => new X509Certificate(ca))
  if (cert ?? key)
    expectUsable(`\`mqtt.tls.cert\` ${tls.cert ?? '(missing)'} with \`mqtt.tls.key\` ${tls.key ?? '(missing)'}`, () => {
      if (cert === undefined || key === undefined)
        throw new Error('a certificate needs a key, and a key needs a certificate')
      createSecureContext({ cert, key })
    })
  return {
    url: withoutLogin(options.url),
    clientId,
    telemetry,
    insecure: tls.insecure,
    will: { topic: willTopic, payload: 'offline' },
    connectTimeoutMs: 10_000,
    ...(options.answerMs !== undefined && { answerMs: options.answerMs }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}

async function readPem(name: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined
  return readFile(path).catch(error => {
    throw new WatchwordError(`Cannot read \`mqtt.tls.${name}\` ${path}: ${messageOf(error)}`, {
      code: 'mqtt-tls-file',
      hint: 'Give the path of a PEM file that the user who runs Watchword may read.',
      cause: error,
      facts: { path },
    })
  })
}

function expectUsable(name: string, attempt: () => unknown): void {
  try {
    attempt()
  } catch (error) {
    const reason = error instanceof Error && 'reason' in error ? String(error.reason) : messageOf(error)
    throw new WatchwordError(`Cannot use ${name}: ${reason}`, {
      code: 'mqtt-tls-file',
      hint: 'Give PEM files: a certificate, and its key without a passphrase.',
      cause: error,
    })
  }
}
