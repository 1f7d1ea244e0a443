/** Telemetry: one `emit` makes the log line, the metric and the state of readiness. */

import { pino } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Redactor } from '../util/redactor.ts'
import type { KnownSeries } from './createDeclare.ts'
import { createMetricsRenderer } from './createMetricsRenderer.ts'
import { exposition } from './exposition.ts'
import { createFloodGate } from './floodGate.ts'
import type { InternalEvent, Telemetry } from './internalEvents.ts'
import { type Level, lineOf } from './logLine.ts'
import { createMetrics } from './metrics.ts'
import { pretty } from './pretty.ts'
import { isHealthy, isReady, NOT_READY, stepReadiness } from './readiness.ts'
import { type Served, type ServeOptions, serve } from './serve.ts'

export interface TelemetryOptions {
  readonly level: Level
  /** json: a line of JSON each. pretty: for eyes. colors: pretty with colours. */
  readonly format: 'json' | 'pretty' | 'colors'
  /** Every line goes through it. */
  readonly redact: Redactor
  /** Takes whole lines; stderr by default, so that stdout stays clean for results. */
  readonly write?: (line: string) => void
  /** False for internal events that are shown elsewhere; default: every one that has a line is logged. */
  readonly isLogged?: (internalEvent: InternalEvent) => boolean
}

export interface TelemetryHub extends Telemetry {
  readonly registry: Registry
  /** Each is called with everything that is emitted, after it was logged and counted. */
  readonly listeners: Set<(internalEvent: InternalEvent) => void>
  /** Starts the series of all cameras and variants at 0; again after a reload. */
  declare(world: KnownSeries): void
  /** Serves /metrics, /healthz and /readyz. @throws WatchwordError `port-in-use`, `port-not-allowed` */
  serve(options: ServeOptions): Promise<Served>
  /** Writes the lines that are still held back. */
  close(): void
}

export function createTelemetry(options: TelemetryOptions): TelemetryHub {
  const log = createLog(options)
  const flood = createFloodGate(({ level, message, fields }) => log[level](fields, message))
  const registry = new Registry()
  const metrics = createMetrics(registry)
  collectDefaultMetrics({ register: registry })
  // Gauges that end in `_total`, which OpenMetrics keeps for counters. The same counts exist by type.
  for (const kind of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${kind}_total`)
  const render = createMetricsRenderer(registry, (metric, error) =>
    flood.write({
      level: 'warn',
      message: `cannot read metric ${metric}: ${error}`,
      fields: { metric },
      sumAs: metric,
    }),
  )
  let readiness = NOT_READY

  const { isLogged = () => true } = options
  const listeners = new Set<(internalEvent: InternalEvent) => void>()

  const observe = (internalEvent: InternalEvent) => {
    try {
      metrics.observe(internalEvent)
      readiness = stepReadiness(readiness, internalEvent)
      const line = isLogged(internalEvent) ? lineOf(internalEvent) : null
      if (line !== null) flood.write({ ...line, fields: { type: internalEvent.type, ...line.fields } })
    } catch (error) {
      // A failure of telemetry must not stop the product.
      log.error({ type: internalEvent.type, error: String(error) }, 'telemetry failed')
    }
  }
  const emit = (internalEvent: InternalEvent) => {
    observe(internalEvent)
    for (const listener of listeners) listener(internalEvent)
  }
  return {
    emit,
    listeners,
    registry,
    declare: metrics.declare,
    serve: async where => {
      const served = await serve(
        {
          '/metrics': async accept => [200, ...exposition(await render(), accept)],
          '/healthz': async () => state(isHealthy(readiness), { healthy: isHealthy(readiness), ...readiness }),
          '/readyz': async () => state(isReady(readiness), { ready: isReady(readiness), ...readiness }),
        },
        where,
      )
      emit({ type: 'MetricsServed', url: `${served.url}/metrics` })
      return served
    },
    close: () => flood.flush(),
  }
}

function state(good: boolean, body: Readonly<Record<string, unknown>>) {
  return [good ? 200 : 503, 'application/json', `${JSON.stringify(body)}\n`] as const
}

function createLog({ level, format, redact, write = toStderr }: TelemetryOptions) {
  const show = (line: string) => (format === 'json' ? line : pretty(line, { colors: format === 'colors' }))
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    // The whole line is redacted: a secret may be in any field.
    { write: line => write(redact(show(line))) },
  )
}

function toStderr(line: string): void {
  process.stderr.write(line)
}
