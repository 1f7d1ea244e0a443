/** What `optimize` is asked for, and the parts of the program that it uses. */

import type { ScoringTexts } from '../../scoringTypes.ts'
import type { OwnExport, OwnModel } from './exportOwn.ts'

export interface OptimizeOptions {
  readonly outputDir: string
  /** Name or folder. */
  readonly model: string
  readonly variants: readonly string[]
  /** Fraction that `pruned` without a percentage removes, [0, 1). */
  readonly pruneAmount: number
  /** Fraction of heads and neurons that `slim` without a percentage removes, [0, 1). */
  readonly slimAmount: number
  /** A video to measure on. Without one, the demo model uses synthetic images and other models are not measured. */
  readonly calibrate?: string
  /** Number of frames to take from it. */
  readonly numFrames: number
  readonly recipe?: string
  /** Events whose decisions are compared: names in the prompt library, or phrases. */
  readonly events: readonly string[]
  readonly force?: boolean
  /** Graphs of standard ONNX operators instead of fused ones. */
  readonly plain?: boolean
  /** Side of the images in pixels. Default: the model's own. */
  readonly imageSize?: number
  readonly json?: boolean
}

export interface OptimizeDeps {
  /** The model's directory, with fp32. */
  readonly findModel: (nameOrDir: string) => Promise<{ readonly dir: string; readonly name: string }>
  /** Exports the model's checkpoint with settings of its own, into a work folder inside the output folder. */
  readonly exportOwn: (nameOrDir: string, own: OwnExport, outputDir: string) => Promise<OwnModel>
  readonly readFrames: (video: string, options: { size: number; count: number }) => Promise<Uint8Array[]>
  /** Synthetic images for the bundled model. */
  readonly drawImages: (size: number) => Promise<Uint8Array[]>
  readonly readTexts: (modelDir: string, events: readonly string[]) => Promise<ScoringTexts>
  readonly onStep: (step: string) => void
  /** Fraction of the variants that are done, [0, 1]. */
  readonly onProgress: (fraction: number) => void
}
