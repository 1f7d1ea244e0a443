/** Shows the progress of a download: a progress bar on a terminal, else one line per file. */

import type { PullProgress } from '../../models/pullModel.ts'
import { megabytes } from './printModels.ts'

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export interface Progress {
  show(progress: PullProgress): void
  /** Ends the line of the progress bar. Further calls do nothing. */
  end(): void
}

/** More frequent updates would flicker. */
const REDRAW_MS = 100

export function showDownload(output: Output, now: () => number = Date.now): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY
  let file = ''
  let open = false
  return {
    show(progress) {
      const isNew = progress.file !== file
      file = progress.file
      if (output.isTTY !== true) {
        if (isNew) output.write(`downloading ${file}\n`)
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
  // Files of unknown size may exceed the total.
  const fraction = Math.min(1, bytes / Math.max(1, totalBytes))
  const bar = '█'.repeat(Math.round(fraction * 20)).padEnd(20, '░')
  return `${bar} ${(fraction * 100).toFixed(0).padStart(3)} % of ${megabytes(totalBytes)}  ${file}`
}
