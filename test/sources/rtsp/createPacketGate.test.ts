import { expect, test } from 'vitest'
import { createPacketGate, type PacketGateOptions } from '../../../src/sources/rtsp/createPacketGate.ts'

const OPTIONS: Omit<PacketGateOptions, 'forward'> = { codec: 'h264', clockRate: 90_000, decode: 'auto', fps: 1 }
/** NAL units of H.264 by name: IDR slice, other slice, SPS, SEI, recovery point, intra slice, delimiter. */
const H264 = { I: '65b8', P: '419a', s: '6742', e: '060502aa', r: '060601c4', i: '41b8', d: '09f0' } as const
/** The same of H.265: IDR, CRA, trailing frame, VPS, SEI. */
const H265 = { I: '2601af', C: '2a01af', P: '0201d0', s: '40010c', e: '4e010502' } as const

/** A camera whose frames come every `stepMs`; each string is one, a letter a packet. */
function play(options: Partial<PacketGateOptions>, frames: readonly string[], { stepMs = 100, jump = 0 } = {}) {
  const { codec } = { ...OPTIONS, ...options }
  const forwarded: Buffer[] = []
  const forward = (packet: Buffer) => forwarded.push(packet)
  const gate = createPacketGate({ ...OPTIONS, ...options, forward })
  const units: Record<string, string> = codec === 'h265' ? H265 : H264
  const names = new Map(Object.entries(units).map(([name, hex]) => [hex, name]))
  const out: { name: string; sequence: number; time: number }[] = []
  let sequence = 65_500
  const perFrame = frames.map((frame, n) => {
    const letters = [...frame]
    const before = out.length
    for (const [i, letter] of letters.entries()) {
      const last = i === letters.length - 1
      const head = Buffer.alloc(12)
      head[0] = 0x80
      head[1] = 96 | (last ? 0x80 : 0)
      head.writeUInt16BE(sequence++ & 0xffff, 2)
      head.writeUInt32BE((n * stepMs * 90 + (n >= 3 ? jump : 0)) >>> 0, 4)
      gate.take(Buffer.concat([head, Buffer.from(`${units[letter]}ffffff`, 'hex')]), n * stepMs)
      for (const packet of forwarded.splice(0)) {
        const hex = packet.toString('hex', 12)
        const name = names.get(hex.replace(/ffffff$/, '')) ?? '|'
        out.push({
          name: hex === '09f0' || hex === '460150' ? '|' : name,
          sequence: packet.readUInt16BE(2),
          time: packet.readUInt32BE(4),
        })
      }
    }
    return out
      .slice(before)
      .map(({ name }) => name)
      .join('')
  })
  return { perFrame, out, facts: gate.facts() }
}

test('nothing but parameter sets passes before the first keyframe', () => {
  expect(play({}, ['P', 'eP', 'seI', 'P', 'eP']).perFrame).toEqual(['', '', 'sI', 'P', 'eP'])
  expect(play({ codec: 'h265' }, ['P', 'seC', 'eP']).perFrame).toEqual(['', 'sC', 'eP'])
})

test('without keyframes decoding begins at a recovery point or an intra slice', () => {
  expect(play({}, ['P', 'rP', 'P']).perFrame).toEqual(['', 'rP', 'P'])
  expect(play({}, ['P', 'i', 'P']).perFrame).toEqual(['', 'i', 'P'])
})

test('a codec that is not inspected passes whole', () => {
  expect(play({ codec: null }, ['P', 'eP']).perFrame).toEqual(['P', 'eP'])
})

const SECONDS = (keyframeEvery: number, count: number) =>
  Array.from({ length: count }, (_, n) => (n % keyframeEvery === 0 ? 'sI' : 'P'))

test('auto: keyframes only as soon as five came often enough and the slot has its frame, each ended for ffmpeg’s parser', () => {
  const { perFrame } = play({}, SECONDS(2, 14), { stepMs: 500 })
  expect(perFrame).toEqual(['sI', 'P', 'sI', 'P', 'sI', 'P', 'sI', 'P', 'sI', 'P|', 'sI|', '', 'sI|', ''])
})

test('auto: everything while keyframes come too seldom, and again when they do', () => {
  expect(play({ fps: 2 }, SECONDS(2, 12), { stepMs: 500 }).perFrame).not.toContain('')
  const stretched = [...SECONDS(2, 10), 'P', 'P', 'P', 'P', 'P', 'P', 'sI', 'P', 'P']
  expect(play({}, stretched, { stepMs: 500 }).perFrame.slice(-4)).toEqual(['', 'sI', 'P', 'P'])
})

test('keyframes: all until the second keyframe’s slot has its frame, then keyframes only; all: everything', () => {
  const keyframes = play({ decode: 'keyframes', fps: 10 / 3 }, SECONDS(3, 10))
  expect(keyframes.perFrame).toEqual(['sI', 'P', 'P', 'sI', 'P|', '', 'sI|', '', '', 'sI|'])
  expect(play({ decode: 'all' }, SECONDS(3, 7)).perFrame).toEqual(['sI', 'P', 'P', 'sI', 'P', 'P', 'sI'])
})

test('of keyframes that come more often than `fps` asks for, one a slot passes', () => {
  const { perFrame, facts } = play({ decode: 'keyframes' }, SECONDS(3, 103))
  expect(facts.keyframes).toBe(35)
  const sampled = perFrame.slice(10).filter(packets => packets.includes('I'))
  expect(sampled.length).toBeGreaterThanOrEqual(9)
  expect(sampled.length).toBeLessThanOrEqual(10)
})

test('sequence numbers have no gap and times no step back, whatever is left out and whatever the camera’s clock does', () => {
  for (const jump of [0, 3600 * 90_000, -3600 * 90_000]) {
    const { out } = play({ decode: 'keyframes' }, SECONDS(3, 40), { jump })
    const [first] = out
    expect(out.map(({ sequence }) => sequence)).toEqual(out.map((_, i) => ((first?.sequence ?? 0) + i) & 0xffff))
    const times = out.map(({ time }) => time)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    // The last delimiter has the time of the next keyframe: up to 1.75 slots from now.
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan((3.9 + 1.75) * 90_000)
  }
})

test('its facts: the keyframe interval and the rate by the camera’s clock', () => {
  expect(play({}, ['P', 'P']).facts).toMatchObject({ waitsForKeyframe: true, keyframes: 0, keyframeIntervalMs: null })
  const { facts } = play({}, SECONDS(15, 31))
  expect(facts).toMatchObject({ waitsForKeyframe: false, keyframes: 3, keyframeIntervalMs: 1500, fps: 10 })
})

test('packets that are not RTP are dropped', () => {
  const forwarded: Buffer[] = []
  const gate = createPacketGate({ ...OPTIONS, codec: null, forward: packet => forwarded.push(packet) })
  for (const bytes of [[], [0x80], Array(12).fill(0x80), Array(40).fill(0)]) gate.take(Buffer.from(bytes), 0)
  expect(forwarded).toEqual([])
  gate.take(Buffer.alloc(40, 0x80), 0)
  expect(forwarded).toHaveLength(1)
})
