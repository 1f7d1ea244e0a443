import { expect, it } from 'vitest'
import { hasAmbiguousLogin } from '../../src/util/hasAmbiguousLogin.ts'

it.each([
  'mqtt://user:p@SecretTail/w@127.0.0.1:1883',
  'mqtt://user:12/34@host',
  'mqtt://user:ab/cd@host:1883',
  'mqtts://user:a#b@host',
  'mqtt://user:a?b@host:1883',
  'ws://user:a\\b@host/mqtt',
  'mqtt://us/er:secret@host',
])('sees more than one reading of %s', url => expect(hasAmbiguousLogin(url)).toBe(true))

it.each([
  'mqtt://host',
  'mqtt://host:1883',
  'mqtt://user:password@host:1883',
  'mqtt://user:p@ss@host',
  'mqtt://user:p%2Fw%40@host/',
  'ws://user:password@host:80/mqtt?x=1#y',
  'wss://host/mqtt?x=a%40b',
])('sees one reading of %s', url => expect(hasAmbiguousLogin(url)).toBe(false))
