/** A real Mosquitto for tests: on a free port of loopback, with what the test asks for. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openFolder } from './openFolder.ts'

export interface MosquittoOptions {
  readonly user?: { readonly name: string; readonly password: string }
  readonly tls?: Certificates
  /** More lines for its config. */
  readonly config?: readonly string[]
}

export interface Mosquitto {
  readonly port: number
  /** The same port and data again after `stop`. */
  start(): Promise<void>
  /** kill -9 unless another signal is named. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Stops it and removes its files. */
  remove(): Promise<void>
}

export const hasMosquitto = which('mosquitto')

export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const { path: dir, remove } = openFolder('watchword-mosquitto-')
  const port = await freePort()
  const config = join(dir, 'mosquitto.conf')
  writeFileSync(config, configOf(dir, port, options).join('\n'))
  let child: ChildProcess | null = null
  const stop = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
  }
  const start = async () => {
    child = spawn('mosquitto', ['-c', config], { stdio: 'ignore' })
    await untilListening(port)
  }
  await start()
  return {
    port,
    start,
    stop,
    remove: async () => {
      await stop()
      remove()
    },
  }
}

function configOf(dir: string, port: number, { user, tls, config = [] }: MosquittoOptions): string[] {
  const lines = [`listener ${port} 127.0.0.1`, `allow_anonymous ${user === undefined}`, ...config]
  // Started by root it would become the user `mosquitto`, who may not read our files.
  if (process.getuid?.() === 0) lines.unshift('user root')
  if (user !== undefined) {
    const path = join(dir, 'passwords')
    execFileSync('mosquitto_passwd', ['-b', '-c', path, user.name, user.password])
    lines.push(`password_file ${path}`)
  }
  if (tls !== undefined) lines.push(`cafile ${tls.ca}`, `certfile ${tls.cert}`, `keyfile ${tls.key}`)
  return [...lines, '']
}

export interface Certificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** A certificate authority and what it signed, made by openssl: for 127.0.0.1 unless another name is given. */
export function makeCertificates(dir: string, { san = 'IP:127.0.0.1', days = 2 } = {}): Certificates {
  const at = (name: string) => join(dir, name)
  const openssl = (line: string, ...paths: string[]) =>
    execFileSync('openssl', [...line.split(' '), ...paths], { stdio: 'ignore' })
  openssl('req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout', at('ca.key'), '-out', at('ca.pem'))
  openssl('req -newkey rsa:2048 -nodes -subj /CN=broker -keyout', at('server.key'), '-out', at('server.csr'))
  writeFileSync(at('san'), `subjectAltName=${san}`)
  const signed = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('san')]
  openssl(`x509 -req -days ${days} -in`, at('server.csr'), ...signed, '-out', at('server.pem'))
  return { ca: at('ca.pem'), cert: at('server.pem'), key: at('server.key') }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Resolves when something accepts connections there. */
export async function untilListening(port: number, timeoutMs = 15_000): Promise<void> {
  const until = Date.now() + timeoutMs
  while (Date.now() < until) {
    const open = await new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await sleep(50)
  }
  throw new Error(`nothing listens on port ${port} after ${timeoutMs} ms`)
}

export function which(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
