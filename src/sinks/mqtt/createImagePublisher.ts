/** Publishes the images of events, retained. A change never waits for its images: they follow it. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { EventChange } from '../../types.ts'
import { type EventImages, type ImagesOf, whereInput } from '../createEventImages.ts'
import type { Announcer } from './announcer.ts'
import type { RetainedTopics } from './retainedTopics.ts'
import type { Topics } from './topics.ts'

export interface ImagePublisherOptions {
  readonly topics: Topics
  readonly retained: RetainedTopics
  readonly announcer: Pick<Announcer, 'knows'>
  readonly imagesOf: ImagesOf
}

export interface ImagePublisher {
  /** Must be called before the change itself is published: the snapshot of `new` must not come after its state. */
  publish(change: EventChange): void
  /** Resolves when no image is being drawn. After the timeout the plain snapshots are published instead. */
  flush(timeoutMs: number): Promise<void>
}

export function createImagePublisher({ topics, retained, announcer, imagesOf }: ImagePublisherOptions): ImagePublisher {
  /** Snapshot topic → number of the change whose images it has. */
  const published = new Map<string, number>()
  /** Crop topics with an image in this run, or without one. An earlier run may have left one in the others. */
  const hasCrop = new Map<string, boolean>()
  /** Number of a change → what it is without a drawing. */
  const drawing = new Map<number, { readonly change: EventChange; readonly done: Promise<void> }>()
  let count = 0

  const sendSnapshot = (n: number, topic: string, snapshot: Uint8Array) => {
    published.set(topic, n)
    retained.set(topic, snapshot, { keep: false })
  }
  const send = (n: number, { after: { camera, event } }: EventChange, { snapshot, crop }: EventImages) => {
    const topic = topics.snapshot(camera, event)
    // An older image never replaces a newer one. The camera may have been removed meanwhile.
    if (snapshot === null || (published.get(topic) ?? 0) > n || !announcer.knows(camera, event)) return
    sendSnapshot(n, topic, snapshot)
    const cropTopic = topics.crop(camera, event)
    if (crop !== null || hasCrop.get(cropTopic) !== false) retained.set(cropTopic, crop ?? '', { keep: false })
    hasCrop.set(cropTopic, crop !== null)
  }
  return {
    publish: change => {
      const { snapshot, type, after } = change
      if (snapshot === null || !announcer.knows(after.camera, after.event)) return
      const n = ++count
      if (whereInput(change) === null) return send(n, change, { snapshot, crop: null })
      // An automation that is started by the state finds the snapshot of this event. Its box follows.
      if (type === 'new') sendSnapshot(n, topics.snapshot(after.camera, after.event), snapshot)
      const done = imagesOf(change).then(images => {
        if (drawing.delete(n)) send(n, change, images)
      })
      drawing.set(n, { change, done })
    },
    flush: async timeoutMs => {
      const all = Promise.all([...drawing.values()].map(({ done }) => done))
      await Promise.race([all, sleep(timeoutMs, undefined, { ref: false })])
      for (const [n, { change }] of [...drawing]) {
        drawing.delete(n)
        send(n, change, { snapshot: change.snapshot, crop: null })
      }
    },
  }
}
