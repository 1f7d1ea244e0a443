/**
 * A process that runs patterns on long texts of their own alphabet, and says one line of JSON for each pattern:
 * what it begins with, then which text takes it more than linear time. It counts CPU time, so a busy machine changes
 * nothing; a pattern that never comes back is the one that was begun and not finished.
 */

import { readFileSync } from 'node:fs'
import { createContext, Script } from 'node:vm'
import { type AttackText, attackTexts } from './attackTexts.ts'

/** Lengths of texts; each is four times the one before. */
const LENGTHS = [4096, 16_384, 65_536] as const
/** CPU ms: a linear pattern takes less on 64 KB, a quadratic one more on 16 KB. */
const SUSPICIOUS_MS = 20
/** Four times the text takes a linear pattern four times as long, and a quadratic one sixteen times. */
const LINEAR_AT_MOST = 9
/** Worse than quadratic: not waited for. */
const ENDLESS_MS = 5000

const context = createContext({})
const RUN = new Script('pattern.test(text)')

const patterns = JSON.parse(readFileSync(0, 'utf8')) as { source: string; flags: string }[]
for (const [index, { source, flags }] of patterns.entries()) {
  process.stdout.write(`${JSON.stringify({ index })}\n`)
  const pattern = new RegExp(source, flags.replace(/[gy]/g, ''))
  const slow = attackTexts(source, flags, 100).find(text => isSuperLinear(pattern, text))
  process.stdout.write(`${JSON.stringify({ index, slow: slow ?? null })}\n`)
}

function isSuperLinear(pattern: RegExp, text: AttackText): boolean {
  for (const length of LENGTHS) {
    const ms = cpuMs(pattern, written(text, length))
    if (ms < SUSPICIOUS_MS) continue
    if (ms === Number.POSITIVE_INFINITY) return true
    const quarter = Math.max(0.1, cpuMs(pattern, written(text, length / 4)))
    // The better of two: the first run may have met the garbage collector or a compiler.
    if (Math.min(ms, cpuMs(pattern, written(text, length))) > LINEAR_AT_MOST * quarter) return true
  }
  return false
}

function written({ before, unit, after }: AttackText, length: number): string {
  return before + unit.repeat(Math.ceil(length / unit.length)) + after
}

function cpuMs(pattern: RegExp, text: string): number {
  const start = process.cpuUsage()
  try {
    RUN.runInContext(Object.assign(context, { text, pattern }), { timeout: ENDLESS_MS })
  } catch {
    return Number.POSITIVE_INFINITY
  }
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}
