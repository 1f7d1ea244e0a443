/** A vision tower in an onnxruntime session. Live encoding and measuring use the same one, so that they time the same work. */

import { type ImageFormat, imageTensor, type ToTensor } from './imageTensor.ts'
import { type OpenedSession, openSession, type SessionSettings } from './openSession.ts'

export interface VisionSession extends OpenedSession {
  readonly inputName: string
  readonly toTensor: ToTensor
  /** One run over the images as one batch. */
  embed(images: readonly Uint8Array[]): Promise<Embedded>
}

export interface Embedded {
  /** [images, dim] float32, not normalised. */
  readonly values: Float32Array
  /** Seconds inside onnxruntime. */
  readonly seconds: number
}

/** @throws the error of onnxruntime when it cannot load the model */
export async function openVisionSession(
  path: string,
  format: ImageFormat,
  settings: SessionSettings = {},
): Promise<VisionSession> {
  const opened = await openSession(path, settings)
  const { session } = opened
  const inputName = session.inputNames[0] ?? ''
  const outputName = session.outputNames.find(name => name === 'image_embeds') ?? session.outputNames[0] ?? ''
  const toTensor = imageTensor(session, format)
  return {
    ...opened,
    inputName,
    toTensor,
    async embed(images) {
      const feeds = { [inputName]: toTensor(images) }
      const startedAt = performance.now()
      const output = (await session.run(feeds, [outputName]))[outputName]
      const seconds = (performance.now() - startedAt) / 1000
      if (output?.type !== 'float32') throw new Error(`Expected ${outputName} to be float32, got ${output?.type}`)
      return { values: output.data as Float32Array, seconds }
    },
  }
}
