/** The command line that starts a program so that it dies with this process and stays below a memory bound. */

import { existsSync } from 'node:fs'

export interface GuardedCommand {
  readonly path: string
  readonly args: readonly string[]
  /** The program was put behind `/bin/sh`, which reads one more pipe, after all others. */
  readonly guarded: boolean
}

export interface GuardOptions {
  readonly args: readonly string[]
  /** Bound of the program's own data (`ulimit -d`), bytes; null: none. */
  readonly memoryBytes: number | null
  /** File descriptor of the extra pipe: the number of all other pipes. One digit, as POSIX shells want it. */
  readonly guardFd: number
}

const SHELL = '/bin/sh'
/** Without a POSIX shell (Windows, images with nothing but a program in them) children are stopped on exit only. */
const hasShell = process.platform !== 'win32' && existsSync(SHELL)

/**
 * The script is fixed; the program and its arguments are positional parameters, so nothing of them is parsed by the shell.
 * `setpriv` lets the kernel send SIGKILL when the parent thread ends. Where it is missing, or is busybox's, a subshell reads
 * the extra pipe: a line means that the program has ended; the end of the pipe, that this process has.
 */
function script(fd: number): string {
  const closeAll = Array.from({ length: fd - 2 }, (_, i) => `${i + 3}>&-`).join(' ')
  return [
    '[ "$1" = 0 ] || ulimit -d "$1" 2>/dev/null',
    'shift',
    `if setpriv --pdeathsig KILL true 2>/dev/null; then exec setpriv --pdeathsig KILL -- "$@" ${fd}<&-; fi`,
    `( exec <&${fd} >/dev/null 2>&1 ${closeAll}; read -r _ || kill -9 $$ ) &`,
    `exec "$@" ${fd}<&-`,
  ].join('\n')
}

export function guardedCommand(path: string, { args, memoryBytes, guardFd }: GuardOptions): GuardedCommand {
  if (!hasShell) return { path, args, guarded: false }
  const kibibytes = memoryBytes === null ? 0 : Math.floor(memoryBytes / 1024)
  return { path: SHELL, args: ['-c', script(guardFd), 'sh', String(kibibytes), path, ...args], guarded: true }
}
