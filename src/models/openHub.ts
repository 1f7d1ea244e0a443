/** The hub that models are pulled from: Hugging Face or a mirror, through a proxy when the environment sets one. */

import { EnvHttpProxyAgent, fetch, Headers, type Response } from 'undici'
import { messageOf, WatchwordError } from '../util/errors.ts'

export interface Hub {
  /** Base URL for messages: without user and password. */
  readonly shown: string
  /** Address of a file at a revision. */
  urlOf(repository: string, revision: string, path: string): string
  /**
   * A response with a status from 200 to 299, or 416. Redirects are followed; the token is sent to the hub only.
   * @throws WatchwordError `hub-unreachable`, `hub-denied`, `hub-not-found`, `hub-failed`; any other error may be retried
   */
  get(url: string, headers: Readonly<Record<string, string>>): Promise<Response>
  close(): Promise<void>
}

type Environment = Readonly<Record<string, string | undefined>>

const CONNECT_TIMEOUT_MS = 15_000
/** A server that sends nothing for this long counts as unreachable. */
const SILENCE_TIMEOUT_MS = 60_000

/**
 * Reads HF_ENDPOINT (a mirror), HF_TOKEN, HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as Hugging Face's own tools do.
 * @throws WatchwordError `hub-address` when HF_ENDPOINT or a proxy is no http(s) URL
 */
export function openHub(env: Environment): Hub {
  const base = parseEndpoint(env.HF_ENDPOINT || 'https://huggingface.co')
  const shown = `${base.protocol}//${base.host}${base.pathname.replace(/\/$/, '')}`
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: parseProxy('HTTP_PROXY', env.http_proxy ?? env.HTTP_PROXY),
    httpsProxy: parseProxy('HTTPS_PROXY', env.https_proxy ?? env.HTTPS_PROXY),
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: SILENCE_TIMEOUT_MS,
    bodyTimeout: SILENCE_TIMEOUT_MS,
  })
  const login =
    base.username === '' ? null : `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`
  const authorization = login === null ? env.HF_TOKEN && `Bearer ${env.HF_TOKEN}` : `Basic ${btoa(login)}`
  return {
    shown,
    urlOf: (repository, revision, path) => `${shown}/${repository}/resolve/${revision}/${path}`,
    async get(url, headers) {
      const all = { 'accept-encoding': 'identity', ...headers, ...(authorization ? { authorization } : {}) }
      let response: Response
      try {
        response = await fetch(url, { dispatcher, headers: all })
      } catch (error) {
        throw proxyRefusal(url, error) ?? (isUnreachable(error) ? unreachable(shown, error) : error)
      }
      if (response.ok || response.status === 416) return response
      await response.body?.cancel()
      throw statusError(url, response)
    },
    close: () => dispatcher.close(),
  }
}

function parseEndpoint(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null
  if (url !== null && /^https?:$/.test(url.protocol)) return url
  throw new WatchwordError('Expected HF_ENDPOINT to be a URL such as https://huggingface.co', { code: 'hub-address' })
}

/** `proxy:3128` is enough, as in curl. A wrong value is not quoted, because it may contain a password. */
function parseProxy(name: string, value = ''): string {
  const url = value === '' || value.includes('://') ? value : `http://${value}`
  if (url === '' || (URL.canParse(url) && /^https?:/.test(url))) return url
  throw new WatchwordError(`Expected ${name} to be a URL such as http://proxy.example.org:3128`, {
    code: 'hub-address',
  })
}

/** When a proxy refuses the tunnel, undici has its status only in the error's message. */
function proxyRefusal(url: string, error: unknown): WatchwordError | null {
  const status = causesOf(error)
    .map(({ message }) => /^Proxy response \((\d{3})\)/.exec(message)?.[1])
    .find(found => found !== undefined)
  if (status === undefined) return null
  if (status === '407') return statusError(url, { status: 407, headers: new Headers() })
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

function statusError(url: string, { status, headers }: Pick<Response, 'status' | 'headers'>): WatchwordError {
  if (status === 401 || status === 403 || status === 407)
    return new WatchwordError(`Authentication failed (${status}) for ${url}`, {
      code: 'hub-denied',
      hint:
        status === 407
          ? 'The proxy requires a user and password in HTTPS_PROXY'
          : 'Set HF_TOKEN to a token with read access',
    })
  if (status === 404 || status === 410)
    return new WatchwordError(`There is no such file (${status}): ${url}`, {
      code: 'hub-not-found',
      hint: 'A mirror in HF_ENDPOINT may not have it; config/registry.json has the pinned revision',
    })
  const wait = headers.get('retry-after')
  return new WatchwordError(`${status === 429 ? 'Rate limited by the hub' : 'The hub failed'} (${status}) for ${url}`, {
    code: 'hub-failed',
    hint: wait !== null && /^\d+$/.test(wait) ? `Run it again in ${wait} s` : 'Try again later',
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
