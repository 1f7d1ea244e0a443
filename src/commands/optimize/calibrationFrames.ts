/** The frames that a model is measured on. */

import type { OptimizeDeps, OptimizeOptions } from './optimizeOptions.ts'

/** The same scenes at any size: of the video, or synthetic ones for the bundled model; none for other models. */
export async function calibrationFrames(
  { calibrate, numFrames }: Pick<OptimizeOptions, 'calibrate' | 'numFrames'>,
  deps: Pick<OptimizeDeps, 'readFrames' | 'drawImages'>,
  { name, size }: { name: string; size: number },
): Promise<Uint8Array[]> {
  if (calibrate !== undefined) return deps.readFrames(calibrate, { size, count: numFrames })
  return name === 'demo' ? deps.drawImages(size) : []
}
