/** One process at a time owns a folder: by a Unix socket in it, which the kernel closes when its owner dies. */

import { rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { systemCodeOf } from './errors.ts'
import { makeFolder } from './makeFolder.ts'

/** Gives the folder back. */
export type Release = () => Promise<void>

/**
 * Where there can be no such socket (Windows, a path over a hundred bytes, a file system that is read-only or knows
 * none) everybody is let in. Two that start in the same instant where a killed one has left its socket may both be.
 * @returns null when another process has it
 */
export async function ownFolder(folder: string): Promise<Release | null> {
  const path = join(folder, 'owner.sock')
  if (process.platform === 'win32' || Buffer.byteLength(path) > LONGEST_PATH) return letIn
  await makeFolder(folder).catch(() => undefined)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const server = await listen(path)
      return () => new Promise(resolve => server.close(() => resolve()))
    } catch (error) {
      if (systemCodeOf(error) !== 'EADDRINUSE') return letIn
      if (await answers(path)) return null
      await rm(path, { force: true }).catch(() => undefined)
    }
  }
  return letIn
}

/** `sun_path` has 104 bytes on macOS and the BSDs, 108 on Linux. */
const LONGEST_PATH = 100
const ATTEMPTS = 3

const letIn: Release = async () => undefined

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => socket.destroy()).unref()
    server.once('error', reject).listen(path, () => resolve(server))
  })
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
