/** Sums up what ffmpeg complains about: a damaged stream makes thousands of lines a minute. */

export interface Complaints {
  /** One line of stderr. */
  add(line: string): void
  /** The last lines, redacted, oldest first. */
  lastWords(): readonly string[]
  /** Ends the timer and reports what is left, or discards it when an error will say the same. */
  close(options?: { readonly discard?: boolean }): void
}

export interface ComplaintsOptions {
  /** Called at most once every `everyMs`, and not while ffmpeg is silent. */
  readonly report: (count: number, last: string) => void
  readonly redact: (text: string) => string
  /** Default 1000. */
  readonly everyMs?: number
}

/**
 * Said of raw pictures that lie closer than one tick of the stream, on a busy machine every minute. A format without
 * times ignores it, and the picture is written (libavformat/mux.c, AVFMT_NOTIMESTAMPS).
 */
const MEANS_NOTHING = /^\[rawvideo @ \w+\] Application provided invalid, non monotonically increasing dts/

const KEPT_LINES = 8
const LONGEST_LINE = 300

export function createComplaints({ report, redact, everyMs = 1000 }: ComplaintsOptions): Complaints {
  const words: string[] = []
  let count = 0
  let timer: NodeJS.Timeout | null = null

  const flush = () => {
    timer = null
    if (count > 0) report(count, words.at(-1) ?? '')
    count = 0
  }

  return {
    add(line) {
      const clean = redact(line).trim()
      if (clean === '' || MEANS_NOTHING.test(clean)) return
      words.push(clean.slice(0, LONGEST_LINE))
      if (words.length > KEPT_LINES) words.shift()
      count++
      timer ??= setTimeout(flush, everyMs).unref()
    },
    lastWords: () => [...words],
    close({ discard = false } = {}) {
      if (timer) clearTimeout(timer)
      if (discard) count = 0
      flush()
    },
  }
}
