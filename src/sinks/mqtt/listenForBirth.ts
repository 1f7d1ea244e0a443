/** Listens for Home Assistant's birth message, after which every device must announce itself again. */

import type { Connection } from './connection.ts'

export interface BirthOptions {
  /** `homeassistant` unless it was changed there; null: no discovery, no subscription. */
  readonly discoveryPrefix: string | null
  /** Called at most once per birth message, a moment after it. */
  readonly onBirth: () => void
  /** [0, 1) */
  readonly random?: () => number
}

/** ms to wait, at least and at most, so that not every device on the broker answers at once. */
const DELAY_MS = [500, 3000] as const

/** Resolves when subscribed. Rejects when the connection ended first, or the broker refused. */
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
