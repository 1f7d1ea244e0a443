/** CPU time and memory of processes, read from outside. Linux only: it is all in /proc. */

import { readdirSync, readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** User and system seconds of a process, of those that it started, and of those among them that have ended. */
export function treeCpuSeconds(root: number): number {
  const parents = new Map(
    readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(name => [Number(name), statOf(Number(name))?.parent ?? 0]),
  )
  const isOurs = (pid: number): boolean => pid === root || (pid > 1 && isOurs(parents.get(pid) ?? 0))
  return [...parents.keys()].filter(isOurs).reduce((sum, pid) => sum + (statOf(pid)?.seconds ?? 0), 0)
}

/** User and system seconds of this process, all its threads, and of the children that have ended. */
export function ownCpuSeconds(): number {
  return statOf(process.pid)?.seconds ?? Number.NaN
}

/** CPU seconds since the machine started: spent by all its programs, and withheld by the hypervisor. */
export function machineCpuSeconds(): { busy: number; stolen: number } {
  // user nice system idle iowait irq softirq steal: proc(5). A guest's time is in user's already.
  const fields = (/^cpu +(.*)$/m.exec(read('stat'))?.[1] ?? '')
    .split(' ')
    .map(ticks => Number(ticks) / TICKS_PER_SECOND)
  const [user = Number.NaN, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = fields
  return { busy: user + nice + system + irq + softirq, stolen }
}

/** Resident memory of one process, its children left out. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`${pid}/status`))?.[1]
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) * 1024
}

function statOf(pid: number): { parent: number; seconds: number } | null {
  const stat = read(`${pid}/stat`)
  if (stat === '') return null
  // The name in brackets may hold anything; what follows it are numbers: proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND }
}

/** Empty for a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8')
  } catch {
    return ''
  }
}
