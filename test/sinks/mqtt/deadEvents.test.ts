/** No automation may start for an event that has ended: Home Assistant's state machine reads Watchword's retained topics. */

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAnnouncer } from '../../../src/sinks/mqtt/announcer.ts'
import type { Connection, PublishResult } from '../../../src/sinks/mqtt/connection.ts'
import { createRetainedTopics } from '../../../src/sinks/mqtt/retainedTopics.ts'
import { createTopics } from '../../../src/sinks/mqtt/topics.ts'
import { createHomeAssistant } from '../../support/homeAssistant.ts'

const STEPS = ['begin', 'end', 'lost', 'back', 'drop', 'connect', 'kill', 'ack', 'reload', 'off', 'on'] as const
type Step = (typeof STEPS)[number]

const topics = createTopics('watchword')
const SENSOR = 'watchword.front.person.state'

/** Watchword's retained topics, with a broker that forwards at once and acknowledges when the test says so. */
function createSetup() {
  const homeAssistant = createHomeAssistant()
  const waiting: ((result: PublishResult) => void)[] = []
  /** null while disconnected. */
  let connection: Connection | null = null
  let run = startRun()
  /** The id of the open event. */
  let open: string | null = null
  let isOnline = false
  let isWatched = true
  let isSwitchedOn = true
  let count = 0

  const settle = async (result: PublishResult) => {
    for (const resolve of waiting.splice(0)) resolve(result)
    await new Promise(setImmediate)
  }
  const end = () => {
    if (open === null) return
    open = null
    if (isWatched) run.retained.set(topics.state('front', 'person'), 'OFF')
  }
  const drop = async () => {
    if (connection === null) return
    connection = null
    homeAssistant.receive(topics.bridgeState, 'offline')
    await settle('failed')
  }
  const declare = () => {
    const details = { enabled: true, disabledEvents: isSwitchedOn ? [] : ['person'] }
    const watched = isWatched ? ['person', 'car'] : ['car']
    run.announcer.declare(
      { front: watched, yard: ['car'] },
      { cameras: new Map([['front', details]]), events: new Map() },
    )
  }
  const connect = () => {
    if (connection !== null) return
    const opened = connectionTo((topic, payload) => {
      if (connection !== opened) return Promise.resolve('failed')
      homeAssistant.receive(topic, payload)
      return new Promise(resolve => waiting.push(resolve))
    })
    connection = opened
    run.retained.connect(opened)
  }
  const steps: Readonly<Record<Step, () => unknown>> = {
    begin: () => {
      if (open !== null || !isOnline || !isWatched || !isSwitchedOn) return
      open = String(count++)
      run.retained.set(topics.attributes('front', 'person'), JSON.stringify({ id: open }))
      run.retained.set(topics.state('front', 'person'), 'ON')
    },
    end,
    lost: () => {
      end()
      isOnline = false
      run.retained.set(topics.availability('front'), 'offline')
    },
    back: () => {
      isOnline = true
      run.retained.set(topics.availability('front'), 'online')
    },
    drop,
    connect,
    kill: async () => {
      await drop()
      open = null
      isOnline = false
      isWatched = true
      isSwitchedOn = true
      run = startRun()
      declare()
    },
    ack: () => settle('acknowledged'),
    reload: () => {
      end()
      isWatched = !isWatched
      declare()
    },
    off: () => {
      end()
      isSwitchedOn = false
      declare()
    },
    on: () => {
      isSwitchedOn = true
      declare()
    },
  }
  declare()
  return { homeAssistant, steps, isOpen: () => open !== null }
}

function startRun() {
  const retained = createRetainedTopics(topics.bridgeState)
  const options = { topics, topicPrefix: 'watchword', discoveryPrefix: 'homeassistant', version: '1', snapshots: true }
  retained.set(topics.bridgeState, 'online')
  const publishInfo = (info: unknown) => retained.set(topics.bridgeInfo, JSON.stringify(info))
  return { retained, announcer: createAnnouncer({ ...options, retained, publishInfo }) }
}

function connectionTo(publish: (topic: string, payload: string) => Promise<PublishResult>): Connection {
  return {
    protocol: 5,
    closed: new Promise(() => undefined),
    publish: (topic, payload) => publish(topic, String(payload)),
    readRetained: async () => true,
    subscribe: async () => undefined,
    end: async () => undefined,
  }
}

async function play(steps: readonly Step[]) {
  const setup = createSetup()
  for (const step of steps) {
    const before = setup.homeAssistant.transitions.length
    await setup.steps[step]()
    const began = setup.homeAssistant.transitions
      .slice(before)
      .filter(({ entity, to }) => entity === SENSOR && to === 'on')
    if (began.length > 0 && !setup.isOpen()) throw new Error(`${step}: "on" without an event, after ${steps.join(' ')}`)
  }
  return setup.homeAssistant
}

const ACKS = Array.from({ length: 8 }, () => 'ack' as const)

it.each<[string, Step[]]>([
  ['kill -9 while it is ON', ['connect', ...ACKS, 'back', 'begin', 'ack', 'kill', 'connect', ...ACKS, 'back', 'ack']],
  ['it ends while the broker is away', ['connect', ...ACKS, 'back', 'begin', 'ack', 'drop', 'end', 'connect', ...ACKS]],
  ['the camera is lost and comes back', ['connect', ...ACKS, 'back', 'begin', 'ack', 'lost', 'ack', 'back', 'ack']],
  [
    'a reload takes the event and brings it back',
    ['connect', ...ACKS, 'back', 'begin', 'reload', 'ack', 'reload', 'ack'],
  ],
  ['it is switched off and on', ['connect', ...ACKS, 'back', 'begin', 'ack', 'off', 'ack', 'on', 'ack']],
])('%s: on once, then off', async (_, steps) => {
  const { transitions, states, complaints } = await play(steps)
  expect(transitions.filter(({ entity, to }) => entity === SENSOR && to === 'on')).toHaveLength(1)
  expect(states()[SENSOR]).toBe('off')
  expect(complaints).toEqual([])
})

it('never publishes ON for an event that has ended, in any order of steps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { maxLength: 40 }), async steps => {
      const { complaints } = await play(['connect', ...ACKS, 'back', 'begin', 'ack', ...steps])
      expect(complaints).toEqual([])
    }),
    { numRuns: 150, seed: 12 },
  )
})
