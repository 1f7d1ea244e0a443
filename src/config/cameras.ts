/** The part of the schema that describes cameras. */

import { z } from 'zod'
import { cameraUrlProblem } from './cameraUrl.ts'
import { displayName } from './displayName.ts'
import { duration } from './units.ts'

const motionSchema = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: 'Off: every frame is encoded.' }),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.004)
      .meta({ description: 'Share of the picture that must change. Higher: cheaper, small or far things are missed.' }),
    refresh_interval: duration('10s').meta({ description: 'A still scene is encoded again at least this often.' }),
  })
  .prefault({})
  .meta({ description: 'The gate: a still scene is not encoded again.' })

/** Checked when the config is read, so that a reload can refuse it. */
function expectCamera(url: string, { addIssue }: z.RefinementCtx): void {
  const problem = cameraUrlProblem(url)
  if (problem !== null) addIssue(problem)
}

function hasLogin(url: string): boolean {
  const { username, password } = new URL(url)
  return username !== '' || password !== ''
}

export const cameraSchema = z
  .strictObject({
    url: z.string().min(1).superRefine(expectCamera).meta({
      format: 'camera-url',
      description:
        'rtsp://user:password@host/path, a video file, a folder of pictures, a glob, or demo:street, demo:crossing, demo:plaza.',
    }),
    name: displayName().optional().meta({
      description: 'Shown in Home Assistant, in any script. Topics and ids keep the key. Default: made of the key.',
    }),
    area: displayName().optional().meta({ description: 'Area that Home Assistant suggests for the camera.' }),
    configuration_url: z
      .url({ protocol: /^https?$/, error: 'Expected a URL such as http://192.168.1.20' })
      .refine(url => !hasLogin(url), 'Expected `configuration_url` without user and password: it is published')
      .optional()
      .meta({ description: 'Page of the camera’s own settings, linked in Home Assistant. Without a password.' }),
    type: z.enum(['auto', 'rtsp', 'file', 'images']).default('auto').meta({ description: 'auto: seen from the url.' }),
    enabled: z.boolean().default(true).meta({ description: 'false: not opened until a request or a reload says so.' }),
    fps: z
      .number()
      .gt(0)
      .max(60)
      .default(1)
      .meta({ description: 'Sampled frames a second. Higher: sooner, and more work in proportion.' }),
    input_fps: z.number().gt(0).max(1000).optional().meta({
      description:
        'For a video file: frames a second that it was recorded with; its own times are ignored. For raw H.264 and H.265, which have none. Default: the times of the file.',
    }),
    transport: z
      .enum(['auto', 'tcp', 'udp'])
      .default('auto')
      .meta({ description: 'RTSP transport. tcp loses nothing; auto: tcp, and udp where the camera refuses tcp.' }),
    fit: z.enum(['stretch', 'letterbox', 'crop']).default('stretch').meta({
      description: 'How the picture becomes a square: stretch sees all of it; crop is CLIP’s own and cuts the sides.',
    }),
    decode: z.enum(['auto', 'all', 'keyframes']).default('auto').meta({
      description:
        'keyframes costs about a seventh of all; auto uses it when the stream has them often enough for `fps`.',
    }),
    hwaccel: z
      .string()
      .optional()
      .meta({ description: 'ffmpeg -hwaccel for this camera: auto, vaapi, cuda, videotoolbox, …' }),
    stall_timeout: duration('10s').meta({
      description: 'No frame this long, although there could be one: the camera is lost.',
    }),
    frozen_after: duration('60s').meta({ description: 'Identical frames this long: the picture is frozen.' }),
    motion: motionSchema,
    events: z.array(z.string()).optional().meta({ description: 'Names of events to watch for here. Default: all.' }),
  })
  .meta({ id: 'camera', description: 'A named source of frames.' })

export type CameraConfig = z.output<typeof cameraSchema>
