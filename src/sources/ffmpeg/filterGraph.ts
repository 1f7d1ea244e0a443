/** The one filter graph of a camera: sample, then split into model pixels, frame times and snapshots. */

export type Fit = 'stretch' | 'letterbox' | 'crop'

/** `fps`: the first frame of each 1/fps slot. `everyNth`: frame 0, N, 2N, … as decoded. `all`: every frame. */
export type Sampling = { readonly fps: number } | { readonly everyNth: number } | 'all'

export interface GraphOptions {
  readonly sampling: Sampling
  /** Side of the square in pixels. */
  readonly size: number
  readonly fit: Fit
  /** Also emit the time of each frame as `[times]`. */
  readonly times: boolean
  /** Also emit `[jpeg]` with this long side in pixels; smaller images are not enlarged. null: none. */
  readonly snapshotLongSide: number | null
}

/**
 * swscale's bicubic is the closest to PIL's (cosines in docs/sources.md). The chroma flags keep colour edges from smearing,
 * `accurate_rnd` and `bitexact` make the pixels the same on every CPU. param0 and param1 are left alone: ffmpeg 5.1
 * truncates them to integers, so that PIL's a = −0.5 cannot be asked for and trying makes it worse.
 */
export const SCALER = 'bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact'

/** The text for `-filter_complex`; its outputs are `[raw]` and, when asked for, `[times]` and `[jpeg]`. */
export function filterGraph(options: GraphOptions): string {
  const { times, snapshotLongSide } = options
  const outputs = ['[a]', ...(times ? ['[b]'] : []), ...(snapshotLongSide === null ? [] : ['[c]'])]
  const sampled = ['[0:V:0]', [...select(options.sampling), `split=${outputs.length}`].join(','), outputs.join('')]
  const chains = [sampled.join(''), `[a]${fitted(options).join(',')}[raw]`]
  // Its pixels go nowhere, but ffmpeg copies them: one is enough.
  if (times) chains.push('[b]crop=1:1:0:0:exact=1[times]')
  if (snapshotLongSide !== null) chains.push(`[c]${snapshot(snapshotLongSide)}[jpeg]`)
  return chains.join(';')
}

/** Containers round times, many to whole milliseconds: a frame this much early still belongs to its slot. Seconds. */
const SLOT_SLACK_S = 0.001

/**
 * `select` keeps real frames with their own times. The `fps` filter would repeat and shift them, and a frame's time
 * must be true for variable frame rates too.
 */
function select(sampling: Sampling): string[] {
  if (sampling === 'all') return []
  if ('everyNth' in sampling) return [`select='not(mod(n,${sampling.everyNth}))'`]
  const slot = (time: string) => `floor((${time}+${SLOT_SLACK_S})*${sampling.fps})`
  return [`select='isnan(prev_selected_t)+gt(${slot('t')},${slot('prev_selected_t')})'`]
}

/**
 * Width / height as people see it. D1 recorders send 720x576 for a 16:9 image and state the shape of a pixel (`sar`; 1
 * where the stream does not state it). Bounded, because a wrong value must not ask for a million columns.
 */
const SEEN = 'clip(iw/ih*clip(sar,0.1,10),0.02,50)'

/** The image as a square of `size`, cropped or padded at its displayed aspect ratio. */
function fitted({ fit, size }: GraphOptions): string[] {
  const scale = (w: string | number, h: string | number) => `scale=w='${w}':h='${h}':flags=${SCALER}`
  switch (fit) {
    case 'stretch':
      return [scale(size, size), 'format=rgb24']
    case 'letterbox': {
      const side = (ratio: string) => `if(gte(${ratio},1),${size},max(1,round(${size}*${ratio})))`
      return [scale(side(SEEN), side(`1/${SEEN}`)), 'format=rgb24', `pad=${size}:${size}:(ow-iw)/2:(oh-ih)/2`]
    }
    case 'crop': {
      // As CLIP does it: the shorter side becomes `size`, the longer int(size * long / short).
      const side = (ratio: string) => `if(gt(${ratio},1),trunc(${size}*${ratio}+1e-6),${size})`
      return [
        scale(side(SEEN), side(`1/${SEEN}`)),
        'format=rgb24',
        `crop=${size}:${size}:${half('iw')}:${half('ih')}:exact=1`,
      ]
    }
  }

  /** Python's round((n − size) / 2), halves to even. */
  function half(n: string): string {
    return `'if(mod(${n}-${size},2),2*floor((${n}-${size}+1)/4),(${n}-${size})/2)'`
  }
}

/** Counted rather than timed: encoders refuse two frames in one tick, and a camera's times may be that close. */
export const SNAPSHOT_TICK = '1/25'

/** With square pixels: viewers ignore the shape of a pixel that a JPEG may hold. */
function snapshot(longSide: number): string {
  const shrink = `min(1,${longSide}/(ih*max(${SEEN},1)))`
  const size = `w='max(1,round(ih*${SEEN}*${shrink}))':h='max(1,round(ih*${shrink}))'`
  return `scale=${size},setsar=1,format=yuvj420p,settb=${SNAPSHOT_TICK},setpts=N`
}
