/** How a measurement is written down: one section of bench/README.md each, replaced when it is run again. */

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

export interface Measurement {
  /** Section key. */
  readonly name: string
  /** `npm run bench -- <command>`. Default: the name. */
  readonly command?: string
  readonly title: string
  /** What was done, in one or two sentences: enough to do it again. */
  readonly method: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  readonly notes: readonly string[]
  /** Of chosen seeds, or shorter than usual: it is printed, but not written into README.md. Default false. */
  readonly isTrial?: boolean
}

const FILE = new URL('./README.md', import.meta.url)

export function writeMeasurement(measurement: Measurement): void {
  const before = readFileSync(FILE, 'utf8')
  const mark = `<!-- ${measurement.name} -->`
  const section = `${mark}\n${markdown(measurement)}\n${mark}`
  const [start, end] = [before.indexOf(mark), before.lastIndexOf(mark)]
  const after =
    start < 0
      ? `${before.trimEnd()}\n\n${section}\n`
      : `${before.slice(0, start)}${section}${before.slice(end + mark.length)}`
  writeFileSync(FILE, after)
}

export function markdown({ name, command = name, title, method, columns, rows, notes }: Measurement): string {
  return [
    `## ${title}`,
    '',
    `${method} \`npm run bench -- ${command}\`, ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${machine()}.`,
    '',
    tableOf(columns, rows),
    ...notes.flatMap(note => ['', note]),
  ].join('\n')
}

/** A table in Markdown. */
export function tableOf(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Model, number of cores and the flags that decide speed. */
export function machine(): string {
  const model = cpus()[0]?.model ?? 'unknown processor'
  return `${cpus().length} cores of ${model} (${flags().join(' ') || 'flags unknown'})`
}

const RELEVANT = /^(avx2|avx512f|avx512_vnni|avx_vnni|avx512_bf16|amx_int8|asimddp|i8mm)$/

function flags(): string[] {
  try {
    const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? ''
    return line.split(/\s+/).filter(flag => RELEVANT.test(flag))
  } catch {
    return []
  }
}
