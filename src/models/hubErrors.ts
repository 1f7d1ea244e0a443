/** What an answer or a failed connection of the hub means, and what to do about it. */

import type { Response } from 'undici'
import { messageOf, WatchwordError } from '../util/errors.ts'

export interface HubRequest {
  readonly url: string
  /** Base URL of the hub, without user and password. */
  readonly shown: string
}

/** @returns WatchwordError `hub-unreachable`, `hub-failed`, `hub-denied`; any other error may be retried */
export function connectionError(error: unknown, { url, shown }: HubRequest): unknown {
  return proxyRefusal(url, error) ?? (isUnreachable(error) ? unreachable(shown, error) : error)
}

interface Refused extends HubRequest {
  readonly hasToken: boolean
  /** false: another host, to which the hub redirected. */
  readonly isHub: boolean
}

/** @returns WatchwordError `hub-denied`, `hub-not-found`, `hub-failed` */
export function statusError(response: Pick<Response, 'status' | 'headers'>, refused: Refused): WatchwordError {
  const { status, headers } = response
  const { url, isHub } = refused
  if ((status === 401 || status === 403) && !isHub)
    return new WatchwordError(`The file server refused the hub’s signed address (${status}) of ${url}`, {
      code: 'hub-failed',
      hint: 'Such an address is valid for a short time: run it again. A wrong clock on this machine can be a reason',
    })
  const code = headers.get('x-error-code')
  // Without a token the hub answers 401 for what does not exist.
  if (code === 'RepoNotFound' || status === 404 || status === 410) return notFound(status, code, refused)
  if (status === 401 || status === 403 || status === 407) return denied(status, code, refused)
  const waitMs = retryAfterMs(headers)
  return new WatchwordError(`${status === 429 ? 'Rate limited by the hub' : 'The hub failed'} (${status}) for ${url}`, {
    code: 'hub-failed',
    hint: waitMs === null ? 'Try again later' : `Run it again in ${Math.ceil(waitMs / 1000)} s`,
    ...(waitMs !== null && { facts: { retryAfterMs: waitMs } }),
  })
}

/** How long the hub asked to wait, ms; 0 when it did not. */
export function retryAfterOf(error: unknown): number {
  const asked = error instanceof WatchwordError ? error.facts.retryAfterMs : undefined
  return typeof asked === 'number' ? asked : 0
}

/** `Retry-After` in seconds or as a date; else `t` of the RateLimit header, which Hugging Face sends. */
function retryAfterMs(headers: Response['headers']): number | null {
  const value = headers.get('retry-after') ?? /\bt=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1] ?? ''
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}

function notFound(status: number, code: string | null, { url }: HubRequest): WatchwordError {
  const what = code === 'RepoNotFound' ? 'repository, or it is private' : 'file'
  return new WatchwordError(`There is no such ${what} (${status}): ${url}`, {
    code: 'hub-not-found',
    hint: 'A mirror in HF_ENDPOINT may not have it; config/registry.json has the repository and, where it is known, the revision',
  })
}

function denied(status: number, code: string | null, { url, shown, hasToken }: Refused): WatchwordError {
  const page = `${shown}/${url
    .slice(shown.length + 1)
    .split('/')
    .slice(0, 2)
    .join('/')}`
  const isGated = code === 'GatedRepo'
  const consent = hasToken
    ? `Accept the licence at ${page} with the account of HF_TOKEN`
    : `Accept the licence at ${page}, then set HF_TOKEN to a token of that account`
  const login =
    status === 407
      ? 'The proxy requires a user and password in HTTPS_PROXY'
      : 'Set HF_TOKEN to a token with read access'
  return new WatchwordError(
    `${isGated ? 'The model requires consent to its licence' : 'Authentication failed'} (${status}) for ${url}`,
    {
      code: 'hub-denied',
      hint: isGated ? consent : login,
    },
  )
}

/** When a proxy refuses the tunnel, undici has its status only in the error's message. */
function proxyRefusal(url: string, error: unknown): WatchwordError | null {
  const status = causesOf(error)
    .map(({ message }) => /^Proxy response \((\d{3})\)/.exec(message)?.[1])
    .find(found => found !== undefined)
  if (status === undefined) return null
  if (status === '407') return denied(407, null, { url, shown: '', hasToken: false, isHub: true })
  return new WatchwordError(`The proxy refused the connection (${status}) for ${url}`, {
    code: 'hub-failed',
    hint: 'Bypass the proxy with NO_PROXY, or set HF_ENDPOINT to a mirror that it allows',
    cause: error,
  })
}

const UNREACHABLE = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** No server answered: an immediate retry would not help. */
function isUnreachable(error: unknown): boolean {
  return causesOf(error).some(({ code }) => UNREACHABLE.has(code) || code.includes('CERT'))
}

function unreachable(shown: string, error: unknown): WatchwordError {
  const why = causesOf(error).at(-1)?.message ?? messageOf(error)
  return new WatchwordError(`Cannot reach ${shown}: ${why}`, {
    code: 'hub-unreachable',
    hint:
      'Check the network; set HTTPS_PROXY to your proxy or HF_ENDPOINT to a mirror; ' +
      'or copy the model’s folder to this machine and use its path',
    cause: error,
  })
}

/** An error and its causes: fetch failed ← all addresses failed ← connection refused. */
function causesOf(error: unknown): { code: string; message: string }[] {
  if (!(error instanceof Error)) return []
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const inner = error instanceof AggregateError ? error.errors : [error.cause]
  const message = error.message === '' ? code : error.message
  return [{ code, message }, ...inner.flatMap(causesOf)]
}
