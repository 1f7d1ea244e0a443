/** Looks at processes from outside, for tests that count what is left over. */

import { readdirSync, readFileSync } from 'node:fs'

/** A zombie that is not reaped yet (a container without an init) is not running. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return process.platform !== 'linux' || !/\) [ZX] /.test(readProc(`${pid}/stat`))
}

/** Running children of this process whose command line holds `text`. Linux only; [] elsewhere. */
export function childrenWith(text: string, parent = process.pid): number[] {
  if (process.platform !== 'linux') return []
  const pids = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
  return pids.filter(pid => {
    const stat = readProc(`${pid}/stat`)
    const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(ppid) === parent && state !== 'Z' && commandLine(pid).includes(text)
  })
}

/** The command line of a process, which every user of the machine can read. Linux only. */
export function commandLine(pid: number): string {
  return readProc(`${pid}/cmdline`).replaceAll('\0', ' ')
}

/** Open file descriptors of this process. Linux only; 0 elsewhere. */
export function openFiles(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return ''
  }
}
