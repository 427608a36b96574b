import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomFillSync,
  type DecipherGCM,
} from 'node:crypto'
import { discard } from '#mail/lent-octets.ts'
import type { Seal } from '#mail/surroundings.ts'
import { SealError } from '#mail/surroundings.ts'

/** First octet of everything sealed; another layout would get another number. */
const version = 1
const nonceBytes = 12
const tagBytes = 16
const headBytes = 1 + nonceBytes + tagBytes
/** Nonces are drawn many at a time: one call of the kernel's generator costs more than sealing a small value. */
const poolBytes = nonceBytes * 256
/**
 * What is opened into given memory is opened in pieces: each is made by malloc, and of long ones the pages are given back
 * and faulted in again, which takes several times as long as opening does.
 */
const pieceBytes = 64 * 1024

/**
 * AES-256-GCM: version octet, nonce, tag, ciphertext: 29 octets more than the plain text. The purpose is authenticated
 * with it, so that a sealed value cannot be moved to another row or account. Nonces are random: the safe number of values
 * under one key is 2^32 (NIST SP 800-38D section 8.3), far above what a mailbox holds.
 * Throws RangeError unless `key` has 32 octets.
 */
export function createSeal(key: Uint8Array): Seal {
  const secret = createSecretKey(deriveKey(key, 'seal'))
  const pool = Buffer.alloc(poolBytes)
  let used = poolBytes

  function nonce(): Buffer {
    if (used === poolBytes) {
      randomFillSync(pool)
      used = 0
    }
    used += nonceBytes
    return pool.subarray(used - nonceBytes, used)
  }

  return {
    seal(plain, purpose) {
      const sealed = Buffer.allocUnsafe(headBytes + plain.length)
      sealed[0] = version
      nonce().copy(sealed, 1)
      const cipher = createCipheriv('aes-256-gcm', secret, sealed.subarray(1, 1 + nonceBytes))
      cipher.setAAD(boundTo(purpose))
      cipher.update(plain).copy(sealed, headBytes)
      // GCM is a stream: there is nothing left, but the tag exists only after this.
      cipher.final()
      cipher.getAuthTag().copy(sealed, 1 + nonceBytes)
      return sealed
    },

    open(sealed, purpose) {
      const decipher = decipherOf(sealed, purpose)
      const plain = decipher.update(sealed.subarray(headBytes))
      prove(decipher)
      return plain
    },

    openInto(sealed, purpose, room) {
      const decipher = decipherOf(sealed, purpose)
      const length = sealed.length - headBytes
      if (room.length < length)
        throw new RangeError(`Cannot open ${length} octets into a room of ${room.length}`)
      for (let at = 0; at < length; at += pieceBytes) {
        const piece = decipher.update(
          sealed.subarray(headBytes + at, Math.min(headBytes + at + pieceBytes, sealed.length)),
        )
        room.set(piece, at)
        discard(piece)
      }
      prove(decipher)
      return room.subarray(0, length)
    },
  }

  function decipherOf(sealed: Uint8Array, purpose: string): DecipherGCM {
    if (sealed.length < headBytes) throw new SealError(`Cannot open ${sealed.length} octets: they were cut`)
    if (sealed[0] !== version)
      throw new SealError(
        `Cannot open a value of version ${sealed[0]}: this Postern knows version ${version}`,
      )
    const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(1, 1 + nonceBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(boundTo(purpose))
    decipher.setAuthTag(sealed.subarray(1 + nonceBytes, headBytes))
    return decipher
  }
}

/** Throws SealError unless all octets that the decipher was given are what was sealed. */
function prove(decipher: DecipherGCM): void {
  try {
    decipher.final()
  } catch (cause) {
    throw new SealError('Cannot open a sealed value: it was changed, or sealed under another key', { cause })
  }
}

/** A key of 32 octets for one use, so that no key serves two. Throws RangeError unless `key` has 32 octets. */
export function deriveKey(key: Uint8Array, use: string): Buffer {
  if (key.length !== 32) throw new RangeError(`Cannot use a key of ${key.length} octets: it must have 32`)
  return Buffer.from(hkdfSync('sha256', key, '', `postern ${use} v1`, 32))
}

function boundTo(purpose: string): Buffer {
  return Buffer.from(`${String.fromCharCode(version)}${purpose}`)
}
