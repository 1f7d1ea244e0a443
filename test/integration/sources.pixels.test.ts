import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { decode } from '../../src/sources/ffmpeg/decode.ts'
import { type Ffmpeg, findFfmpeg } from '../../src/sources/ffmpeg/findFfmpeg.ts'
import { imageParts } from '../../src/sources/imageParts.ts'

// CLIP's reference preprocessing (PIL 9.4.0), as the fixtures' README says.
const SIZE = 224
const MEAN = [0.48145466, 0.4578275, 0.40821073]
const STD = [0.26862954, 0.26130258, 0.27577711]

/** swscale's bicubic has a = −0.6, PIL's −0.5: what is left below 1 is that, and rounding. Measured: docs/sources.md. */
const LEAST_COSINE = 0.9999

let ffmpeg: Ffmpeg
beforeAll(async () => {
  ffmpeg = await findFfmpeg()
})

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/sources/preprocess/${name}`, import.meta.url))

test.each(['franz-kafka.jpg', 'CLIP-diagram.png', 'campus-0070.0s.png', 'car-0016.5s.png'])(
  '%s scaled and cropped is what CLIP’s own preprocessing makes of it',
  async name => {
    const reference = await sharp(fixture(name.replace(/\.\w+$/, '-clip224.png')))
      .removeAlpha()
      .raw()
      .toBuffer()
    const cosine = cosineOf(normalized(await cropped(fixture(name))), normalized(reference))
    console.log(`${name} cosine ${cosine.toFixed(6)}`)
    expect(cosine).toBeGreaterThanOrEqual(LEAST_COSINE)
  },
)

async function cropped(path: string): Promise<Uint8Array> {
  const pictures = decode(
    {
      input: { kind: 'file', path, realtime: false, loop: false },
      sampling: 'all',
      size: SIZE,
      fit: 'crop',
      keyframesOnly: false,
      times: false,
      snapshot: null,
      maxFrames: 1,
      hwaccel: null,
      ...imageParts({}),
    },
    { ffmpeg, redact: text => text, onDecodeErrors: () => {}, onEnd: () => {} },
  )
  for await (const { pixels } of pictures) return pixels
  throw new Error(`no picture came from ${path}`)
}

function normalized(pixels: Uint8Array): number[] {
  return Array.from(pixels, (value, i) => (value / 255 - (MEAN[i % 3] ?? 0)) / (STD[i % 3] ?? 1))
}

function cosineOf(a: number[], b: number[]): number {
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}
