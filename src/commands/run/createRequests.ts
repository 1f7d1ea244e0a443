/** The requests over MQTT, `<prefix>/bridge/request/<name>`: each payload is checked before anything is done. */

import { z } from 'zod'
import type { Command, SnapshotAnswer } from '../../operators/watchState.ts'
import { didYouMean } from '../../util/didYouMean.ts'
import { shorten } from '../../util/shorten.ts'
import { healthOf } from './healthOf.ts'

export interface RequestDeps {
  /** Names that exist now. */
  readonly cameras: () => readonly string[]
  readonly events: () => readonly string[]
  readonly control: (control: Command) => void
  /** Reads the config again; resolves to what changed. Rejects with every mistake. */
  readonly reload: () => Promise<readonly string[]>
  /** `check/subject` → ok, warning or critical. */
  readonly health: () => Readonly<Record<string, string>>
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
      const request = parse(z.strictObject({ camera: z.string(), enabled: z.boolean() }), payload)
      known('camera', request.camera)
      deps.control({ type: 'camera', ...request })
      return request
    },
    event: async payload => {
      const shape = z.strictObject({
        event: z.string(),
        camera: z.string().nullable().default(null),
        enabled: z.boolean(),
      })
      const request = parse(shape, payload)
      known('event', request.event)
      if (request.camera !== null) known('camera', request.camera)
      deps.control({ type: 'event', ...request })
      return request
    },
    threshold: async payload => {
      const request = parse(z.strictObject({ event: z.string(), threshold: z.number().min(0).max(1) }), payload)
      known('event', request.event)
      deps.control({ type: 'threshold', ...request })
      return request
    },
    snapshot: async payload => {
      const { camera } = parse(z.strictObject({ camera: z.string() }), payload)
      known('camera', camera)
      const { at, jpeg } = await nextPicture(camera, deps)
      if (jpeg === null) throw new Error(`Camera "${camera}" makes no pictures: snapshots are switched off`)
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

function nextPicture(camera: string, { control, snapshotTimeoutMs }: RequestDeps): Promise<SnapshotAnswer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`Camera "${camera}" sent no frame within ${snapshotTimeoutMs / 1000} s`))
    }, snapshotTimeoutMs)
    const deliver = (picture: SnapshotAnswer) => {
      clearTimeout(timer)
      resolve(picture)
    }
    control({ type: 'snapshot', camera, deliver })
  })
}
