/** Random requests over MQTT: an answer or one sentence, and no control that was not requested by name. */

import { expect, test } from 'vitest'
import { createRequests } from '../../src/commands/run/createRequests.ts'
import type { Command } from '../../src/operators/watchState.ts'
import { parseRequest } from '../../src/sinks/mqtt/answerRequests.ts'
import { createRandom } from '../../src/util/random.ts'
import { mutateBytes, mutateText } from '../support/mutate.ts'
import { soak } from '../support/soak.ts'

const CAMERAS = ['front', 'back']
const EVENTS = ['person_walking']
const GOOD: readonly (readonly [name: string, payload: unknown])[] = [
  ['camera', { camera: 'front', enabled: false, transaction: 'x' }],
  ['event', { event: 'person_walking', camera: 'back', enabled: true }],
  ['threshold', { event: 'person_walking', threshold: 0.5 }],
  ['snapshot', { camera: 'front' }],
  ['answer', { id: '1767225600.000-front-person_walking', right: true }],
  ['health_check', {}],
  ['reload', { transaction: 7 }],
]

test('thousands of damaged requests', { timeout: 300_000 }, async () => {
  const controls: Command[] = []
  const request = createRequests({
    cameras: () => CAMERAS,
    events: () => EVENTS,
    lacksZone: () => false,
    request: control => {
      controls.push(control)
      if (control.type === 'snapshot') control.deliver({ camera: control.camera, at: 0, jpeg: Uint8Array.of(1) })
    },
    reload: async () => [],
    health: () => new Map(),
    answer: async (id, right) => ({ id, right }),
    snapshotTimeoutMs: 1,
  })
  const random = createRandom('requests')
  const answers = { ok: 0, unreadable: 0, refused: 0 }
  for (let i = soak({ fast: 5000, long: 50_000 }); i > 0; i--) {
    const [name, payload] = random.pick(GOOD)
    const text = JSON.stringify(payload)
    const bytes = random.chance(0.5) ? Buffer.from(mutateText(text, random)) : mutateBytes(Buffer.from(text), random)
    const parsed = parseRequest(Buffer.from(bytes))
    if ('error' in parsed) {
      expect(parsed.error).toMatch(/^Expected /)
      answers.unreadable++
      continue
    }
    const requested = random.chance(0.1) ? mutateText(name, random) : name
    const answer = await request(requested, parsed.payload).catch((error: unknown) => error)
    if (answer instanceof Error) {
      expect(answer.constructor, `${requested} ${text}: ${answer.stack}`).toBe(Error)
      expect(answer.message).toMatch(/^(Expected|There is no) /)
      answers.refused++
    } else answers.ok++
  }
  expect(Math.min(...Object.values(answers))).toBeGreaterThan(100)
  for (const control of controls) {
    if ('camera' in control && control.camera !== null) expect(CAMERAS).toContain(control.camera)
    if ('event' in control) expect(EVENTS).toContain(control.event)
    if (control.type === 'threshold') expect(control.threshold >= 0 && control.threshold <= 1).toBe(true)
  }
  expect(controls.length).toBeGreaterThan(100)
})
