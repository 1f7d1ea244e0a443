/** Home Assistant says `online` when it has started; it then asks every device to announce itself again. */

import type { Connection } from './connection.ts'

export interface BirthOptions {
  /** `homeassistant` unless it was changed there; null: no discovery, nothing is listened to. */
  readonly discoveryPrefix: string | null
  /** Called at most once per birth message, a moment after it. */
  readonly onBirth: () => void
  /** [0, 1) */
  readonly random?: () => number
}

/** ms: the least and the most that we wait, so that not every device on the broker answers at once. */
const DELAY_MS = [500, 3000] as const

/** Resolves when it listens. Rejects when the connection ended first, or the broker refused. */
export async function listenForBirth(connection: Connection, options: BirthOptions): Promise<void> {
  const { discoveryPrefix, onBirth, random = Math.random } = options
  if (discoveryPrefix === null) return
  const birthTopic = `${discoveryPrefix}/status`
  const [least, most] = DELAY_MS
  let timer: NodeJS.Timeout | null = null
  let isOpen = true
  void connection.closed.then(() => {
    isOpen = false
    if (timer !== null) clearTimeout(timer)
  })
  const answer = () => {
    timer = null
    onBirth()
  }
  await connection.subscribe(birthTopic, (topic, payload) => {
    if (topic !== birthTopic || payload.toString('utf8') !== 'online' || timer !== null || !isOpen) return
    timer = setTimeout(answer, least + (most - least) * random())
    timer.unref()
  })
}
