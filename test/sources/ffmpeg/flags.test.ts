import { expect, test } from 'vitest'
import { filterGraph, SCALER } from '../../../src/sources/ffmpeg/filters.ts'
import { type DecodePlan, decodeCommand, inputArguments } from '../../../src/sources/ffmpeg/flags.ts'

const url = 'rtsp://bob:hunter22@10.0.0.9/one'
const camera: DecodePlan = {
  input: { kind: 'rtsp', url, transport: 'tcp', socketTimeoutMs: 5000 },
  sampling: { fps: 1 },
  size: 224,
  fit: 'stretch',
  keyframesOnly: true,
  times: false,
  snapshot: null,
  maxFrames: null,
  hwaccel: null,
}
const v = (major: number, minor: number) => ({ version: { major, minor } })

test('a camera on ffmpeg 5.1: the URL goes through stdin', () => {
  const { args, input, pipes } = decodeCommand(v(5, 1), camera)
  expect(args.join(' ')).toBe(
    '-hide_banner -nostats -loglevel repeat+error -nostdin -threads 1 -skip_frame nokey ' +
      '-use_wallclock_as_timestamps 1 -f concat -safe 0 -protocol_whitelist pipe,tcp -i pipe:0 ' +
      `-filter_complex ${filterGraph({ ...camera, snapshotLongSide: null })} ` +
      '-map [raw] -fps_mode passthrough -flush_packets 1 -c:v rawvideo -f rawvideo pipe:1',
  )
  expect(input).toBe(
    `ffconcat version 1.0\nfile '${url}'\noption rtsp_transport tcp\noption allowed_media_types video\noption fpsprobesize 0\noption timeout 5000000\n`,
  )
  expect(pipes).toEqual([])
})

test('a camera on ffmpeg 4.1: -stimeout, because -timeout listens, and -vsync', () => {
  const { args, input } = decodeCommand(v(4, 1), camera)
  const line = args.join(' ')
  expect(line).toContain(`-stimeout 5000000 -protocol_whitelist rtsp,tcp -i ${url}`)
  expect(line).toContain('-vsync 0')
  expect(line).not.toMatch(/-fps_mode| -timeout /)
  expect(input).toBe('')
})

test('5.0 has -timeout and the script, and not yet -fps_mode', () => {
  const { args, input } = decodeCommand(v(5, 0), camera)
  expect(args).toContain('-vsync')
  expect(input).toContain('option timeout 5000000')
})

test.each([
  ['rtsp://h/1', 'tcp', 'pipe,tcp'],
  ['rtsp://h/1', 'udp', 'pipe,tcp,udp,rtp'],
  ['rtsps://h/1', 'tcp', 'pipe,tcp,tls'],
] as const)('%s over %s may use %s and nothing else', (address, transport, list) => {
  const { args } = inputArguments({ major: 6, minor: 0 }, { kind: 'rtsp', url: address, transport, socketTimeoutMs: 1 })
  expect(args[args.indexOf('-protocol_whitelist') + 1]).toBe(list)
})

test('a quote in a URL can’t end the script’s string', () => {
  const evil = "rtsp://h/a'\nfile 'x"
  const { input } = inputArguments(
    { major: 6, minor: 0 },
    { kind: 'rtsp', url: new URL(evil).href, transport: 'tcp', socketTimeoutMs: 1 },
  )
  expect(input.match(/^file /gm)).toHaveLength(1)
  expect(input).toContain("file 'rtsp://h/a%27file")
})

test('a file is a file, whatever its name looks like, and may reach nothing else', () => {
  const input = { kind: 'file', path: '/v/rtp:x.m3u8', realtime: true, loop: true } as const
  expect(inputArguments({ major: 5, minor: 1 }, input)).toEqual({
    args: ['-re', '-stream_loop', '-1', '-protocol_whitelist', 'file', '-i', 'file:/v/rtp:x.m3u8'],
    input: '',
  })
})

test('times and snapshots get pipes of their own, in this order', () => {
  const plan = { ...camera, times: true, snapshot: { longSide: 640, quality: 4 }, maxFrames: 9, hwaccel: 'vaapi' }
  const { args, pipes } = decodeCommand(v(5, 1), plan)
  expect(pipes).toEqual(['times', 'jpeg'])
  const line = args.join(' ')
  expect(line).toContain('-hwaccel vaapi -skip_frame nokey')
  const shared = '-fps_mode passthrough -flush_packets 1 -frames:v 9'
  expect(line).toContain(
    `-map [times] ${shared} -c:v rawvideo -enc_time_base 1:1000000 -f mkvtimestamp_v2 pipe:3 ` +
      `-map [jpeg] ${shared} -c:v mjpeg -q:v 4 -enc_time_base 1/25 -threads 1 -f mpjpeg pipe:4`,
  )
})

test('the graph of a camera with snapshots', () => {
  expect(filterGraph({ sampling: { fps: 2 }, size: 8, fit: 'stretch', times: true, snapshotLongSide: 640 })).toBe(
    "[0:V:0]select='isnan(prev_selected_t)+gt(floor((t+0.001)*2),floor((prev_selected_t+0.001)*2))',split=3[a][b][c];" +
      `[a]scale=w='8':h='8':flags=${SCALER},format=rgb24[raw];[b]crop=1:1:0:0:exact=1[times];` +
      "[c]scale=w='if(gte(iw,ih),min(640,iw),-2)':h='if(gt(ih,iw),min(640,ih),-2)',format=yuvj420p,settb=1/25,setpts=N[jpeg]",
  )
})

test('every n-th frame is counted, all frames are not selected', () => {
  const graph = { size: 8, fit: 'stretch', times: false, snapshotLongSide: null } as const
  expect(filterGraph({ ...graph, sampling: { everyNth: 5 } })).toMatch(
    /^\[0:V:0\]select='not\(mod\(n,5\)\)',split=1\[a\];/,
  )
  expect(filterGraph({ ...graph, sampling: 'all' })).toMatch(/^\[0:V:0\]split=1\[a\];/)
})
