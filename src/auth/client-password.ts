import { createHash, timingSafeEqual } from 'node:crypto'
import type { Door } from '#mail/doorman.ts'
import type { RandomBytes } from '#mail/surroundings.ts'

export const doors: readonly Door[] = ['imap', 'pop3', 'smtp']

/** Whether this can be the name of an IMAP capability, such as `X-GM-EXT-1`. RFC 9051 section 9, capability. */
export function isCapability(word: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9=+.-]{0,59}$/.test(word)
}

const letters = 'abcdefghijklmnopqrstuvwxyz'
const length = 16
const saltBytes = 16
const scheme = 'sha256'

/**
 * A client password: 16 letters, 75 bits, in four groups for people. It is shown once and kept only as a hash. Small
 * letters alone: a phone types them without changing its keyboard, and there is no 0 or 1 to mistake an o or an l for.
 */
export function makeClientPassword(randomBytes: RandomBytes): string {
  let text = ''
  while (text.length < length) {
    for (const octet of randomBytes(32)) {
      // 234 = 9 * 26: the octets above would make some letters likelier than others.
      if (octet < 234 && text.length < length) text += letters.charAt(octet % 26)
    }
  }
  return grouped(text)
}

/**
 * `sha256$salt$digest`. A fast hash is sound here: the password is ours, random and has 75 bits, so that guessing is out
 * of reach however fast; a slow one would only slow down every login. For passwords that people choose it is not:
 * those are never stored (`chosen-passwords.ts`).
 */
export function hashClientPassword(password: string, randomBytes: RandomBytes): string {
  const salt = randomBytes(saltBytes)
  return [scheme, salt.toString('base64url'), digest(password, salt).toString('base64url')].join('$')
}

/** Spaces, dashes and letter case do not count: clients and people add them. False for a hash of another make. */
export function isClientPassword(password: string, hash: string): boolean {
  const [name, salt, expected] = hash.split('$')
  if (name !== scheme || salt === undefined || expected === undefined) return false
  const wanted = Buffer.from(expected, 'base64url')
  const given = digest(password, Buffer.from(salt, 'base64url'))
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

function digest(password: string, salt: Uint8Array): Buffer {
  const bare = password.replace(/[\s-]/g, '').toLowerCase()
  return createHash('sha256').update(salt).update(bare).digest()
}

function grouped(text: string): string {
  return [0, 4, 8, 12].map((at) => text.slice(at, at + 4)).join('-')
}
