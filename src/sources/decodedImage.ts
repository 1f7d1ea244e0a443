/** What a source emits and needs: decoded images, before the supervisor numbers them. */

import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { DetailImage } from '../types.ts'
import type { Ffmpeg } from './ffmpeg/findFfmpeg.ts'

export interface DecodedImage {
  /** ms since the epoch. Live: arrival. Files: the file's start plus the presentation time. */
  readonly capturedAt: number
  /** [size, size, 3] uint8 RGB, in a buffer of its own. */
  readonly pixels: Uint8Array<ArrayBuffer>
  /** Side in pixels. */
  readonly size: number
  /** The same image as JPEG at snapshot size; null when not asked for. */
  readonly jpeg: Uint8Array | null
  readonly detail: DetailImage | null
  readonly zoneImages: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
}

export interface SourceDeps {
  readonly ffmpeg: Pick<Ffmpeg, 'path' | 'version'>
  readonly telemetry: Telemetry
  /** Removes secrets from ffmpeg's messages. */
  readonly redact: (text: string) => string
}
