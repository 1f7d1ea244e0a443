/** Child processes that never outlive this one: SIGTERM, then SIGKILL, on abort and on exit; after kill -9 by the kernel. */

import { type ChildProcess, spawn } from 'node:child_process'
import { type Duplex, PassThrough, type Readable, type Writable } from 'node:stream'
import { messageOf, systemCodeOf } from './errors.ts'
import { guardedCommand } from './guardedCommand.ts'

export interface ChildOptions {
  readonly args: readonly string[]
  /** Written to the child's stdin, which is then closed. Nothing: stdin is empty. null: the caller writes, and ends it. */
  readonly input?: string | null
  /** Pipes beyond stdout and stderr: file descriptors 3, 4, … Default 0. */
  readonly extraPipes?: number
  /** Bound of its memory, bytes; beyond it its allocations fail. Default null: none. Not on Windows. */
  readonly memoryBytes?: number | null
  /** How long SIGTERM may take before SIGKILL follows, ms. Default 2000. */
  readonly graceMs?: number
  /** Aborting stops the child. */
  readonly signal?: AbortSignal
}

export interface ChildExit {
  /** null when a signal ended it or it never started. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Why it could not be started, with the system's code such as ENOENT; null when it ran. */
  readonly failure: { readonly code: string | null; readonly message: string } | null
}

export interface Child {
  /** null when it could not be started. */
  readonly pid: number | null
  /** Writing after the child has ended is no error: its exit code shows the failure. */
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** File descriptors 3, 4, … in order; a caller may also write to them. `exited` waits until each was read to its end. */
  readonly pipes: readonly Duplex[]
  /** Settles when the process has ended and its pipes are closed. Never rejects. */
  readonly exited: Promise<ChildExit>
  /** SIGTERM, then SIGKILL after the grace. May be called again. */
  stop(): Promise<ChildExit>
}

const DEFAULT_GRACE_MS = 2000
const STANDARD_PIPES = 3

/** The processes to take along when this one ends: `exit` is a fact of the process, hence a module's variable. */
const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

export function startChild(path: string, options: ChildOptions): Child {
  const { args, input = '', extraPipes = 0, graceMs = DEFAULT_GRACE_MS, memoryBytes = null, signal } = options
  const command = guardedCommand(path, { args, memoryBytes, guardFd: STANDARD_PIPES + extraPipes })
  const child = spawn(command.path, command.args, {
    stdio: Array<'pipe'>(STANDARD_PIPES + extraPipes + (command.guarded ? 1 : 0)).fill('pipe'),
    // Its own process group: Ctrl-C reaches only this process, which decides the order of stopping.
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  living.add(child)
  let failure: ChildExit['failure'] = null
  const gone = new AbortController()
  // With no file descriptor left, Node makes no pipes at all.
  const [stdin, stdout, stderr, ...pipes] = pipesOf(child, STANDARD_PIPES + extraPipes)
  const guard = command.guarded ? child.stdio?.[STANDARD_PIPES + extraPipes] : undefined
  guard?.on('error', () => {})
  child.once('exit', () => (guard as Writable | undefined)?.end('\n', () => guard?.destroy()))
  const exited = new Promise<ChildExit>(resolve => {
    const settle = (code: number | null, exitSignal: NodeJS.Signals | null) => {
      living.delete(child)
      gone.abort()
      if (command.guarded) failure ??= failureOf(path, code)
      resolve({ code: failure ? null : code, signal: exitSignal, failure })
    }
    child.once('error', error => {
      failure = { code: systemCodeOf(error), message: messageOf(error) }
      // `close` is not emitted when spawn failed.
      if (child.pid === undefined) settle(null, null)
    })
    child.once('close', settle)
  })

  const stop = () => {
    if (child.exitCode === null && child.signalCode === null && !gone.signal.aborted) {
      child.kill('SIGTERM')
      const deadline = setTimeout(() => child.kill('SIGKILL'), graceMs)
      gone.signal.addEventListener('abort', () => clearTimeout(deadline), { once: true })
    }
    // Unread bytes would keep the pipes, and with them `close`, waiting for ever.
    for (const pipe of [stdin, stdout, stderr, ...pipes]) pipe.destroy()
    return exited
  }
  signal?.addEventListener('abort', stop, { signal: gone.signal })
  if (signal?.aborted) stop()

  // EPIPE: it may end before it has read its input; its exit code shows the failure.
  stdin.on('error', () => {})
  if (input !== null) stdin.end(input)
  return { pid: child.pid ?? null, stdin, stdout, stderr, pipes, exited, stop }
}

function pipesOf(child: ChildProcess, count: number): [Writable, Readable, Readable, ...Duplex[]] {
  const pipes = Array.from({ length: count }, (_, i) => child.stdio?.[i] ?? new PassThrough().end().resume())
  return pipes as unknown as [Writable, Readable, Readable, ...Duplex[]]
}

type Failure = ChildExit['failure']

/** What shells and `setpriv` end with when the program is not there, or is none. */
function failureOf(path: string, code: number | null): Failure {
  const systemCode = code === 127 ? 'ENOENT' : code === 126 ? 'EACCES' : null
  return systemCode && { code: systemCode, message: `spawn ${path} ${systemCode}` }
}

export interface Finished extends ChildExit {
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
}

/** Runs a short program to its end and keeps the first megabyte of stdout and of stderr. Never rejects. */
export async function runChild(
  path: string,
  options: ChildOptions & { readonly timeoutMs: number },
): Promise<Finished> {
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  const child = startChild(path, { ...options, signal })
  const [stdout, stderr, exit] = await Promise.all([textOf(child.stdout), textOf(child.stderr), child.exited])
  return { ...exit, stdout, stderr, timedOut: timeout.aborted && exit.code === null }
}

const KEEP_CHARACTERS = 1_000_000

function textOf(stream: Readable): Promise<string> {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    if (text.length < KEEP_CHARACTERS) text += chunk
  })
  return new Promise(resolve => {
    stream.once('close', () => resolve(text))
    stream.once('error', () => resolve(text))
  })
}
