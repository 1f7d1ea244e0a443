/** Reads the first bytes of a file and what they say about its content. */

import { open } from 'node:fs/promises'

const HEAD = 512

/** The first bytes; empty if the file cannot be read. */
export async function readHead(path: string): Promise<Buffer> {
  const file = await open(path).catch(() => null)
  try {
    const found = await file?.read(Buffer.alloc(HEAD), 0, HEAD, 0)
    return found ? found.buffer.subarray(0, found.bytesRead) : Buffer.alloc(0)
  } catch {
    return Buffer.alloc(0)
  } finally {
    await file?.close()
  }
}

/** The demuxer for an image with `%` in its name: ffmpeg would read `front%20door.jpg` as a numbered sequence. null: ffmpeg's choice. */
export async function demuxerFor(path: string): Promise<string | null> {
  return path.includes('%') ? imageDemuxer(await readHead(path)) : null
}

/** ffmpeg's demuxer for an image of this content; null for other content. */
function imageDemuxer(head: Buffer): string | null {
  const hex = head.toString('hex', 0, 8)
  if (hex.startsWith('ffd8ff')) return 'jpeg_pipe'
  if (hex === '89504e470d0a1a0a') return 'png_pipe'
  if (hex.startsWith('49492a00') || hex.startsWith('4d4d002a')) return 'tiff_pipe'
  const text = head.toString('latin1', 0, 12)
  if (/^RIFF.{4}WEBP/s.test(text)) return 'webp_pipe'
  if (text.startsWith('GIF8')) return 'gif'
  return text.startsWith('BM') ? 'bmp_pipe' : null
}

/** Why ffmpeg cannot read a file that begins so, and what to do; null when its content is no reason. */
export function unreadableContent(head: Buffer): string | null {
  const text = head.toString('latin1')
  if (text.startsWith('version https://git-lfs.github.com/spec/'))
    return 'it is a Git LFS pointer, not the file itself: fetch it with `git lfs pull`'
  if (/^\s*<(!doctype html|html|\?xml)/i.test(text)) return 'it is a web page or XML: download the file itself'
  if (/^RIFF.{4}WEBPVP8X/s.test(text) && ((head[20] ?? 0) & 2) !== 0)
    return 'it is an animated WebP, which this ffmpeg cannot read: save it as a GIF or a video'
  if (/^.{4}ftyp(heic|heix|hevc|mif1|msf1|avif|avis)/s.test(text))
    return 'it is a HEIF or AVIF image, which this ffmpeg cannot read: save it as JPEG or PNG'
  if (text.startsWith('%PDF-')) return 'it is a PDF: save its pages as JPEG or PNG'
  if (text.startsWith('PK\u0003\u0004')) return 'it is a ZIP archive: unpack it first'
  return null
}

/** Whether it may be a video without a container: H.264 or H.265 NAL units, MPEG-4 part 2, AV1 units, or a sequence of JPEGs. */
export function mayBeRaw(head: Buffer): boolean {
  return /^(000001|00000001|ffd8ff|12000a)/.test(head.toString('hex', 0, 4))
}
