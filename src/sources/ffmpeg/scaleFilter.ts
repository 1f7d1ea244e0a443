/** How images are scaled, and the shape that they have. */

/**
 * swscale's bicubic is the closest to PIL's (cosines in docs/sources.md). The chroma flags keep colour edges from smearing,
 * `accurate_rnd` and `bitexact` make the pixels the same on every CPU. param0 and param1 are left alone: ffmpeg 5.1
 * truncates them to integers, so that PIL's a = −0.5 cannot be asked for and trying makes it worse.
 */
export const SCALER = 'bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact'

/**
 * Width / height as people see it. D1 recorders send 720x576 for a 16:9 image and state the shape of a pixel (`sar`; 1
 * where the stream does not state it). Bounded, because a wrong value must not ask for a million columns.
 */
export const SEEN = 'clip(iw/ih*clip(sar,0.1,10),0.02,50)'

/** @param width in pixels, or an expression of ffmpeg's */
export function scaleFilter(width: string | number, height: string | number, flags = SCALER): string {
  return `scale=w='${width}':h='${height}':flags=${flags}`
}
