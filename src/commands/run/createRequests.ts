/** Requests over MQTT (`<prefix>/bridge/request/<name>`): each payload is checked before it has an effect. */

import { z } from 'zod'
import type { Command, SnapshotAnswer } from '../../operators/watchState.ts'
import { didYouMean } from '../../util/didYouMean.ts'
import { shorten } from '../../util/shorten.ts'
import { healthOf } from './healthOf.ts'

export interface RequestDeps {
  /** Names in the config in force. */
  readonly cameras: () => readonly string[]
  readonly events: () => readonly string[]
  /** True for an event that counts only in zones of which the camera has none. */
  readonly lacksZone: (event: string, camera: string) => boolean
  readonly request: (command: Command) => void
  /** Reads the config again; resolves to what changed. Rejects with every mistake. */
  readonly reload: () => Promise<readonly string[]>
  /** `check/subject` → ok, warning or critical. */
  readonly health: () => ReadonlyMap<string, string>
  /** Stores whether an event was right. Rejects for an unknown id. */
  readonly answer: (id: string, right: boolean) => Promise<Answer>
  /** ms that a snapshot may take. */
  readonly snapshotTimeoutMs: number
}

export type Answer = Readonly<Record<string, unknown>>

type Handler = (payload: unknown) => Promise<Answer>

/** Returns the function that answers a request by its name. It rejects with one sentence for the answer. */
export function createRequests(deps: RequestDeps): (name: string, payload: unknown) => Promise<Answer> {
  const known = (kind: 'camera' | 'event', name: string) => {
    const names = kind === 'camera' ? deps.cameras() : deps.events()
    if (names.includes(name)) return
    throw new Error(`There is no ${kind} "${shorten(name, 64)}"; ${didYouMean(name.slice(0, 64), names, `${kind}s`)}`)
  }

  const handlers: Readonly<Record<string, Handler>> = {
    reload: async payload => {
      parse(z.strictObject({}), payload)
      return { changed: await deps.reload() }
    },
    health_check: async payload => {
      parse(z.strictObject({}), payload)
      return healthOf(deps.health())
    },
    camera: async payload => {
      const wanted = parse(z.strictObject({ camera: z.string(), enabled: z.boolean() }), payload)
      known('camera', wanted.camera)
      deps.request({ type: 'camera', ...wanted })
      return wanted
    },
    event: async payload => {
      const shape = z.strictObject({
        event: z.string(),
        camera: z.string().nullable().default(null),
        enabled: z.boolean(),
      })
      const wanted = parse(shape, payload)
      known('event', wanted.event)
      if (wanted.camera !== null) known('camera', wanted.camera)
      if (wanted.camera !== null && wanted.enabled && deps.lacksZone(wanted.event, wanted.camera))
        throw new Error(`Event "${wanted.event}" is tied to zones, and camera "${wanted.camera}" has none of them`)
      deps.request({ type: 'event', ...wanted })
      return wanted
    },
    threshold: async payload => {
      const wanted = parse(z.strictObject({ event: z.string(), threshold: z.number().min(0).max(1) }), payload)
      known('event', wanted.event)
      deps.request({ type: 'threshold', ...wanted })
      return wanted
    },
    answer: async payload => {
      const { id, right } = parse(z.strictObject({ id: z.string().min(1).max(200), right: z.boolean() }), payload)
      return deps.answer(id, right)
    },
    snapshot: async payload => {
      const { camera } = parse(z.strictObject({ camera: z.string() }), payload)
      known('camera', camera)
      const { at, jpeg } = await nextSnapshot(camera, deps)
      if (jpeg === null) throw new Error(`Camera "${camera}" has no JPEG: snapshots are switched off`)
      return { camera, time: at / 1000, jpeg_base64: Buffer.from(jpeg).toString('base64') }
    },
  }

  return async (name, payload) => {
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
    if (handler) return handler(payload)
    throw new Error(`There is no request "${name}"; ${didYouMean(name, Object.keys(handlers), 'requests')}`)
  }
}

function parse<T>(shape: z.ZodType<T>, payload: unknown): T {
  const result = shape.safeParse(payload ?? {})
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) =>
    shorten(path.length > 0 ? `${path.join('.')}: ${message}` : message),
  )
  throw new Error(`Expected another payload: ${problems.join('; ')}`)
}

function nextSnapshot(camera: string, { request, snapshotTimeoutMs }: RequestDeps): Promise<SnapshotAnswer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`Camera "${camera}" sent no frame within ${snapshotTimeoutMs / 1000} s`))
    }, snapshotTimeoutMs)
    const deliver = (answer: SnapshotAnswer) => {
      clearTimeout(timer)
      resolve(answer)
    }
    request({ type: 'snapshot', camera, deliver })
  })
}
