/** The hub that models are pulled from: Hugging Face or a mirror, through a proxy where the environment names one. */

import { EnvHttpProxyAgent, fetch, Headers, type Response } from 'undici'
import { messageOf, WatchwordError } from '../util/errors.ts'

export interface Hub {
  /** Its base URL, for people: without user and password. */
  readonly shown: string
  /** Address of a file at a revision. */
  urlOf(repository: string, revision: string, path: string): string
  /**
   * An answer of any status from 200 to 299, or 416; redirects are followed, and the token stays with the hub.
   * @throws WatchwordError `hub-unreachable`, `hub-denied`, `hub-not-found`, `hub-failed`; anything else may be tried again
   */
  get(url: string, headers: Readonly<Record<string, string>>): Promise<Response>
  close(): Promise<void>
}

type Environment = Readonly<Record<string, string | undefined>>

const CONNECT_TIMEOUT_MS = 15_000
/** A server that sends nothing for this long is gone. */
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

/** As curl takes it: `proxy:3128` is enough. A wrong one is not shown: it may hold a password. */
function parseProxy(name: string, value = ''): string {
  const url = value === '' || value.includes('://') ? value : `http://${value}`
  if (url === '' || (URL.canParse(url) && /^https?:/.test(url))) return url
  throw new WatchwordError(`Expected ${name} to be a URL such as http://proxy.example.org:3128`, {
    code: 'hub-address',
  })
}

/** undici tells the status of a proxy that opens no tunnel in words only, and calls the request cancelled. */
function proxyRefusal(url: string, error: unknown): WatchwordError | null {
  const status = causesOf(error)
    .map(({ message }) => /^Proxy response \((\d{3})\)/.exec(message)?.[1])
    .find(found => found !== undefined)
  if (status === undefined) return null
  if (status === '407') return statusError(url, { status: 407, headers: new Headers() })
  return new WatchwordError(`Expected the proxy to connect us, got ${status} for ${url}`, {
    code: 'hub-failed',
    hint: 'NO_PROXY goes around it; HF_ENDPOINT may name a mirror that it lets through',
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

/** No connection was made, so trying again at once would not help. */
function isUnreachable(error: unknown): boolean {
  return causesOf(error).some(({ code }) => UNREACHABLE.has(code) || code.includes('CERT'))
}

function unreachable(shown: string, error: unknown): WatchwordError {
  const why = causesOf(error).at(-1)?.message ?? messageOf(error)
  return new WatchwordError(`Cannot reach ${shown}: ${why}`, {
    code: 'hub-unreachable',
    hint:
      'Check the network; set HTTPS_PROXY to your proxy or HF_ENDPOINT to a mirror; ' +
      'or copy a model’s folder here and name its path instead',
    cause: error,
  })
}

function statusError(url: string, { status, headers }: Pick<Response, 'status' | 'headers'>): WatchwordError {
  const got = `got ${status} for ${url}`
  if (status === 401 || status === 403 || status === 407)
    return new WatchwordError(`Expected to be let in, ${got}`, {
      code: 'hub-denied',
      hint:
        status === 407
          ? 'The proxy wants a user and password in HTTPS_PROXY'
          : 'Set HF_TOKEN to a token that may read it',
    })
  if (status === 404 || status === 410)
    return new WatchwordError(`Expected the file to be there, ${got}`, {
      code: 'hub-not-found',
      hint: 'A mirror in HF_ENDPOINT may lack it; config/registry.json says which revision is pinned',
    })
  const wait = headers.get('retry-after')
  return new WatchwordError(`Expected the hub to ${status === 429 ? 'serve us' : 'answer'}, ${got}`, {
    code: 'hub-failed',
    hint: wait !== null && /^\d+$/.test(wait) ? `It asks to wait ${wait} s; then run it again` : 'Try again later',
  })
}

/** Node wraps what happened: fetch failed ← several addresses failed ← connection refused. */
function causesOf(error: unknown): { code: string; message: string }[] {
  if (!(error instanceof Error)) return []
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const inner = error instanceof AggregateError ? error.errors : [error.cause]
  const message = error.message === '' ? code : error.message
  return [{ code, message }, ...inner.flatMap(causesOf)]
}
