/** What `run` prints: a live status on a TTY, plain lines elsewhere. Each event is printed once. */

import { consoleLine, createConsole } from '../../sinks/createConsole.ts'
import { type LiveView, startLiveView, type Watched } from '../../sinks/live/liveView.ts'
import type { LiveHeader } from '../../sinks/live/renderLive.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { TelemetryOptions } from '../../telemetry/createTelemetry.ts'
import type { InternalEvent } from '../../telemetry/internalEvents.ts'
import type { Redactor } from '../../util/redactor.ts'

type Head = Omit<LiveHeader, 'thresholds'>

export interface Terminal {
  readonly logFormat: TelemetryOptions['format']
  /** Takes a whole log line, redacted already. */
  readonly log: (line: string) => void
  readonly say: (sentence: string) => void
  /**
   * Docker and journald show stdout and stderr as one text, so an event stands in one of them: in the log where that is
   * JSON, else in a line on stdout.
   */
  readonly isLogged: (internalEvent: InternalEvent) => boolean
  readonly observe: (internalEvent: InternalEvent) => void
  readonly sink: Sink
  /** Everything runs: the live status, or its head as plain lines. */
  begin(head: Head, watched: () => Watched): void
  end(): void
}

/** @param format the config's `log.format`; json is for programs: no live status then */
export function createTerminal(format: 'auto' | 'pretty' | 'json', redact: Redactor): Terminal {
  const isLive = format === 'auto' && process.stdout.isTTY === true
  let view: LiveView | null = null
  const write = (text: string) => (view ? view.print(text) : process.stderr.write(text))
  const plain = createConsole({
    write: line => process.stdout.write(line),
    format: change => (format === 'json' ? null : consoleLine(change)),
  })
  const live: Sink = outcomes$ =>
    outcomes$.forEach(outcome => {
      view?.show(outcome)
    })
  return {
    logFormat: format === 'json' ? 'json' : process.stderr.isTTY && process.stderr.hasColors() ? 'colors' : 'pretty',
    log: write,
    say: sentence => write(`${redact(sentence)}\n`),
    isLogged: internalEvent =>
      isLive || format === 'json' || internalEvent.type !== 'EventChanged' || internalEvent.change.type === 'update',
    observe: internalEvent => view?.observe(internalEvent),
    sink: isLive ? live : plain,
    begin({ title, notes }, watched) {
      const head = { title, notes: notes.map(redact) }
      if (isLive) view = startLiveView(process.stdout, head, watched)
      else if (format !== 'json') process.stdout.write(`${[head.title, ...head.notes].join('\n')}\n`)
    },
    end() {
      view?.close()
      view = null
    },
  }
}
