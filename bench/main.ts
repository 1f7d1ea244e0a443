/** `npm run bench`: all measurements; `npm run bench -- NAME…`: some; `--json`: as JSON. Each is written into bench/README.md as soon as it is taken. */

import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { messageOf } from '../src/util/errors.ts'
import { InputError } from '../test/support/inputError.ts'
import { benchAccuracy, benchDevelopment } from './accuracy.ts'
import { benchAnswers } from './answers.ts'
import { machineCpuSeconds, ownCpuSeconds } from './cpu.ts'
import { benchEventLoop } from './encoder.ts'
import { benchFirstMinutes } from './firstMinutes.ts'
import { benchGemm } from './gemm.ts'
import { benchHistory } from './history.ts'
import { benchLatency } from './latency.ts'
import { benchExport } from './onnx.ts'
import { benchOutage } from './outage.ts'
import { benchPeers } from './peers.ts'
import { benchGate, benchPipelineOverhead } from './pipeline.ts'
import { benchReal } from './real.ts'
import { benchRender } from './render.ts'
import { type Measurement, markdown, writeMeasurement } from './report.ts'
import { createRig, type Rig } from './rig.ts'
import { benchSoak } from './soak.ts'
import { benchIdleCamera } from './sources.ts'
import { benchTrial } from './trial.ts'
import { benchUdpLoss } from './udpLoss.ts'
import { benchDemoVariants, benchVariants } from './variants.ts'
import { benchDetect, benchPipeline } from './video.ts'
import { benchWeight } from './weight.ts'
import { benchCameras, benchDemoCpu, benchFirstEvent, benchIdle, benchOverload } from './whole.ts'
import { benchZones } from './zones.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string' },
    data: { type: 'string' },
    video: { type: 'string' },
    packages: { type: 'string' },
    python: { type: 'string' },
    distance: { type: 'string' },
    seeds: { type: 'string' },
    name: { type: 'string' },
    crops: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})

const MEASUREMENTS: Readonly<Record<string, (rig: Rig) => Measurement | Promise<Measurement | null>>> = {
  gate: benchGate,
  flow: benchPipelineOverhead,
  'event-loop': benchEventLoop,
  pipeline: benchPipeline,
  detect: benchDetect,
  latency: benchLatency,
  'idle-camera': benchIdleCamera,
  outage: benchOutage,
  'udp-loss': benchUdpLoss,
  idle: benchIdle,
  cameras: benchCameras,
  overload: rig => benchOverload(rig, Number(values.minutes ?? 2)),
  soak: rig => benchSoak(rig, Number(values.minutes ?? 25)),
  render: benchRender,
  'demo-cpu': benchDemoCpu,
  'first-event': benchFirstEvent,
  accuracy: rig => benchAccuracy(rig, values),
  zones: rig => benchZones(rig, values),
  'first-minutes': benchFirstMinutes,
  history: rig => benchHistory(rig, Number(values.minutes ?? 60)),
  development: benchDevelopment,
  export: benchExport,
  gemm: benchGemm,
  variants: benchVariants,
  'demo-variants': benchDemoVariants,
  weight: benchWeight,
  peers: rig => {
    const { video, packages, python } = values
    return benchPeers(rig, { video, packages, python, isWanted: positionals.includes('peers') })
  },
  answers: () => benchAnswers({ data: values.data, isWanted: positionals.includes('answers') }),
  trial: () => benchTrial(values),
  real: () => benchReal({ data: values.data, json: values.json, isWanted: positionals.includes('real') }),
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
  rig.close()
}

/** One that fails stops no other, but it decides the exit code. */
async function take(name: string): Promise<void> {
  const disturbances = watchDisturbances()
  try {
    const measurement = await MEASUREMENTS[name]?.(rig)
    if (measurement === undefined || measurement === null) return
    const noted = { ...measurement, notes: [...measurement.notes, disturbances()] }
    if (!noted.isTrial) writeMeasurement(noted)
    console.log(values.json ? JSON.stringify(noted) : `\n${markdown(noted)}`)
  } catch (error) {
    process.exitCode = 1
    console.error(
      `${name}: ${error instanceof Error && !(error instanceof InputError) ? error.stack : messageOf(error)}`,
    )
  }
}

/** What else went on: numbers taken beside other programs are theirs as well. Call the result when all is over. */
function watchDisturbances(): () => string {
  const load = (loadavg()[0] ?? 0).toFixed(1)
  const before = { at: performance.now(), own: ownCpuSeconds(), ...machineCpuSeconds() }
  return () => {
    const seconds = (performance.now() - before.at) / 1000
    const { busy, stolen } = machineCpuSeconds()
    const others = Math.max(0, busy - before.busy - (ownCpuSeconds() - before.own)) / seconds
    const withheld = (stolen - before.stolen) / seconds
    return `Load average of the machine before it began: ${load}; meanwhile other programs took ${others.toFixed(2)} and the hypervisor ${withheld.toFixed(2)} of its ${cpus().length} cores.`
  }
}
