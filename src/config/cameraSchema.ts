/** The part of the schema that describes cameras. */

import { z } from 'zod'
import { cameraUrlProblem } from './cameraUrlProblem.ts'
import { displayName } from './displayName.ts'
import { duration } from './units.ts'
import { checkViews, cropsOf, viewKeys } from './viewKeys.ts'

const motionSchema = z
  .strictObject({
    enabled: z.boolean().default(true).meta({ description: 'false: every frame is encoded, which costs more CPU.' }),
    threshold: z.number().min(0).max(1).default(0.004).meta({
      description:
        'Fraction of the image that must change. Higher: less work, small or far objects are missed. Lower: more work.',
    }),
    refresh_interval: duration('10s').meta({
      description:
        'A still scene is encoded at least this often. Longer: less work, changes below `threshold` are noticed later.',
    }),
  })
  .prefault({})
  .meta({ description: 'Change detection: a still scene is not encoded again.' })

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
        'rtsp://user:password@host/path, a video file, a folder of images, a glob, or demo:street, demo:crossing, demo:plaza.',
    }),
    name: displayName().optional().meta({
      description:
        'Name shown in Home Assistant, in any script. Topics and ids keep the key. Default: derived from the key.',
    }),
    area: displayName().optional().meta({ description: 'Area that Home Assistant suggests for the camera.' }),
    configuration_url: z
      .url({ protocol: /^https?$/, error: 'Expected a URL such as http://192.168.1.20' })
      .refine(url => !hasLogin(url), 'Expected `configuration_url` without user and password: it is published')
      .optional()
      .meta({ description: 'URL of the camera’s own settings page, linked in Home Assistant. Without a password.' }),
    type: z
      .enum(['auto', 'rtsp', 'file', 'images'])
      .default('auto')
      .meta({ description: 'Kind of source. auto: derived from `url`.' }),
    enabled: z
      .boolean()
      .default(true)
      .meta({ description: 'false: the camera is not opened until a request or a reload enables it.' }),
    fps: z.number().gt(0).max(60).default(1).meta({
      description: 'Sampled frames per second. Higher: events are detected earlier, with more work in proportion.',
    }),
    input_fps: z.number().gt(0).max(1000).optional().meta({
      description:
        'For a video file: frames per second of the recording. It replaces the file’s own times; raw H.264 and H.265 have none. Default: the times of the file.',
    }),
    transport: z.enum(['auto', 'tcp', 'udp']).default('auto').meta({
      description: 'RTSP transport. tcp loses no packets; udp may. auto: tcp, and udp if the camera refuses tcp.',
    }),
    fit: z.enum(['stretch', 'letterbox', 'crop']).default('stretch').meta({
      description:
        'How the image becomes a square. stretch: all of it, distorted. letterbox: all of it, smaller, with black borders. crop: the centre square, as CLIP was trained; the sides are lost.',
    }),
    decode: z.enum(['auto', 'all', 'keyframes']).default('auto').meta({
      description:
        'Which frames ffmpeg decodes. keyframes costs about a seventh of all. auto: keyframes if they come often enough for `fps`, else all.',
    }),
    hwaccel: z.string().optional().meta({
      description: 'ffmpeg’s -hwaccel for this camera: auto, vaapi, cuda, videotoolbox, … Default: `ffmpeg.hwaccel`.',
    }),
    stall_timeout: duration('10s').meta({
      description:
        'Without a frame for this long the camera counts as lost. Longer: slow cameras stay connected, a loss is noticed later.',
    }),
    frozen_after: duration('60s').meta({
      description:
        'After identical frames for this long the image counts as frozen. Longer: fewer false reports, a fault is noticed later.',
    }),
    motion: motionSchema,
    ...viewKeys,
    events: z.array(z.string()).optional().meta({
      description: 'Names of the events to watch for on this camera. Fewer: fewer false alarms. Default: all events.',
    }),
  })
  .superRefine(checkViews)
  .transform(camera => ({ ...camera, crops: cropsOf(camera) }))
  .meta({ id: 'camera', description: 'A named source of frames.' })

export type CameraConfig = z.output<typeof cameraSchema>
