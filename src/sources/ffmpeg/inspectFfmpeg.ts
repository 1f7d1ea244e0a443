/** Finds out version and abilities of an ffmpeg binary. */

import { runChild } from '../../util/childProcess.ts'

export interface Version {
  readonly major: number
  readonly minor: number
}

export interface Inspection {
  readonly version: Version
  readonly hasRtsp: boolean
}

const TIMEOUT_MS = 10_000

/** Runs the binary to inspect it. @returns a text that says what is wrong when it cannot be used */
export async function inspectFfmpeg(path: string, signal?: AbortSignal): Promise<Inspection | string> {
  const ask = (args: string[]) => runChild(path, { args, timeoutMs: TIMEOUT_MS, ...(signal ? { signal } : {}) })
  const about = await ask(['-hide_banner', '-version'])
  if (about.failure) return `cannot be started (${about.failure.code ?? about.failure.message})`
  if (about.timedOut) return 'does not answer'
  if (about.code !== 0) return `ends with ${about.signal ?? `code ${about.code}`} when asked for its version`
  const version = parseVersion(about.stdout)
  if (version === null) return 'is not an ffmpeg'
  const demuxers = await ask(['-hide_banner', '-demuxers'])
  return {
    version,
    hasRtsp: /^ *D\S* +rtsp\s/m.test(demuxers.stdout),
  }
}

/** libavcodec's major version minus this is ffmpeg's, for every release since 3.0. */
const LIBAVCODEC_OFFSET = 54

/**
 * Builds from git call themselves `N-47683-g0e8eb07980`; the version of libavcodec is there in all of them.
 * @param text of `ffmpeg -version`
 */
export function parseVersion(text: string): Version | null {
  const named = /^ffmpeg version n?(\d+)\.(\d+)/m.exec(text)
  if (named) return { major: Number(named[1]), minor: Number(named[2]) }
  const library = /^libavcodec\s+(\d+)\./m.exec(text)
  return library ? { major: Number(library[1]) - LIBAVCODEC_OFFSET, minor: 0 } : null
}

export function isAtLeast(version: Version, major: number, minor = 0): boolean {
  return version.major > major || (version.major === major && version.minor >= minor)
}
