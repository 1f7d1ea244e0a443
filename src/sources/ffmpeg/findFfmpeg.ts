/** Finds an ffmpeg that works, in the order: config, FFMPEG_BIN, PATH, ffmpeg-static, @ffmpeg-installer. */

import { access, constants } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { WatchwordError } from '../../util/errors.ts'
import { inspectFfmpeg, isAtLeast, type Version } from './inspectFfmpeg.ts'

export type FfmpegOrigin = 'config' | 'FFMPEG_BIN' | 'PATH' | 'ffmpeg-static' | '@ffmpeg-installer'

export interface Ffmpeg {
  readonly path: string
  readonly version: Version
  readonly origin: FfmpegOrigin
  /** A disadvantage of this choice, one sentence; null when there is none. */
  readonly warning: string | null
}

export interface FindOptions {
  /** `ffmpeg.path` of the config. */
  readonly configured?: string | undefined
  readonly signal?: AbortSignal
  /** Default: process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Default: the npm packages that are installed. */
  readonly shipped?: readonly Candidate[]
}

export interface Candidate {
  readonly origin: FfmpegOrigin
  readonly path: string
}

/** An older ffmpeg on PATH is not used if there is a better one. */
const MODERN = 5

/**
 * A named binary (config, FFMPEG_BIN) must work: otherwise it is an error, and no other binary takes its place.
 * @throws WatchwordError `ffmpeg-not-found`, `ffmpeg-unusable`
 */
export async function findFfmpeg(options: FindOptions = {}): Promise<Ffmpeg> {
  const { configured, signal, env = process.env } = options
  const named: Candidate | null = configured
    ? { origin: 'config', path: configured }
    : env.FFMPEG_BIN
      ? { origin: 'FFMPEG_BIN', path: env.FFMPEG_BIN }
      : null
  if (named) {
    const tried = await tryOne(named, signal)
    if (typeof tried !== 'string') return tried
    throw new WatchwordError(`The ffmpeg of ${where(named)}, ${named.path}, ${tried}`, {
      code: 'ffmpeg-unusable',
      hint: `Correct ${where(named)}, or remove it to let Watchword search for ffmpeg.`,
      facts: { path: named.path, origin: named.origin },
    })
  }

  const refused: string[] = []
  for (const candidate of [...(await onPath(env)), ...(options.shipped ?? shippedCandidates())]) {
    const tried = await tryOne(candidate, signal)
    if (typeof tried !== 'string') return tried
    refused.push(`${candidate.path} ${tried}`)
  }
  throw new WatchwordError(
    `No usable ffmpeg was found${refused.length > 0 ? `: ${refused.join('; ')}` : ' on PATH or among the npm packages'}`,
    { code: 'ffmpeg-not-found', hint: `${remedy(process.platform)}, or point FFMPEG_BIN at one.`, facts: { refused } },
  )
}

/** How to install ffmpeg on this platform. */
export function remedy(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Install it with `brew install ffmpeg`'
  if (platform === 'win32') return 'Install it with `winget install Gyan.FFmpeg`'
  return 'Install it with `sudo apt install ffmpeg` (Debian, Ubuntu), `sudo dnf install ffmpeg-free` (Fedora) or `apk add ffmpeg` (Alpine)'
}

async function tryOne({ origin, path }: Candidate, signal: AbortSignal | undefined): Promise<Ffmpeg | string> {
  const found = await inspectFfmpeg(path, signal)
  if (typeof found === 'string') return found
  if (!found.hasRtsp) return 'was built without RTSP'
  const { version } = found
  const old = !isAtLeast(version, MODERN)
  const name = `${version.major}.${version.minor}`
  if (old && origin === 'PATH') return `is ffmpeg ${name}; 5 or newer is needed`
  const warning = old
    ? `Using ffmpeg ${name} of ${where({ origin, path })}: it works, but it is old and gets no security fixes. ${remedy(process.platform)}.`
    : null
  return { path, version, origin, warning }
}

function where({ origin }: Candidate): string {
  return origin === 'config' ? 'ffmpeg.path' : origin
}

/** Every `ffmpeg` that PATH names, as absolute paths, so that what was checked is what runs. */
async function onPath(env: Readonly<Record<string, string | undefined>>): Promise<Candidate[]> {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg'
  const folders = (env.PATH ?? '').split(delimiter).filter(folder => folder !== '')
  const paths = [...new Set(folders.map(folder => join(folder, name)))]
  const there = await Promise.all(paths.map(isExecutable))
  return paths.filter((_, i) => there[i]).map(path => ({ origin: 'PATH', path }))
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Optional packages: absent after a failed download, or present with a path to a missing binary. */
function shippedCandidates(): Candidate[] {
  const require = createRequire(import.meta.url)
  const load = (name: string): unknown => {
    try {
      return require(name)
    } catch {
      return null
    }
  }
  const installed = load('@ffmpeg-installer/ffmpeg')
  const found: [FfmpegOrigin, unknown][] = [
    ['ffmpeg-static', load('ffmpeg-static')],
    ['@ffmpeg-installer', installed && typeof installed === 'object' && 'path' in installed ? installed.path : null],
  ]
  return found.flatMap(([origin, path]) => (typeof path === 'string' ? [{ origin, path }] : []))
}
