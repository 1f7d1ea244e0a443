/** Schemas for durations (`500ms`, `5s`, `2m`, `1h`, `7d`), sizes (`10MB`, `1GB`) and paths. */

import { z } from 'zod'

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const BYTES = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9 } as const

/** Text such as `1.5s` → ms; null if it is not a duration. */
export function parseDuration(text: string): number | null {
  return parseUnits(text, MS)
}

/** Text such as `500MB` → bytes; null if it is not a size. */
function parseSize(text: string): number | null {
  return parseUnits(text, BYTES)
}

/** Accepts `5s` or a number of seconds; returns ms. */
export function duration(fallback: string) {
  return quantity(fallback, 'a duration such as 500ms, 5s, 2m, 1h or 7d', parseDuration, 1000)
}

/** Accepts `500MB` or a number of bytes; returns bytes. */
export function size(fallback: string) {
  return quantity(fallback, 'a size such as 500MB or 2GB', parseSize, 1)
}

/** A file or folder: `~/` is the home folder, and a relative path is relative to the config's folder. */
export function path() {
  return z.string().min(1).meta({ format: 'path' })
}

function parseUnits(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]+)$/.exec(text.trim())
  const name = match?.[2] ?? ''
  const unit = Object.hasOwn(units, name) ? units[name] : undefined
  return match && unit !== undefined ? Number(match[1]) * unit : null
}

function quantity(fallback: string, expected: string, parse: (text: string) => number | null, perUnit: number) {
  return z
    .union([z.string(), z.number().nonnegative()], { error: `Expected ${expected}` })
    .default(fallback)
    .transform((value, context) => {
      const parsed = typeof value === 'number' ? value * perUnit : parse(value)
      if (parsed !== null) return parsed
      context.addIssue({ code: 'custom', message: `Expected ${expected}, got "${value}"` })
      return z.NEVER
    })
}
