/** Encodes the newest frame of each camera: one frame per camera waits, one batch is in flight, older frames are dropped and counted. */

import { asyncScheduler, Observable, type OperatorFunction, type Subscription } from 'rxjs'
import type { Telemetry } from '../telemetry/internalEvents.ts'
import type { EncodedFrame, Encoder, MarkedFrame, Signal } from '../types.ts'
import { createCameraSlots } from './embed/cameraSlots.ts'
import { encodeFrames } from './embed/encodeFrames.ts'
import { measureLoad } from './embed/measureLoad.ts'

/** Above this load no crops are encoded: they would delay the whole images of other cameras. */
const MOST_LOAD = 0.5

export interface EmbedLatestOptions {
  /** Most cameras a batch; the encoder's own bound holds too. */
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
 * A frame's views travel with it. While the encoder is busy for more than half of the time, or more cameras wait than
 * fit into a batch, crops are dropped (`load`) and the frame goes on without them; zones are never dropped alone.
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
      const slots = createCameraSlots(telemetry, signal => subscriber.next(signal))
      let busy = false
      let completed = false
      let deadline: Subscription | null = null
      let forget = () => {}
      const load = measureLoad()

      /** A batch leaves when it is full, when no camera is missing from it, or when its oldest frame is due. */
      const consider = () => {
        if (subscriber.closed || busy) return
        const [oldest] = slots.waiting.values()
        if (oldest === undefined) {
          if (completed) subscriber.complete()
          return
        }
        const room = Math.min(maxBatch, encoder.maxBatch)
        const dueInMs = oldest + maxQueueDelayMs - asyncScheduler.now()
        if (completed || slots.waiting.size >= Math.min(room, slots.live()) || dueInMs <= 0) leave(room, oldest)
        else deadline ??= asyncScheduler.schedule(onDeadline, dueInMs)
      }

      const onDeadline = () => {
        deadline = null
        consider()
      }

      const leave = (room: number, oldest: number) => {
        busy = true
        deadline?.unsubscribe()
        deadline = null
        const now = asyncScheduler.now()
        const crops = slots.waiting.size <= room && load.busy(now) <= MOST_LOAD
        const departures = slots.depart(room, { crops })
        if (departures.length === 0) {
          busy = false
          consider()
          return
        }
        telemetry.emit({ type: 'StageTimed', stage: 'wait', seconds: (now - oldest) / 1000 })
        load.started(now)
        forget = encodeFrames(encoder, departures, telemetry, arrivals => {
          load.stopped(asyncScheduler.now())
          slots.arrive(departures, arrivals)
          busy = false
          consider()
        })
      }

      subscriber.add(() => {
        deadline?.unsubscribe()
        forget()
        slots.discard()
      })
      subscriber.add(
        source.subscribe({
          next: signal => {
            slots.push(signal)
            consider()
          },
          error: error => subscriber.error(error),
          complete: () => {
            completed = true
            consider()
          },
        }),
      )
    })
}
