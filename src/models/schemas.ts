/** Schemas that several files of a model share. The message of each names the expected value: see `parseForeign`. */

import { z } from 'zod'

export const text = z.string('text').min(1, 'text')
export const sha256 = z.string('64 hex digits').regex(/^[0-9a-f]{64}$/, '64 hex digits')
export const number = z.number('a number')
export const aboveZero = z.number('a number above 0').positive('a number above 0')
export const fraction = z.number('a number in [0, 1]').min(0, 'a number in [0, 1]').max(1, 'a number in [0, 1]')
export const count = z.int('a whole number of at least 0').nonnegative('a whole number of at least 0')
export const size = z.int('a whole number above 0').positive('a whole number above 0')

const each = z.number('three numbers')
/** Per RGB channel. */
export const rgb = z.tuple([each, each, each], 'three numbers').readonly()
