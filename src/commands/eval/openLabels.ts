/** Reads labels files and finds the video of each. */

import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { LabelledVideo } from '../../eval/labels/label.ts'
import { labelError } from '../../eval/labels/labelError.ts'
import { readLabels } from '../../eval/labels/readLabels.ts'
import { WatchwordError } from '../../util/errors.ts'
import { isThere, readWhole } from '../../util/readFile.ts'

/** A video with its labels. */
export interface Footage extends LabelledVideo {
  /** Path of the labels file, as it was named. */
  readonly file: string
  /** Path of the video. */
  readonly path: string
  /** Overlapping spans of one event are one. */
  readonly merges: boolean
}

/** Annotations of hours, frame by frame, have tens of MB. */
const MOST_BYTES = 256 * 2 ** 20

const VIDEOS = [
  '.mp4',
  '.mkv',
  '.mov',
  '.avi',
  '.webm',
  '.m4v',
  '.ts',
  '.mpg',
  '.mpeg',
  '.h264',
  '.h265',
  '.264',
  '.265',
]

/**
 * @param files paths of labels files
 * @param video the video of the one labels file, whatever the file says
 * @throws WatchwordError `file-unreadable`, `labels-invalid`, `labels-without-video`, `invalid-option`
 */
export async function openLabels(files: readonly string[], video: string | undefined): Promise<Footage[]> {
  const footage: Footage[] = []
  for (const file of files) {
    const { videos, merges } = readLabels({ file, text: await readText(file) })
    if (video !== undefined && (files.length > 1 || videos.length > 1)) throw oneVideo(files.length, videos.length)
    for (const labelled of videos) {
      const path = video ?? (await videoOf(file, labelled))
      const twin = footage.find(other => resolve(other.path) === resolve(path))
      if (twin !== undefined)
        throw new WatchwordError(`${path} has labels in ${twin.file} and again in ${file}: put them into one file`, {
          code: 'labels-invalid',
        })
      footage.push({ ...labelled, file, path, merges })
    }
  }
  return footage
}

async function readText(file: string): Promise<string> {
  const bytes = (await stat(file).catch(() => null))?.size ?? 0
  if (bytes > MOST_BYTES) throw labelError(file, null, `Expected at most ${MOST_BYTES} bytes of labels, got ${bytes}`)
  return new TextDecoder().decode(await readWhole(file))
}

function oneVideo(files: number, videos: number): WatchwordError {
  const got = files > 1 ? `${files} labels files` : `labels of ${videos} videos`
  return new WatchwordError(`Expected the labels of one video with --video, got ${got}`, {
    code: 'invalid-option',
    hint: 'Leave --video out: a labels file names its video, or has its base name',
  })
}

async function videoOf(file: string, { video }: LabelledVideo): Promise<string> {
  if (video.length > 0) {
    const paths = video.map(name => beside(file, name))
    const found = paths.find(isThere)
    if (found !== undefined) return found
    throw withoutVideo(`${file} names the video ${video.at(-1)}, and there is no ${paths.at(-1)}`)
  }
  const stem = basename(file, extname(file))
  const names = (await readdir(dirname(file))).filter(
    name => basename(name, extname(name)) === stem && VIDEOS.includes(extname(name).toLowerCase()),
  )
  const [name, ...others] = names.sort()
  if (name === undefined) throw withoutVideo(`${file} names no video, and no video ${stem} is beside it`)
  if (others.length > 0) throw withoutVideo(`${file} names no video, and ${names.join(', ')} are beside it`)
  return beside(file, name)
}

/** A path relative to the labels file; an absolute one stays. */
function beside(file: string, name: string): string {
  return name.startsWith('/') ? name : join(dirname(file), name)
}

function withoutVideo(message: string): WatchwordError {
  return new WatchwordError(message, {
    code: 'labels-without-video',
    hint: 'Name it in `video`, give it the base name of the labels file, or use --video',
  })
}
