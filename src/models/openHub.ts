/** The hub that models are pulled from: Hugging Face or a mirror, through a proxy when the environment sets one. */

import { EnvHttpProxyAgent, fetch, type Response } from 'undici'
import { WatchwordError } from '../util/errors.ts'
import { type Digest, digestOfEtag } from './digest.ts'
import { connectionError, statusError } from './hubErrors.ts'

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
  /** What the hub says about a file without sending it. @throws WatchwordError as `get` */
  describe(url: string): Promise<FileFacts>
  close(): Promise<void>
}

/** null: the hub does not say. */
export interface FileFacts {
  /** Full name of the repository's commit. */
  readonly commit: string | null
  readonly digest: Digest | null
  readonly bytes: number | null
}

/** A hub redirects to its own cache once; more than this is a loop. */
const MOST_REDIRECTS = 5

type Environment = Readonly<Record<string, string | undefined>>

const CONNECT_TIMEOUT_MS = 15_000
/** A server that sends nothing for this long counts as unreachable. */
const SILENCE_TIMEOUT_MS = 60_000

/**
 * Reads HF_ENDPOINT (a mirror), HF_TOKEN, HF_HUB_OFFLINE, HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as Hugging Face's own
 * tools do.
 * @throws WatchwordError `hub-address` when HF_ENDPOINT or a proxy is no http(s) URL, `hub-denied` when HF_TOKEN is no token
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
  const authorization = login === null ? bearerOf(env.HF_TOKEN) : `Basic ${btoa(login)}`
  const isOffline = /^(1|on|yes|true)$/i.test(env.HF_HUB_OFFLINE ?? '')
  const request = async (url: string, options: { method: string; headers: object; redirect: 'follow' | 'manual' }) => {
    if (isOffline) throw offline(url)
    const headers = { 'accept-encoding': 'identity', ...options.headers, ...(authorization ? { authorization } : {}) }
    return fetch(url, { ...options, dispatcher, headers }).catch(error => {
      throw connectionError(error, { url, shown })
    })
  }
  const refusal = (url: string, response: Response) =>
    statusError(response, { url, shown, hasToken: Boolean(authorization), isHub: isSameOrigin(response.url, base) })
  return {
    shown,
    urlOf: (repository, revision, path) => `${shown}/${repository}/resolve/${revision}/${path}`,
    async get(url, headers) {
      const response = await request(url, { method: 'GET', headers, redirect: 'follow' })
      if (response.ok || response.status === 416) return response
      await response.body?.cancel()
      throw refusal(url, response)
    },
    async describe(url) {
      let at = url
      for (let hop = 0; hop < MOST_REDIRECTS; hop++) {
        const response = await request(at, { method: 'HEAD', headers: {}, redirect: 'manual' })
        const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
        if (location === null && !response.ok) throw refusal(url, response)
        if (location === null) return factsOf(response)
        if (!URL.canParse(location, at)) throw wrongRedirect('to an address that is no URL', url)
        const next = new URL(location, at).href
        // Large files are elsewhere: the hub itself says what they are.
        if (!isSameOrigin(next, base)) return factsOf(response)
        at = next
      }
      throw wrongRedirect('in a loop', url)
    },
    close: () => dispatcher.close(),
  }
}

function factsOf({ headers }: Response): FileFacts {
  const linked = headers.get('x-linked-etag')
  const size = headers.get('x-linked-size') ?? (linked === null ? headers.get('content-length') : null)
  return {
    commit: /^[0-9a-f]{40}$/.exec(headers.get('x-repo-commit') ?? '')?.[0] ?? null,
    digest: digestOfEtag(linked ?? headers.get('etag')),
    bytes: size !== null && /^\d+$/.test(size) ? Number(size) : null,
  }
}

/** Host and protocol: what is sent to https must not be sent to http. */
function isSameOrigin(url: string, base: URL): boolean {
  return url === '' || new URL(url).origin === base.origin
}

/** @throws WatchwordError `hub-denied` without the value, which HTTP libraries quote */
function bearerOf(token = ''): string {
  if (token === '' || /^[\x21-\x7e]+$/.test(token)) return token && `Bearer ${token}`
  throw new WatchwordError('HF_TOKEN contains a character that no token has, such as a space or a line break', {
    code: 'hub-denied',
    hint: 'Set HF_TOKEN to the token alone, or unset it',
  })
}

function wrongRedirect(how: string, url: string): WatchwordError {
  return new WatchwordError(`The hub redirects ${how} for ${url}`, { code: 'hub-failed', hint: 'Try again later' })
}

function offline(url: string): WatchwordError {
  return new WatchwordError(`Cannot download ${url}: HF_HUB_OFFLINE is set`, {
    code: 'hub-unreachable',
    hint: 'Unset it, or copy the model’s folder to this machine and use its path',
  })
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
