/**
 * A hub on loopback that answers as huggingface.co does: commits, ETags, redirects of small files within the hub and of
 * large ones to signed addresses on another host, gated repositories, errors on order.
 */

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FaultyServer, startFaultyServer } from './faultyServer.ts'

export const COMMIT = 'c0ffee'.padEnd(40, '0')

export interface Repository {
  readonly files: Readonly<Record<string, Buffer>>
  /** Paths of files in Git LFS. */
  readonly large?: readonly string[]
  /** Only this token may read it. */
  readonly token?: string
}

export interface LocalHub {
  /** HF_ENDPOINT, with the path prefix of the mirror if there is one. */
  readonly url: string
  /** Delivers the large files; its `next` says how. */
  readonly cdn: FaultyServer
  readonly visits: readonly HubVisit[]
  /** The next requests get these answers. */
  next(...answers: Answer[]): void
  /** How often a signed address may be used before it has expired. Default: without end. */
  signedUses: number
  /** Large files are Git LFS pointers, as on a mirror that is a plain Git server. */
  pointers: boolean
  /** Neither commits nor hashes are published, as by a plain file server. */
  silent: boolean
  /** What `x-repo-commit` has. Default: the commit. */
  commit: string
  /** The size of large files is not published. */
  sizeless: boolean
  stop(): Promise<void>
}

export interface HubVisit {
  readonly method: string
  readonly path: string
  readonly authorization: string | null
}

/** null: the connection is closed without an answer. */
export type Answer = { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | null

/** @param prefix path of a mirror: '/mirror' */
export async function startLocalHub(
  repositories: Readonly<Record<string, Repository>>,
  prefix = '',
): Promise<LocalHub> {
  const visits: HubVisit[] = []
  const plan: Answer[] = []
  const uses = new Map<string, number>()
  const cdnFiles = Object.entries(repositories).flatMap(([name, { files, large = [] }]) =>
    large.map(path => [`/${name}/${path}`, files[path] as Buffer] as const),
  )
  const cdn = await startFaultyServer(Object.fromEntries(cdnFiles), path => {
    const signature = /\?signature=\d+$/.exec(path)?.[0]
    const used = uses.get(path) ?? 0
    uses.set(path, used + 1)
    return signature !== undefined && used < hub.signedUses ? null : 403
  })
  let signatures = 0
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    visits.push({ method: request.method ?? '', path, authorization: request.headers.authorization ?? null })
    const ordered = plan.shift()
    if (ordered === null) return void request.socket.destroy()
    if (ordered !== undefined) return void response.writeHead(ordered.status, ordered.headers).end()
    if (!path.startsWith(prefix)) return void response.writeHead(404).end()
    answer(path.slice(prefix.length), request, response)
  })
  const answer = (path: string, request: IncomingMessage, response: ServerResponse) => {
    const cached = /^\/api\/resolve-cache\/models\/([^/]+\/[^/]+)\/([^/]+)\/(.+)$/.exec(path)
    const [, name = '', revision = '', file = ''] =
      cached ?? /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? []
    const refusal = refusalOf(repositories[name], { revision, file, authorization: request.headers.authorization })
    if (refusal !== null) return void response.writeHead(refusal.status, refusal.headers).end()
    const { files, large = [] } = repositories[name] as Repository
    const content = files[file] as Buffer
    const facts = hub.silent ? {} : { 'x-repo-commit': hub.commit }
    if (large.includes(file) && !hub.pointers) {
      const location = `${cdn.url}/${name}/${file}?signature=${++signatures}`
      return void response.writeHead(302, { ...facts, ...linkedOf(content, hub), location }).end()
    }
    const shown = large.includes(file) ? pointerTo(content) : content
    // Small files are redirected within the hub first.
    if (cached === null) {
      const location = `${prefix}/api/resolve-cache/models/${name}/${COMMIT}/${file}`
      return void response.writeHead(307, { ...facts, location }).end()
    }
    const etag = hub.silent ? {} : { etag: `"${gitBlob(shown)}"` }
    response.writeHead(200, { ...facts, ...etag, 'content-length': shown.length })
    response.end(request.method === 'HEAD' ? undefined : shown)
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const hub: LocalHub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    cdn,
    visits,
    next: (...answers) => void plan.push(...answers),
    signedUses: Number.POSITIVE_INFINITY,
    pointers: false,
    silent: false,
    commit: COMMIT,
    sizeless: false,
    async stop() {
      server.closeAllConnections()
      await Promise.all([new Promise(resolve => server.close(resolve)), cdn.stop()])
    },
  }
  return hub
}

function linkedOf(content: Buffer, { silent, sizeless }: LocalHub): Record<string, string> {
  if (silent) return {}
  const size = sizeless ? {} : { 'x-linked-size': String(content.length) }
  return { 'x-linked-etag': `"${sha256(content)}"`, ...size }
}

interface Wanted {
  readonly revision: string
  readonly file: string
  readonly authorization: string | undefined
}

function refusalOf(
  repository: Repository | undefined,
  { revision, file, authorization }: Wanted,
): NonNullable<Answer> | null {
  const say = (status: number, code: string) => ({ status, headers: { 'x-error-code': code } })
  if (repository === undefined) return say(authorization === undefined ? 401 : 404, 'RepoNotFound')
  if (repository.token !== undefined && authorization !== `Bearer ${repository.token}`)
    return say(authorization === undefined ? 401 : 403, 'GatedRepo')
  if (!['main', COMMIT].includes(revision)) return say(404, 'RevisionNotFound')
  return repository.files[file] === undefined ? say(404, 'EntryNotFound') : null
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

function gitBlob(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
}

function pointerTo(content: Buffer): Buffer {
  return Buffer.from(
    `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(content)}\nsize ${content.length}\n`,
  )
}
