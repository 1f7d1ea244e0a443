import { expect, test } from 'vitest'
import { filterGraph } from '../../../src/sources/ffmpeg/filterGraph.ts'
import { type DecodePlan, decodeCommand, inputArguments, memoryBytes } from '../../../src/sources/ffmpeg/flags.ts'
import { SCALER } from '../../../src/sources/ffmpeg/scaleFilter.ts'
import { imageParts } from '../../../src/sources/imageParts.ts'

const url = 'rtsp://127.0.0.1:40000/0123456789abcdef'
const camera: DecodePlan = {
  input: { kind: 'rtsp', url },
  sampling: { fps: 1 },
  size: 224,
  fit: 'stretch',
  keyframesOnly: true,
  times: false,
  snapshot: null,
  maxFrames: null,
  hwaccel: null,
  ...imageParts({}),
}
const v = (major: number, minor: number) => ({ version: { major, minor } })

const INPUT = `-rtsp_transport tcp -fpsprobesize 0 -protocol_whitelist rtsp,tcp -max_pixels 35651584 -i ${url}`

test('a camera on ffmpeg 5.1', () => {
  const { args, pipes } = decodeCommand(v(5, 1), camera)
  expect(args.join(' ')).toBe(
    `-hide_banner -nostats -loglevel repeat+error -nostdin -threads 1 -skip_frame nokey ${INPUT} ` +
      `-filter_complex ${filterGraph({ ...camera, snapshotLongSide: null })} ` +
      '-map [raw] -fps_mode passthrough -flush_packets 1 -c:v rawvideo -threads 1 -f rawvideo pipe:1',
  )
  expect(pipes).toEqual([])
})

test.each([v(4, 1), v(5, 0)])('a camera on older ones: the same input, and -vsync', ffmpeg => {
  const line = decodeCommand(ffmpeg, camera).args.join(' ')
  expect(line).toContain(INPUT)
  expect(line).toContain('-vsync 0')
  expect(line).not.toMatch(/-fps_mode| -timeout /)
})

test('ffmpeg’s memory is bounded, but not with a GPU', () => {
  expect(memoryBytes(camera)).toBe(2 ** 30)
  expect(memoryBytes({ ...camera, hwaccel: 'cuda' })).toBeNull()
})

test('a file is a file, whatever its name looks like, and may reach nothing else', () => {
  const input = { kind: 'file', path: '/v/rtp:x.m3u8', realtime: true, loop: true } as const
  expect(inputArguments(input).join(' ')).toBe(
    '-re -stream_loop -1 -protocol_whitelist file -max_pixels 134217728 -i file:/v/rtp:x.m3u8',
  )
})

const GATE = {
  name: 'gate',
  polygon: [
    [0.2, 0.2],
    [0.4, 0.2],
    [0.4, 0.6],
  ],
} as const

test('every part gets a pipe of its own, in one order', () => {
  const parts = { detailHeight: 448, zones: [GATE] }
  const plan = { ...camera, ...parts, times: true, snapshot: { longSide: 640, quality: 4 } }
  const { args, pipes } = decodeCommand(v(5, 1), plan)
  expect(pipes).toEqual(['times', 'jpeg', 'detail', 'zones'])
  expect(args.join(' ')).toContain(
    '-map [detail] -fps_mode passthrough -flush_packets 1 -c:v ppm -enc_time_base 1/25 -threads 1 -f image2pipe pipe:5 ' +
      '-map [zones] -fps_mode passthrough -flush_packets 1 -c:v rawvideo -threads 1 -f rawvideo pipe:6',
  )
  expect(decodeCommand(v(5, 1), { ...camera, ...parts }).pipes).toEqual(['detail', 'zones'])
})

test('times and snapshots get pipes of their own, in this order', () => {
  const plan = { ...camera, times: true, snapshot: { longSide: 640, quality: 4 }, maxFrames: 9, hwaccel: 'vaapi' }
  const { args, pipes } = decodeCommand(v(5, 1), plan)
  expect(pipes).toEqual(['times', 'jpeg'])
  const line = args.join(' ')
  expect(line).toContain('-hwaccel vaapi -skip_frame nokey')
  const shared = '-fps_mode passthrough -flush_packets 1 -frames:v 9'
  expect(line).toContain(
    `-map [times] ${shared} -c:v rawvideo -enc_time_base 1:1000000 -threads 1 -f mkvtimestamp_v2 pipe:3 ` +
      `-map [jpeg] ${shared} -c:v mjpeg -q:v 4 -enc_time_base 1/25 -threads 1 -f mpjpeg pipe:4`,
  )
})

const SEEN = 'clip(iw/ih*clip(sar,0.1,10),0.02,50)'

test('the graph of a camera with snapshots', () => {
  expect(
    filterGraph({
      sampling: { fps: 2 },
      size: 8,
      fit: 'stretch',
      times: true,
      snapshotLongSide: 640,
      ...imageParts({}),
    }),
  ).toBe(
    "[0:V:0]select='isnan(prev_selected_t)+gt(floor((t+0.001)*2),floor((prev_selected_t+0.001)*2))',split=3[a][b][c];" +
      `[a]scale=w='8':h='8':flags=${SCALER},format=rgb24[raw];[b]crop=1:1:0:0:exact=1[times];` +
      `[c]scale=w='max(1,round(ih*${SEEN}*min(1,640/(ih*max(${SEEN},1)))))':h='max(1,round(ih*min(1,640/(ih*max(${SEEN},1)))))',` +
      'setsar=1,format=yuvj420p,settb=1/25,setpts=N[jpeg]',
  )
})

test('every n-th frame is counted, all frames are not selected', () => {
  const graph = { size: 8, fit: 'stretch', times: false, snapshotLongSide: null, ...imageParts({}) } as const
  expect(filterGraph({ ...graph, sampling: { everyNth: 5 } })).toMatch(
    /^\[0:V:0\]select='not\(mod\(n,5\)\)',split=1\[a\];/,
  )
  expect(filterGraph({ ...graph, sampling: 'all' })).toMatch(/^\[0:V:0\]split=1\[a\];/)
})

test('masks come before the split, so that no output is without them', () => {
  const parts = {
    masks: [GATE.polygon],
    detailHeight: 448,
    leastDetailHeight: 0,
    zones: [GATE, { ...GATE, name: 'road' }],
  }
  const graph = filterGraph({ sampling: 'all', size: 8, fit: 'stretch', times: true, snapshotLongSide: 640, ...parts })
  const [head, ...chains] = graph.split(';')
  expect(head).toMatch(/^\[0:V:0\]scale=w='iw':h='ih':flags=[a-z_+]+,drawbox=.*,split=5\[a\]\[b\]\[c\]\[d\]\[e\]$/)
  expect(graph.match(/\[0:V:0\]/g)).toHaveLength(1)
  expect(chains.join(';')).not.toContain('drawbox')
})
