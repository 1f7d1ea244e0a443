/**
 * A process to be killed: stores events in an outbox and "sends" them by saying so on stdout.
 * Arguments: folder, name of the run, `drain` to send what is there and leave.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { change } from './change.ts'
import { say } from './say.ts'
import { openStore } from './store.ts'

const [, , dir = '', run = '', mode = ''] = process.argv
const telemetry = { emit: ({ type }: { type: string }) => void (type === 'OutboxDamaged' && say('damaged')) }

say('opening')
const { journal, outbox } = await openStore(dir, telemetry)
say('opened')

const send = () => {
  for (let entry = outbox.next(); entry !== null; entry = outbox.next()) {
    const { type, seq, after } = entry.change
    say('sent', after.camera, after.id, type, seq)
    outbox.settle(entry, true)
  }
}
const store = async (camera: string) => {
  for (let i = 0; mode !== 'drain'; i++) {
    const id = `${run}-${camera}-${i}`
    const last = i % 4
    for (let seq = 0; seq <= last + 1; seq++) {
      const type = seq === 0 ? 'new' : seq <= last ? 'update' : 'end'
      await outbox.put(change(type, id, seq, { camera }))
      say('stored', camera, id, type, seq)
    }
  }
}
// Half of the time the broker is away.
const broker = async () => {
  while (mode !== 'drain') {
    if (Math.random() < 0.5) send()
    await sleep(3)
  }
}
await Promise.all([store('front'), store('yard'), broker()])
send()
await outbox.close()
await journal.close()
say('done')
