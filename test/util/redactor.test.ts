import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLearningRedactor, createRedactor, redactDeep } from '../../src/util/redactor.ts'

describe('createRedactor', () => {
  it('removes known secrets, however they are written', () => {
    const redact = createRedactor(['p@ss "word"/1'])
    for (const text of [
      'as it is: p@ss "word"/1.',
      `encoded: ${encodeURIComponent('p@ss "word"/1')}.`,
      `json: ${JSON.stringify('p@ss "word"/1')}.`,
    ])
      expect(redact(text)).toMatch(/^\w[\w ]*: "?\*\*\*"?\.$/)
  })

  it('removes the longer of two secrets that share their beginning', () => {
    expect(createRedactor(['geheim', 'geheim123'])('x geheim123 y')).toBe('x *** y')
  })

  it.each([
    ['rtsp://admin:12345@cam.local/h264', 'rtsp://***@cam.local/h264'],
    ['mqtts://u:p@ss@broker:8883 down', 'mqtts://***@broker:8883 down'],
    ['http://host/a?token=abc&x=1', 'http://host/a?token=***&x=1'],
    ['rtsp://cam/user=me_password=tlJwpbo6_channel=1.sdp failed', 'rtsp://cam/user=me_password=*** failed'],
    ['rtsp://cam/user=me&password=tlJwpbo6&channel=1', 'rtsp://cam/user=me&password=***&channel=1'],
    ['Authorization: Basic YWRtaW46MTIzNDU=', 'Authorization: Basic ***'],
    ['Digest username="u", response="0123456789abcdef0123456789abcdef"', 'Digest username="u", response="***"'],
    ['{"password":"a\\"b","user":"u"}', '{"password":"***","user":"u"}'],
  ])('removes what stands where secrets stand: %s', (text, expected) => {
    expect(createRedactor()(text)).toBe(expected)
  })

  it('does not change a base64 image, in linear time', () => {
    const picture = `${'/9j/token/KEY/sigAUTH+pass/'.repeat(20_000)}token==`
    expect(createRedactor()(picture)).toBe(picture)
  })

  it('leaves other text alone, and short secrets to the patterns', () => {
    const redact = createRedactor(['a', ''])
    expect(redact('a camera at rtsp://host/path?x=1 was lost')).toBe('a camera at rtsp://host/path?x=1 was lost')
    expect(redact('rtsp://u:a@host')).toBe('rtsp://***@host')
  })
})

it('a learning redactor knows the secrets of a reload and the earlier ones', () => {
  const { redact, learn } = createLearningRedactor(['alpha-secret'])
  expect(redact('alpha-secret beta-secret')).toBe('*** beta-secret')
  learn(['beta-secret'])
  expect(redact('alpha-secret beta-secret')).toBe('*** ***')
})

it('redactDeep changes values and never keys', () => {
  const redact = createRedactor(['status'])
  expect(redactDeep({ status: 'status', list: [{ n: 1, text: 'my status' }], none: null }, redact)).toEqual({
    status: '***',
    list: [{ n: 1, text: 'my ***' }],
    none: null,
  })
})

describe('a secret is masked in any surrounding text', () => {
  const word = fc.string({ minLength: 4, maxLength: 24, unit: fc.constantFrom(...'abAB01/@#?&=%+ "\\é:;_') })
  const around = fc.string({ maxLength: 60, unit: fc.constantFrom(...'ab01/@#?&=%+ "\\é:;_\n.-') })

  it('no known secret survives, whatever the others are and however it is written', () => {
    const asIs = (text: string) => text
    const asJson = (text: string) => JSON.stringify(text).slice(1, -1)
    const asLowerHex = (text: string) => encodeURIComponent(text).replace(/%../g, hex => hex.toLowerCase())
    const spelling = fc.constantFrom(asIs, encodeURIComponent, encodeURI, asJson, asLowerHex)
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), spelling, around, around, (secrets, spell, a, b) => {
        const redact = createRedactor(secrets)
        for (const secret of secrets) expect(redact(a + spell(secret) + b)).not.toContain(spell(secret))
      }),
    )
  })

  it('overlapping secrets leave no piece of each other', () => {
    expect(createRedactor(['abcd', 'bcdefg'])('x abcdefg y')).toBe('x *** y')
    expect(createRedactor(['aaaa'])('aaaaaa')).toBe('***')
  })

  it.each([
    ['a long name', `rtsp://cam/x?${'n'.repeat(500)}token=hunter2hunter2`],
    ['a name with a question mark', 'rtsp://cam/x?a?auth=hunter2hunter2'],
    ['a slash', 'rtsp://admin:hunter2/hunter2@cam/x'],
    ['a question mark', 'rtsp://admin:hunter2?hunter2@cam/x'],
    ['a number sign', 'rtsp://admin:hunter2#hunter2@cam/x'],
  ])('an unknown secret is found after or with %s', (_, text) => {
    expect(createRedactor()(text)).not.toContain('hunter2')
  })

  it.each(['rtsp://host:554/a@b', 'http://host/a:b@c', 'see http://host:80 or a@b'])('leaves %s alone', text => {
    expect(createRedactor()(text)).toBe(text)
  })

  it.each(['?key', '?', '&sig', '/pass', '_pass;', 'rtsp://', 'a://b:c', '"token":"', 'Basic ', '\\'])(
    'takes linear time on 64 KB of %s',
    unit => {
      const redact = createRedactor(['hunter2hunter2'])
      expect(redact(unit.repeat(Math.ceil(65_536 / unit.length))).length).toBeGreaterThan(0)
    },
  )
})
