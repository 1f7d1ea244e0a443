/** How long after a frame the broker has acknowledged the change that it caused. */

import { startEncoder } from '../src/clip/startEncoder.ts'
import { quantile } from '../src/util/vector.ts'
import { BATCH, CAMERAS, FRAMES_A_SCENE, LOAD, latencyRound, type Round, SECONDS } from './latencyRound.ts'
import type { Measurement } from './report.ts'
import type { Rig } from './rig.ts'

const ROUNDS = 3

export async function benchLatency(rig: Rig): Promise<Measurement> {
  const encoder = await startEncoder(
    { modelDir: await rig.vitB32(), variant: 'fp32', maxBatch: BATCH, provider: 'cpu' },
    { emit: () => {} },
  )
  const rounds: Round[] = []
  try {
    for (let round = 0; round < ROUNDS; round++) rounds.push(await latencyRound(encoder))
  } finally {
    await encoder.close()
  }
  const median = (values: readonly number[]) => quantile(values, 0.5)
  const row = (what: string, times: (round: Round) => readonly number[], target: string) => {
    const at = (q: number) => rounds.map(round => quantile(times(round), q))
    const spread = `${Math.min(...at(0.95)).toFixed(0)} to ${Math.max(...at(0.95)).toFixed(0)}`
    return [
      what,
      median(at(0.5)).toFixed(0),
      `${median(at(0.95)).toFixed(0)} (${spread})`,
      median(at(0.99)).toFixed(0),
      target,
    ]
  }
  const batchMs = median(rounds.map(({ capacity }) => capacity.batchSeconds * 1000))
  const sum = (count: (round: Round) => number) => rounds.reduce((total, round) => total + count(round), 0)
  const encoded = (round: Round) => round.batches.reduce((total, { size }) => total + size, 0)
  const loads = rounds.map(round => (encoded(round) / round.seconds / round.capacity.framesPerSecond) * 100)
  return {
    name: 'latency',
    title: 'From frame to PUBACK',
    method: `${CAMERAS} cameras whose pictures change every ${FRAMES_A_SCENE} frames, so that an event begins or ends each time, at ${LOAD * 100} % of the frames/s that the encoder (ViT-B/32 size, fp32, random weights) reached alone just before at batches of ${BATCH}; pipeline, outbox on disk and MQTT sink with JPEGs against a real Mosquitto, QoS 1. From the capture time of the frame that caused the change. ${ROUNDS} rounds of ${SECONDS} s: medians of the rounds, for p95 with the spread.`,
    columns: ['ms', 'p50', 'p95', 'p99', 'target for p95'],
    rows: [
      row(
        'frame to PUBACK',
        ({ whole }) => whole,
        `≤ ${(batchMs + 150).toFixed(0)}: a full batch (${batchMs.toFixed(0)} ms) + 150`,
      ),
      row('of it to the change: waiting for a batch, encoding, rules', ({ decided }) => decided, ''),
      row('of it from there: outbox, MQTT', ({ sent }) => sent, ''),
      row('a batch in the encoder', ({ batches }) => batches.map(({ seconds }) => seconds * 1000), ''),
    ],
    notes: [
      `${sum(({ whole }) => whole.length)} changes; ${loads.map(load => load.toFixed(0)).join(', ')} % load reached, ${sum(({ dropped }) => dropped)} of ${sum(round => encoded(round) + round.dropped)} frames replaced by newer ones; batches of ${(sum(encoded) / sum(({ batches }) => batches.length)).toFixed(1)} frames.`,
    ],
  }
}
