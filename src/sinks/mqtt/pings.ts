/** Uses pings as acknowledgements: a ping's answer shows that the broker has read all bytes before the ping. */

import type { MqttClient } from 'mqtt'

export interface Pings {
  /** Sends a ping and resolves at its answer. @throws Error when the connection ends first */
  roundTrip(): Promise<void>
  /** The connection is over. */
  close(): void
}

/** Pings are answered in order: the n-th answer belongs to the n-th ping, keep-alive pings included. */
export function createPings(client: MqttClient): Pings {
  let sent = 0
  let answered = 0
  const waiting: { readonly number: number; readonly settle: (error?: Error) => void }[] = []
  client.on('packetsend', ({ cmd }) => {
    if (cmd === 'pingreq') sent++
  })
  client.on('packetreceive', ({ cmd }) => {
    if (cmd !== 'pingresp') return
    answered++
    while (waiting[0] !== undefined && waiting[0].number <= answered) waiting.shift()?.settle()
  })
  return {
    roundTrip: () =>
      new Promise((resolve, reject) => {
        client.sendPing()
        waiting.push({ number: sent, settle: error => (error ? reject(error) : resolve()) })
      }),
    close: () => {
      for (const { settle } of waiting.splice(0)) settle(new Error('connection closed'))
    },
  }
}
