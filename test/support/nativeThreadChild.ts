/**
 * A process that ends threads of onnxruntime at the worst moments. `stop`: terminates threads that load, open and run a
 * model, again and again. `exit`: exits while one runs. `signal`: the same, by a signal. `stuck`: exits while a native
 * call does not return. `throw`: an uncaught error while one runs.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { exitOnSignals } from '../../src/commands/exitOnSignals.ts'
import { startSessionRunner } from '../../src/onnx/measure/sessionRunner.ts'
import { startNativeWorker } from '../../src/util/startNativeWorker.ts'

const [mode = 'stop', rounds = '1'] = process.argv.slice(2)
const MODEL = 'test/fixtures/clip/tiny/vision.int8.onnx'
const picture = new Uint8Array(8 * 8 * 3)
/** One run takes tens of milliseconds. */
const pictures = Array.from({ length: 4000 }, () => picture)

if (mode === 'stuck') {
  // A thread that never says that its first native call, the loading, is over.
  startNativeWorker(new URL('data:text/javascript,setInterval(() => 0, 1000)'), 'file:///child.js', null)
  process.exit(7)
}

for (let round = 0; round < Number(rounds); round++) {
  const runner = startSessionRunner({ format: { imageSize: 8, mean: [0, 0, 0], std: [1, 1, 1] }, threads: 1 })
  const opened = runner.open('int8', MODEL)
  opened.catch(() => undefined)
  if (round % 3 === 2) await delay(round * 40)
  else {
    await opened
    runner.run('int8', pictures).catch(() => undefined)
    await delay(5 + round * 7)
  }
  if (mode === 'exit') process.exit(7)
  if (mode === 'throw') throw new Error('thrown while a model runs')
  if (mode === 'signal') {
    exitOnSignals()
    process.kill(process.pid, 'SIGTERM')
    await delay(60_000)
  }
  await runner.stop()
}
process.stdout.write('all stopped\n')
