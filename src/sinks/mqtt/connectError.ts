/** Reasons for a failed broker connection, with advice. */

import { ErrorWithReasonCode } from 'mqtt'
import { messageOf, systemCodeOf } from '../../util/errors.ts'
import { reasonText } from './reasonCodes.ts'

export type ConnectFailure =
  /** The broker does not support this protocol version. */
  | 'protocol'
  /** User, password or client id were refused. */
  | 'auth'
  /** The broker's certificate or the client certificate was refused. */
  | 'tls'
  /** Anything else: refused, no such host, timeout. */
  | 'unreachable'

export class ConnectError extends Error {
  readonly failure: ConnectFailure
  /** What the user should do; null: the failure may be temporary. */
  readonly advice: string | null
  /** Reason code of the CONNACK or DISCONNECT; null: the broker sent none. */
  readonly reasonCode: number | null
  /** The broker ended the connection without a reason. */
  readonly isUnexplained: boolean

  constructor(
    message: string,
    failure: ConnectFailure,
    { advice = null, reasonCode = null, isUnexplained = false, cause }: ConnectErrorFacts,
  ) {
    super(message, { cause })
    this.name = 'ConnectError'
    this.failure = failure
    this.advice = advice
    this.reasonCode = reasonCode
    this.isUnexplained = isUnexplained
  }
}

interface ConnectErrorFacts {
  readonly advice?: string | null
  readonly reasonCode?: number | null
  readonly isUnexplained?: boolean
  readonly cause: unknown
}

/** From an error of the MQTT client, the socket or TLS. */
export function connectErrorOf(cause: Error): ConnectError {
  if (cause instanceof ErrorWithReasonCode) return ofReason(cause.code, messageOf(cause), cause)
  const code = systemCodeOf(cause) ?? ''
  const advice = CERTIFICATE_ADVICE[code]
  if (advice !== undefined) return new ConnectError(messageOf(cause), 'tls', { advice, cause })
  if (/^ERR_(SSL|OSSL)_|^EPROTO$/.test(code)) return ofOpenssl(cause)
  // Node 20 tries every address of a name and reports one error without a message for all of them.
  const isUnexplained = CUT_OFF.has(code)
  return new ConnectError(messageOf(cause) || code || 'connection failed', 'unreachable', { isUnexplained, cause })
}

/** Node's codes for a connection that the broker has ended. */
const CUT_OFF = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED'])

/** From the DISCONNECT that the broker sent. */
export function disconnectErrorOf(code: number): ConnectError {
  return ofReason(code, `disconnected by the broker: ${code === 0 ? 'no reason given' : reasonText(code)}`, null)
}

/**
 * After several connections that the broker ended soon. Mosquitto does not report that a client with the same id connected;
 * if the broker gave a reason, that reason stays.
 */
export function cutOffError(last: ConnectError): ConnectError {
  if (last.advice !== null || !last.isUnexplained) return last
  return new ConnectError(`${last.message}, several times soon after connecting`, 'unreachable', {
    advice: SAME_CLIENT_ID,
    isUnexplained: true,
    cause: last,
  })
}

/** A plain connection to a TLS port, or the reverse, ends without a reason: the message suggests the other scheme. */
export function withSchemeHint(error: ConnectError, url: string): ConnectError {
  const other = OTHER_SCHEME[new URL(url).protocol]
  if (!error.isUnexplained || error.advice !== null || other === undefined) return error
  const { message, failure, cause } = error
  return new ConnectError(`${message} (does this port expect ${other}?)`, failure, { isUnexplained: true, cause })
}

const OTHER_SCHEME: Readonly<Record<string, string>> = {
  'mqtts:': 'mqtt://, without TLS',
  'ssl:': 'mqtt://, without TLS',
  'wss:': 'ws://, without TLS',
  'mqtt:': 'mqtts://',
  'tcp:': 'mqtts://',
  'ws:': 'wss://',
}

const CHECK_LOGIN = 'check `mqtt.username`, `mqtt.password` and the permissions of this user'
const SAME_CLIENT_ID = 'check whether another client has the same `mqtt.client_id`, and give each client its own'
const OTHER_CLIENT_ID = 'set another `mqtt.client_id`'

/** Reason codes of CONNACK and DISCONNECT: 3.1.1 section 3.2.2.3, 5.0 section 2.4. */
const REASONS: Readonly<Record<number, readonly [ConnectFailure, string]>> = {
  1: ['protocol', 'set `mqtt.protocol` to auto'],
  132: ['protocol', 'set `mqtt.protocol` to auto'],
  2: ['auth', OTHER_CLIENT_ID],
  133: ['auth', OTHER_CLIENT_ID],
  4: ['auth', CHECK_LOGIN],
  5: ['auth', CHECK_LOGIN],
  134: ['auth', CHECK_LOGIN],
  135: ['auth', CHECK_LOGIN],
  138: ['auth', 'the broker has banned this client: remove the ban'],
  140: ['auth', CHECK_LOGIN],
  142: ['auth', SAME_CLIENT_ID],
}

function ofReason(code: number, message: string, cause: unknown): ConnectError {
  const [failure, advice] = REASONS[code] ?? ['unreachable', null]
  // 0 is no reason: a broker may send a DISCONNECT with it when it shuts down.
  const isUnexplained = code === 0
  return new ConnectError(message, failure, { advice, reasonCode: code, isUnexplained, cause })
}

const GIVE_CA = 'set `mqtt.tls.ca` to the certificate of the CA that signed the broker’s certificate'

/** Node's codes for an invalid certificate: `tls.connect`, "X509 certificate error codes". */
const CERTIFICATE_ADVICE: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: GIVE_CA,
  DEPTH_ZERO_SELF_SIGNED_CERT: GIVE_CA,
  UNABLE_TO_GET_ISSUER_CERT: GIVE_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: GIVE_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: GIVE_CA,
  CERT_SIGNATURE_FAILURE: GIVE_CA,
  CERT_UNTRUSTED: GIVE_CA,
  INVALID_CA: GIVE_CA,
  CERT_HAS_EXPIRED: 'renew the broker’s certificate, or correct the clock of this machine',
  CERT_NOT_YET_VALID: 'correct the clock of this machine, or the broker’s certificate',
  CERT_REVOKED: 'renew the broker’s certificate',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'use a host in `mqtt.url` that the broker’s certificate names, or renew the certificate with this host',
}

/** OpenSSL's message is a source file and a number; its `reason` is readable. */
function ofOpenssl(cause: Error): ConnectError {
  const reason = 'reason' in cause && typeof cause.reason === 'string' ? cause.reason : messageOf(cause)
  const advice = /alert.{0,100}(certificate|unknown ca)/.test(reason)
    ? 'set `mqtt.tls.cert` and `mqtt.tls.key` to a client certificate that the broker trusts'
    : 'check that the port of `mqtt.url` expects TLS, and that its TLS version is not too old'
  return new ConnectError(`TLS: ${reason}`, 'tls', { advice, cause })
}
