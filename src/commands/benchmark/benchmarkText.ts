/** Prints a benchmark as a table and as JSON. */

import { NO_POSITIVES_NOTE } from '../optimize/optimizeText.ts'
import { bytes, count, fixed, percent, times } from '../report/numbers.ts'
import { type Column, table } from '../report/table.ts'
import type { Measured, VariantRow } from './measureVariants.ts'

/** Columns of the table in the terminal and in the report. */
export function benchmarkColumns(exact: VariantRow): Column<VariantRow>[] {
  const quartiles = ({ latencyMs: { quartiles } }: VariantRow) => quartiles.map(value => value.toFixed(1)).join('–')
  return [
    { title: 'variant', cell: row => row.variant, align: 'left' },
    { title: 'p50 ms', cell: row => row.latencyMs.p50.toFixed(1) },
    { title: '(quartiles)', cell: quartiles },
    { title: 'p95 ms', cell: row => row.latencyMs.p95.toFixed(1) },
    { title: 'frames/s', cell: row => row.framesPerSecond.toFixed(1) },
    { title: 'speed-up', cell: row => times(row.speedUp) },
    { title: 'best batch', cell: row => `${row.best.framesPerSecond.toFixed(1)} @ ${row.best.batch}` },
    { title: 'size', cell: row => bytes(row.card.bytes) },
    { title: 'of fp32', cell: row => percent(row.card.bytes / exact.card.bytes, 1) },
    { title: 'memory', cell: row => bytes(row.memory) },
    { title: 'parameters', cell: row => count(row.card.parameters.total) },
    { title: 'sparsity', cell: row => percent(row.card.sparsity) },
    { title: 'cosine', cell: row => fixed(row.cosine.mean, 5) },
    { title: 'agreement', cell: row => percent(row.agreement.share, 1) },
  ]
}

export function benchmarkText(measured: Measured): string {
  const { model, video, frames, cpu, limits, rows } = measured
  const [exact] = rows
  if (exact === undefined) return ''
  const { positives, decisions } = exact.agreement
  const lines = [
    `${model} on ${frames} frames of ${video}; fp32 says yes to ${positives} of ${decisions} decisions${positives === 0 ? NO_POSITIVES_NOTE : ''}`,
    `${cpu.model} (${cpu.flags.join(' ') || 'flags unknown'}), int8 layers by the ${cpu.int8Kernel} kernels of onnxruntime`,
    '',
    table(benchmarkColumns(exact), rows),
    '',
    ...limits,
    'Measured in turns in one process, at batch size 1 if not stated otherwise; a frame’s embedding depends on its batch by at most ' +
      `${Math.max(...rows.map(row => row.batchDifference)).toExponential(1)} of its norm.`,
  ]
  return `${lines.join('\n')}\n`
}

export function benchmarkJson({ rows, measuredAt, ...rest }: Measured): string {
  const variants = rows.map(({ card, latencyMs, ...row }) => ({
    variant: row.variant,
    latency_ms: { p50: latencyMs.p50, p95: latencyMs.p95, quartiles: latencyMs.quartiles },
    frames_per_second: row.framesPerSecond,
    speed_up: row.speedUp,
    best: { batch: row.best.batch, frames_per_second: row.best.framesPerSecond },
    throughput: row.throughput.map(({ batch, framesPerSecond, spread }) => ({
      batch,
      frames_per_second: framesPerSecond,
      quartiles: spread,
    })),
    bytes: card.bytes,
    memory_bytes: row.memory,
    parameters: card.parameters,
    sparsity: card.sparsity,
    cosine: row.cosine,
    agreement: row.agreement,
    batch_difference: row.batchDifference,
    sha256: card.sha256,
  }))
  return `${JSON.stringify({ ...rest, measured_at: new Date(measuredAt).toISOString(), variants }, null, 2)}\n`
}
