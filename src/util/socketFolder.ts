/** Unix sockets in a directory, also where its path is longer than a socket's may be. */

import { accessSync, constants } from 'node:fs'
import { mkdtemp, open, rm, symlink } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemCodeOf } from './errors.ts'

/** `sun_path` has 104 bytes on macOS and the BSDs, 108 on Linux; a name in the directory takes up to 40. */
const LONGEST_FOLDER = 60

export interface SocketFolder {
  readonly directory: string
  /** A path to this name that is short enough for a socket. */
  pathOf(name: string): string
  close(): Promise<void>
}

export async function openSocketFolder(directory: string): Promise<SocketFolder> {
  const direct = resolve(directory)
  const done = async () => undefined
  if (Buffer.byteLength(direct) <= LONGEST_FOLDER) return folderAt(direct, direct, done)
  const handle = await open(direct, constants.O_RDONLY)
  const viaHandle = `/proc/self/fd/${handle.fd}`
  if (canEnter(viaHandle)) return folderAt(direct, viaHandle, () => handle.close())
  await handle.close()
  const home = await mkdtemp(join(tmpdir(), 'ww-'))
  await symlink(direct, join(home, 'd'))
  return folderAt(direct, join(home, 'd'), () => rm(home, { recursive: true, force: true }))
}

function folderAt(directory: string, short: string, close: () => Promise<void>): SocketFolder {
  return { directory, pathOf: name => join(short, name), close }
}

function canEnter(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export interface Listener {
  /** Stops listening and ends all connections. */
  close(): Promise<void>
}

/** Connections beyond these are refused: they poll. */
const MAX_WAITING = 64

/** Listens without ever answering. Every user may connect, because a refused connection would look like a dead socket. */
export async function listenAt(path: string): Promise<Listener> {
  const waiting = new Set<Socket>()
  const server = createServer(socket => {
    if (waiting.size >= MAX_WAITING) return void socket.destroy()
    waiting.add(socket.unref())
    socket.on('error', () => undefined).on('close', () => waiting.delete(socket))
    // Nothing is expected; only so is its end noticed.
    socket.resume()
  }).unref()
  await new Promise<void>((done, reject) => {
    server.once('error', reject).listen({ path, readableAll: true, writableAll: true }, done)
  })
  return {
    close: () => {
      for (const socket of waiting) socket.destroy()
      return closed(server)
    },
  }
}

function closed(server: Server): Promise<void> {
  return new Promise(done => {
    server.close(() => done())
  })
}

/** System errors where no process listens: its process died, or the path is missing or no socket. */
const NOBODY_LISTENS = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK', 'EPROTOTYPE'])

/** True also where it cannot be known: a socket that may not be connected to may be a living one. */
export function isListening(path: string): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(path)
    socket.once('connect', () => done(true))
    socket.once('connect', () => socket.destroy())
    socket.once('error', error => done(!NOBODY_LISTENS.has(systemCodeOf(error) ?? '')))
  })
}

/** Resolves when no process listens there any more, at once where that cannot be waited for. @throws the signal's reason */
export function untilClosed(path: string, signal?: AbortSignal): Promise<void> {
  return new Promise((done, reject) => {
    const socket = connect(path)
    const abort = () => {
      socket.destroy()
      reject(signal?.reason)
    }
    socket.on('error', () => undefined)
    socket.once('close', () => {
      signal?.removeEventListener('abort', abort)
      done()
    })
    socket.resume()
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
  })
}
