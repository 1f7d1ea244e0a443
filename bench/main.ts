/** `npm run bench`: all measurements; `npm run bench -- NAME…`: some. Each is written into bench/README.md as soon as it is taken. */

import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { messageOf } from '../src/util/errors.ts'
import { benchEventLoop } from './encoder.ts'
import { benchLatency } from './latency.ts'
import { benchExport } from './onnx.ts'
import { benchGate, benchPipelineOverhead } from './pipeline.ts'
import { benchRender } from './render.ts'
import { type Measurement, markdown, writeMeasurement } from './report.ts'
import { createRig, type Rig } from './rig.ts'
import { benchIdleCamera } from './sources.ts'
import { benchDemoVariants, benchVariants } from './variants.ts'
import { benchDetect, benchPipeline } from './video.ts'
import { benchCameras, benchDemoCpu, benchFirstEvent, benchIdle, benchOverload } from './whole.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '2' } },
})

const MEASUREMENTS: Readonly<Record<string, (rig: Rig) => Measurement | Promise<Measurement>>> = {
  gate: benchGate,
  flow: benchPipelineOverhead,
  'event-loop': benchEventLoop,
  pipeline: benchPipeline,
  detect: benchDetect,
  latency: benchLatency,
  'idle-camera': benchIdleCamera,
  idle: benchIdle,
  cameras: benchCameras,
  overload: rig => benchOverload(rig, Number(values.minutes)),
  render: benchRender,
  'demo-cpu': benchDemoCpu,
  'first-event': benchFirstEvent,
  export: benchExport,
  variants: benchVariants,
  'demo-variants': benchDemoVariants,
}

const unknown = positionals.filter(name => !(name in MEASUREMENTS))
if (unknown.length > 0) {
  console.error(`No measurement ${unknown.join(', ')}. There are: ${Object.keys(MEASUREMENTS).join(', ')}`)
  process.exit(2)
}

const rig = await createRig()
try {
  for (const name of positionals.length > 0 ? positionals : Object.keys(MEASUREMENTS)) await take(name)
} finally {
  await rig.close()
}

/** One that fails stops no other, but it decides the exit code. */
async function take(name: string): Promise<void> {
  const load = (loadavg()[0] ?? 0).toFixed(1)
  try {
    const measurement = await MEASUREMENTS[name]?.(rig)
    if (measurement === undefined) return
    const busy = `Load average of the machine before it began: ${load}.`
    const noted = { ...measurement, notes: [...measurement.notes, busy] }
    writeMeasurement(noted)
    console.log(`\n${markdown(noted)}`)
  } catch (error) {
    process.exitCode = 1
    console.error(`${name}: ${error instanceof Error ? error.stack : messageOf(error)}`)
  }
}
