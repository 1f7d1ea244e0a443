/** A mistake in the input, or a failure outside of this program: one clear line, no stack trace. */

import type { ErrorCode } from './errorCodes.ts'
import { shorten } from './shorten.ts'

/** A path of 4096 characters fits; a name of two megabytes from a damaged file does not. */
const LONGEST_LINE = 5000

export interface WatchwordErrorOptions {
  /** Stable; errorCodes.ts has all of them, docs/errors.md is made from it. */
  readonly code: ErrorCode
  /** What to do about it, as one sentence. */
  readonly hint?: string
  readonly cause?: unknown
  /** The values behind the sentence, for programs. Never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>
}

export class WatchwordError extends Error {
  readonly code: ErrorCode
  readonly hint: string | null
  readonly facts: Readonly<Record<string, unknown>>

  constructor(message: string, options: WatchwordErrorOptions) {
    super(boundLines(message), options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'WatchwordError'
    this.code = options.code
    this.hint = options.hint ?? null
    this.facts = options.facts ?? {}
  }
}

function boundLines(text: string): string {
  return text.length <= LONGEST_LINE
    ? text
    : text
        .split('\n')
        .map(line => shorten(line, LONGEST_LINE))
        .join('\n')
}

/** The message of anything thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const lines = text.split('\n').map(line => line.trim())
  return shorten(lines.filter(line => line !== '').join(' '), LONGEST_LINE)
}

/** The `code` of a Node system error such as ENOENT; null when there is none. */
export function systemCodeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}
