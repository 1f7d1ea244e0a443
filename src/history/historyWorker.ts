/** The thread of a history writer: everything that waits for a disk or takes CPU. */

import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { messageOf } from '../util/errors.ts'
import { native, nativeTask } from '../util/nativeCalls.ts'
import type { FromHistory, HistoryTask, ToHistory } from './historyProtocol.ts'
import { createHistoryStore } from './historyStore.ts'

const task = nativeTask<HistoryTask>()
const port = parentPort
if (port === null) throw new Error('Expected to run as a worker thread')

/** Interval at which old segments are removed. */
const CLEANUP_MS = 60_000

const say = (message: FromHistory) => port.postMessage(message)

// On Linux a nice value belongs to the thread; elsewhere it would slow the whole process down.
if (process.platform === 'linux') setPriority(10)

const store = createHistoryStore(task)
let turn: Promise<void> = Promise.resolve()

/** One after another: thumbnails are made asynchronously. */
function inTurn(work: () => Promise<void>): void {
  // A disk that hangs blocks this thread. `native` lets the process end all the same.
  turn = turn.then(() => native(work))
}

async function cleanUp(): Promise<void> {
  try {
    say({ type: 'measured', bytes: store.cleanUp() })
  } catch (error) {
    say({ type: 'problem', problem: messageOf(error) })
  }
}

inTurn(cleanUp)
setInterval(() => inTurn(cleanUp), CLEANUP_MS)
port.on('message', (message: ToHistory) => {
  if (message.type === 'write') {
    inTurn(async () => say(await store.write(message.batch)))
    return
  }
  inTurn(async () => {
    store.close()
    say({ type: 'closed' })
  })
})
