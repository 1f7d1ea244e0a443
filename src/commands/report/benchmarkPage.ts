/** A benchmark as an HTML page: the table, charts, and what this machine cannot show. */

import { benchmarkColumns } from '../benchmark/benchmarkText.ts'
import type { Measured, VariantRow } from '../benchmark/measureVariants.ts'
import { type Axis, type Bar, barChart, pointChart } from './charts.ts'
import { bytes, percent, times } from './numbers.ts'
import { htmlTable, notes, page, section } from './page.ts'

export function benchmarkPage(measured: Measured): string {
  const { model, video, frames, measuredAt } = measured
  return page({
    title: `Variants of ${model}, side by side`,
    subtitle: `${frames} frames of ${video} · ${new Date(measuredAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    sections: benchmarkSections(measured),
  })
}

/** Sections shared with the report of `full`. */
export function benchmarkSections({ rows, cpu, limits }: Measured): string[] {
  const [exact] = rows
  if (exact === undefined) return []
  const machine = `${cpu.model} (${cpu.flags.join(' ') || 'instruction sets unknown'})`
  return [
    section('Speed, size, accuracy', htmlTable(benchmarkColumns(exact), rows), notes([machine, ...limits])),
    section('At a glance', `<div class="charts">${charts(rows).join('\n')}</div>`),
  ]
}

function charts(rows: readonly VariantRow[]): string[] {
  const speed = rows.map((row): Bar => {
    const { spread } = row.throughput[0] ?? {}
    const text = `${row.framesPerSecond.toFixed(1)} (${times(row.speedUp)})`
    return { label: row.variant, value: row.framesPerSecond, text, ...(spread && { spread }) }
  })
  const best = rows.map(
    ({ variant, best }): Bar => ({
      label: variant,
      value: best.framesPerSecond,
      text: `${best.framesPerSecond.toFixed(1)} @ ${best.batch}`,
    }),
  )
  const size = rows.map(({ variant, card }): Bar => ({ label: variant, value: card.bytes, text: bytes(card.bytes) }))
  const memory = rows.flatMap(({ variant, memory }) =>
    memory === null ? [] : { label: variant, value: memory, text: bytes(memory) },
  )
  const points = rows.map(row => ({ label: row.variant, x: row.framesPerSecond, y: row.agreement.share }))
  return [
    barChart('Frames per second at batch size 1: median and quartiles', speed),
    barChart('Frames per second at the best batch size', best),
    barChart('Size on disk', size),
    ...(memory.length === 0 ? [] : [barChart('Resident memory that the model adds', memory)]),
    pointChart('Speed and agreement with fp32’s decisions', points, { x: speedAxis(rows), y: agreementAxis(rows) }),
  ]
}

function speedAxis(rows: readonly VariantRow[]): Axis {
  const most = Math.max(...rows.map(row => row.framesPerSecond))
  return { title: 'frames per second', from: 0, to: 4 * roundStep((most * 1.1) / 4), format: value => String(value) }
}

/** The next of 1, 2, 2.5, 5, 10, 20, …: the axis has four steps of it. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 2.5, 5].find(factor => factor * power >= least) ?? 10)
}

/** Starts at a round number below the worst value, so that differences near 100 % are visible. */
function agreementAxis(rows: readonly VariantRow[]): Axis {
  const least = Math.min(...rows.map(row => row.agreement.share))
  const from = Math.max(0, Math.floor((least - 0.005) * 50) / 50)
  return { title: 'agreement', from, to: 1, format: value => percent(value, 1) }
}
