/** The mistakes of a file as lines: `home.yaml:3:5 cameras.front.fps: Expected …`. */

import type { YamlProblem } from './parseYaml.ts'

/** More would hide the first ones, which often cause the others. */
const MOST_LINES = 50

/** In the order of the file. @param file its name, as the user gave it */
export function problemLines(file: string, problems: readonly YamlProblem[]): string[] {
  const sorted = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
  const lines = sorted.slice(0, MOST_LINES).map(({ line, column, path, message }) => {
    const place = line === undefined ? file : `${file}:${line}:${column}`
    return printable(`${place}${path.length === 0 ? '' : ` ${path.map(String).join('.')}`}: ${message}`)
  })
  const more = sorted.length - lines.length
  return more > 0 ? [...lines, `${file}: ${more} more mistakes are not listed`] : lines
}

/** Names and values may hold line breaks and worse. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, character => JSON.stringify(character).slice(1, -1))
}
