/** How far a download is: one moving line on a terminal, one line per file elsewhere. */

import type { PullProgress } from '../../models/pullModel.ts'
import { megabytes } from './printModels.ts'

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export interface Progress {
  show(progress: PullProgress): void
  /** Leaves the line as it is and goes to the next. Once is enough. */
  end(): void
}

/** A terminal that is written to more often only flickers. */
const REDRAW_MS = 100

export function showProgress(output: Output, now: () => number = Date.now): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY
  let file = ''
  let open = false
  return {
    show(progress) {
      const isNew = progress.file !== file
      file = progress.file
      if (output.isTTY !== true) {
        if (isNew) output.write(`fetching ${file}\n`)
        return
      }
      const isLast = progress.bytes >= progress.totalBytes
      if (!isNew && !isLast && now() - drawnAt < REDRAW_MS) return
      drawnAt = now()
      open = true
      output.write(`\r\x1b[K${line(progress)}`)
    },
    end() {
      if (open) output.write('\n')
      open = false
    },
  }
}

function line({ file, bytes, totalBytes }: PullProgress): string {
  // Sizes that nobody published may carry it a little past the total.
  const share = Math.min(1, bytes / Math.max(1, totalBytes))
  const bar = '█'.repeat(Math.round(share * 20)).padEnd(20, '░')
  return `${bar} ${(share * 100).toFixed(0).padStart(3)} % of ${megabytes(totalBytes)}  ${file}`
}
