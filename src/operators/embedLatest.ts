/** Encodes the newest frame of each camera: one frame per camera waits, one batch is in flight, older frames are dropped and counted. */

import { asyncScheduler, Observable, type OperatorFunction, type Subscription } from 'rxjs'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { EncodedBatch, EncodedFrame, Encoder, MarkedFrame, Signal } from '../types.ts'
import { type CameraSlot, createCameraSlot } from './embed/cameraSlot.ts'
import { encodePictures } from './embed/encodePictures.ts'

export interface EmbedLatestOptions {
  /** Most frames a batch; the encoder's own bound holds too. */
  readonly maxBatch: number
  /** A batch leaves when its oldest frame has waited this long, or sooner when every camera is in it. */
  readonly maxQueueDelayMs: number
}

/**
 * ```
 * frames   a-bc-|             one camera, an encoder that takes 4 ticks
 * embedLatest
 * encoded  ----a---(c|)       b was replaced by c: stale
 * ```
 *
 * Still frames reuse their camera's last embedding and cost nothing. If the scene was never encoded because its
 * frame was dropped, the still frame itself is encoded. Statuses keep their place among their camera's frames.
 *
 * A batch that fails is dropped and counted (`encoder`); it never ends the stream. When the source completes, what
 * waits is still encoded; on unsubscription it is counted as `shutdown`. At every moment
 * received = encoded + skipped + dropped + in flight.
 *
 * The pixel buffer of an encoded frame is no longer usable: it was transferred to the encoder.
 */
export function embedLatest(
  encoder: Encoder,
  { maxBatch, maxQueueDelayMs }: EmbedLatestOptions,
  telemetry: Telemetry,
): OperatorFunction<Signal<MarkedFrame>, Signal<EncodedFrame>> {
  return source =>
    new Observable(subscriber => {
      const lanes = new Map<string, CameraSlot>()
      /** Cameras with a frame to encode → since when a frame waits in their slot. The longest waiting comes first. */
      const waiting = new Map<string, number>()
      let busy = false
      let completed = false
      let deadline: Subscription | null = null
      let forget = () => {}

      const take = (signal: Signal<MarkedFrame>) => {
        const lane = laneOf(signal.camera)
        const replaced = lane.push(signal)
        if (replaced) telemetry.emit({ type: 'FramesDropped', camera: signal.camera, reason: 'stale', count: 1 })
        settle(signal.camera, lane)
        consider()
      }

      const laneOf = (camera: string): CameraSlot => {
        const known = lanes.get(camera)
        if (known) return known
        const lane = createCameraSlot(telemetry)
        lanes.set(camera, lane)
        return lane
      }

      /** Emits what is ready and records whether a frame is left to encode. */
      const settle = (camera: string, lane: CameraSlot) => {
        for (const signal of lane.ready()) subscriber.next(signal)
        if (!lane.waits()) waiting.delete(camera)
        else if (!waiting.has(camera)) waiting.set(camera, asyncScheduler.now())
        if (lane.isOver()) lanes.delete(camera)
      }

      /** A batch leaves when it is full, when no camera is missing from it, or when its oldest frame is due. */
      const consider = () => {
        if (subscriber.closed || busy) return
        const [oldest] = waiting.values()
        if (oldest === undefined) {
          if (completed) subscriber.complete()
          return
        }
        const room = Math.min(maxBatch, encoder.maxBatch)
        const live = [...lanes.values()].filter(lane => lane.isLive()).length
        const dueInMs = oldest + maxQueueDelayMs - asyncScheduler.now()
        if (completed || waiting.size >= Math.min(room, live) || dueInMs <= 0)
          leave([...waiting].slice(0, room), oldest)
        else deadline ??= asyncScheduler.schedule(onDeadline, dueInMs)
      }

      const onDeadline = () => {
        deadline = null
        consider()
      }

      const leave = (chosen: readonly (readonly [string, number])[], oldest: number) => {
        busy = true
        deadline?.unsubscribe()
        deadline = null
        const frames = chosen.flatMap(([camera]) => {
          waiting.delete(camera)
          return laneOf(camera).depart() ?? []
        })
        telemetry.emit({ type: 'StageTimed', stage: 'wait', seconds: (asyncScheduler.now() - oldest) / 1000 })
        forget = encodePictures(encoder, frames, telemetry, batch => arrive(frames, batch))
      }

      const arrive = (frames: readonly MarkedFrame[], batch: EncodedBatch | null) => {
        frames.forEach(({ camera }, index) => {
          const lane = laneOf(camera)
          const embedding = batch?.embeddings[index]
          lane.arrive(batch && embedding ? { embedding, variant: batch.variant } : null)
          settle(camera, lane)
        })
        busy = false
        consider()
      }

      subscriber.add(() => {
        deadline?.unsubscribe()
        forget()
        for (const [camera, lane] of lanes) {
          const count = lane.frames()
          if (count > 0) telemetry.emit({ type: 'FramesDropped', camera, reason: 'shutdown', count })
        }
        lanes.clear()
      })
      subscriber.add(
        source.subscribe({
          next: take,
          error: error => subscriber.error(error),
          complete: () => {
            completed = true
            consider()
          },
        }),
      )
    })
}
