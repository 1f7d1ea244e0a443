/** Sums up ffmpeg's error lines: a damaged stream causes thousands of them a minute. */

export interface DecodeErrors {
  /** One line of stderr. */
  add(line: string): void
  /** The last lines, redacted, oldest first; all that are kept, or those of the last `withinMs`. */
  lastLines(options?: { readonly withinMs?: number }): readonly string[]
  /** Ends the timer and reports what is left, or discards it when an error will say the same. */
  close(options?: { readonly discard?: boolean }): void
}

export interface DecodeErrorsOptions {
  /** Called at most once every `everyMs`, and not while ffmpeg is silent. */
  readonly report: (count: number, last: string) => void
  readonly redact: (text: string) => string
  /** Default 1000. */
  readonly everyMs?: number
  /** ms on a clock that never jumps. Default performance.now. */
  readonly now?: () => number
}

/**
 * About raw frames that are closer than one tick of the stream, on a busy machine every minute. A format without
 * times ignores it, and the frame is written (libavformat/mux.c, AVFMT_NOTIMESTAMPS).
 */
const MEANS_NOTHING = /^\[rawvideo @ \w+\] Application provided invalid, non monotonically increasing dts/

const KEPT_LINES = 8
const LONGEST_LINE = 300

export function createDecodeErrors({
  report,
  redact,
  everyMs = 1000,
  now = () => performance.now(),
}: DecodeErrorsOptions): DecodeErrors {
  const lines: { readonly text: string; readonly at: number }[] = []
  let count = 0
  let timer: NodeJS.Timeout | null = null

  const flush = () => {
    timer = null
    if (count > 0) report(count, lines.at(-1)?.text ?? '')
    count = 0
  }

  return {
    add(line) {
      const clean = redact(line).trim()
      if (clean === '' || MEANS_NOTHING.test(clean)) return
      lines.push({ text: clean.slice(0, LONGEST_LINE), at: now() })
      if (lines.length > KEPT_LINES) lines.shift()
      count++
      timer ??= setTimeout(flush, everyMs).unref()
    },
    lastLines({ withinMs = Number.POSITIVE_INFINITY } = {}) {
      const since = now() - withinMs
      return lines.filter(({ at }) => at >= since).map(({ text }) => text)
    },
    close({ discard = false } = {}) {
      if (timer) clearTimeout(timer)
      if (discard) count = 0
      flush()
    },
  }
}
