/** Each event is printed once, whether stdout and stderr are read apart or as one text. */

import { of } from 'rxjs'
import { afterEach, expect, it, vi } from 'vitest'
import { createTerminal } from '../../../src/commands/run/terminal.ts'
import { createTelemetry } from '../../../src/telemetry/createTelemetry.ts'
import { createRedactor } from '../../../src/util/redactor.ts'
import { change } from '../../support/change.ts'

const redact = createRedactor()
const written = { stdout: '', stderr: '' }

afterEach(() => {
  vi.restoreAllMocks()
  Object.assign(written, { stdout: '', stderr: '' })
})

/** An event begins and ends: the sink gets it, and telemetry does. */
async function show(format: 'pretty' | 'json'): Promise<void> {
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation(text => {
      written[stream] += text
      return true
    })
  const { sink, isLogged, log, logFormat } = createTerminal(format, redact)
  const telemetry = createTelemetry({ level: 'info', format: logFormat, redact, write: log, isLogged })
  const changes = [change('new', 'a', 0), change('end', 'a', 1)]
  for (const each of changes) telemetry.emit({ type: 'EventChanged', change: each })
  telemetry.emit({ type: 'Stopping', reason: 'SIGTERM' })
  await sink(of(...changes))
  telemetry.close()
}

it('as a line on stdout, and the log without it', async () => {
  await show('pretty')
  expect(written.stdout.match(/began|ended/g)).toEqual(['began', 'ended'])
  expect(written.stderr).not.toMatch(/began|ended/)
  expect(written.stderr).toContain('stopping: SIGTERM')
})

it('as a line of JSON where the log is JSON, and nothing else between those', async () => {
  await show('json')
  expect(written.stdout).toBe('')
  const lines = written.stderr.trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line).type)).toEqual(['EventChanged', 'EventChanged', 'Stopping'])
})
