/** What a source gives and needs: pictures that do not know their camera's bookkeeping yet. */

import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { Ffmpeg } from './ffmpeg/findFfmpeg.ts'

export interface DecodedImage {
  /** ms since the epoch. Live: arrival. Files: the file's start plus the presentation time. */
  readonly capturedAt: number
  /** [size, size, 3] uint8 RGB, in a buffer of its own. */
  readonly pixels: Uint8Array<ArrayBuffer>
  /** Side in pixels. */
  readonly size: number
  /** The same picture as JPEG at snapshot size; null when not asked for. */
  readonly jpeg: Uint8Array | null
}

export interface SourceDeps {
  readonly ffmpeg: Pick<Ffmpeg, 'path' | 'version' | 'isStatic'>
  readonly telemetry: Telemetry
  /** Takes secrets out of whatever ffmpeg says. */
  readonly redact: (text: string) => string
}
