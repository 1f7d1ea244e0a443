/** A mistake of the user's, or of the world's: one clear line, no stack trace. */

export interface WatchwordErrorOptions {
  /** Stable, kebab-case; listed in docs/errors.md. */
  readonly code: string
  /** What to do about it, as one sentence. */
  readonly hint?: string
  readonly cause?: unknown
  /** The values behind the sentence, for programs. Never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>
}

export class WatchwordError extends Error {
  readonly code: string
  readonly hint: string | null
  readonly facts: Readonly<Record<string, unknown>>

  constructor(message: string, options: WatchwordErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'WatchwordError'
    this.code = options.code
    this.hint = options.hint ?? null
    this.facts = options.facts ?? {}
  }
}

/** The message of anything thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replace(/\s*\n\s*/g, ' ').trim()
}

/** The `code` of a Node system error such as ENOENT; null when there is none. */
export function systemCodeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}
