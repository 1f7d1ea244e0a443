import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom, take, toArray } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { corners, expectMarker, MARKER, redness, scene, ZONES } from '../support/markedVideo.ts'
import { partsOf, writeVideo } from '../support/partsOfVideo.ts'
import { useRtspCameras, within } from '../support/rtspCamera.ts'
import { hasRtspServer, startRtspServer } from '../support/rtspServer.ts'
import { temporaryFolder } from '../support/temporaryFolder.ts'

const { ffmpeg, cleanups, cameraOf, follow } = useRtspCameras()

const SMALL = [320, 240] as const
const LARGE = [640, 480] as const
/** Lossless, so that the marker has no fringe. */
const STREAM = ['-c:v', 'libx264', '-qp', '0', '-bf', '0', '-g', '5', '-pix_fmt', 'yuv420p', '-f', 'h264']

/** A camera with the marker, which sends a second in each size, again and again. */
async function serve(...sizes: (readonly [number, number])[]): Promise<string> {
  const folder = temporaryFolder()
  const parts = sizes.map(([width, height]) => {
    const pictures = Array.from({ length: 10 }, () => scene(width, height))
    return readFileSync(writeVideo(ffmpeg(), join(folder, `${width}.h264`), { pictures, args: STREAM }))
  })
  const video = join(folder, 'camera.h264')
  writeFileSync(video, Buffer.concat(parts))
  const server = await startRtspServer({ video, fps: 10 })
  cleanups.push(() => server.stop())
  return server.url
}

const PARTS = { fps: 10, size: 64, detailHeight: 120, zones: ZONES }
const SNAPSHOT = { longSide: 640, quality: 2 }

describe.skipIf(!hasRtspServer())('the parts of a camera\u2019s image', () => {
  test('come with each frame and show the same place', async () => {
    const { source } = cameraOf(await serve(SMALL), { ...PARTS, snapshot: SNAPSHOT })
    const images = await lastValueFrom(source.pipe(take(6), toArray()))
    for (const image of images) {
      const parts = await partsOf(image)
      expect([...parts.keys()]).toEqual(['whole', 'detail', 'jpeg', 'gate', 'road'])
      expectMarker(parts, SMALL)
    }
  })

  test('show nothing under a mask, also when the camera changes its size', async () => {
    const masks = [corners(MARKER)]
    const { frames, states } = follow(await serve(SMALL, LARGE), { ...PARTS, masks, snapshot: SNAPSHOT })
    // The JPEG encoder cannot change its size: the camera is opened again, twice here.
    await expect.poll(() => states().filter(state => state === 'online').length, within(40_000)).toBeGreaterThan(2)
    const all = await Promise.all(frames().map(partsOf))
    expect(all.length).toBeGreaterThan(2)
    for (const parts of all)
      for (const [name, image] of parts) expect(redness(image), name).toBeLessThanOrEqual(name === 'jpeg' ? 8 : 2)
  })

  test.each([
    ['zones', []],
    ['masks', [corners(MARKER)]],
  ] as const)(
    'without snapshots a camera that changes its size goes on, and %s stay at their place',
    async (_, masks) => {
      const { source } = cameraOf(await serve(SMALL, LARGE), { ...PARTS, masks })
      const images = await lastValueFrom(source.pipe(take(45), toArray()))
      for (const image of images) {
        const parts = await partsOf(image)
        expect([image.detail?.width, image.detail?.height]).toEqual([160, 120])
        if (masks.length === 0) expectMarker(parts, SMALL)
        else for (const [name, part] of parts) expect(redness(part), name).toBeLessThanOrEqual(2)
      }
    },
  )
})
