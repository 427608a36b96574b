import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { SealError } from '#mail/surroundings.ts'
import { createSeal, deriveKey } from './seal.ts'

const key = Buffer.alloc(32, 7)

describe('createSeal', () => {
  it('opens what it sealed, whatever the octets and the purpose', () => {
    const seal = createSeal(key)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.string({ unit: 'binary' }), (plain, purpose) => {
        assert.deepEqual(seal.open(seal.seal(plain, purpose), purpose), Buffer.from(plain))
      }),
    )
  })

  it('opens into the beginning of given memory, long values too, and refuses the same', () => {
    const seal = createSeal(key)
    for (const length of [0, 1, 65_535, 65_536, 65_537, 300_000]) {
      const plain = randomBytes(length)
      const sealed = seal.seal(plain, 'p')
      const room = Buffer.alloc(length + 10, 1)
      const opened = seal.openInto(sealed, 'p', room)
      assert.deepEqual(opened, plain)
      assert.equal(opened.buffer, room.buffer)
      assert.deepEqual(room.subarray(length), Buffer.alloc(10, 1))
      assert.throws(() => seal.openInto(sealed, 'q', room), SealError)
      assert.throws(() => seal.openInto(sealed.subarray(0, -1), 'p', room), SealError)
      if (length > 0)
        assert.throws(() => seal.openInto(sealed, 'p', room.subarray(0, length - 1)), RangeError)
    }
  })

  it('never seals the same value in the same way', () => {
    const seal = createSeal(key)
    const seen = new Set<string>()
    for (let i = 0; i < 1000; i += 1) seen.add(seal.seal(Buffer.from('same'), 'p').toString('hex', 1, 13))
    assert.equal(seen.size, 1000)
  })

  it('refuses a value of which any octet was changed or cut off', () => {
    const seal = createSeal(key)
    const sealed = seal.seal(Buffer.from('refresh token'), 'grant 1')
    for (let i = 0; i < sealed.length; i += 1) {
      const changed = Buffer.from(sealed)
      changed[i] = (changed[i] as number) ^ 1
      assert.throws(() => seal.open(changed, 'grant 1'), SealError, `octet ${i}`)
      assert.throws(() => seal.open(sealed.subarray(0, i), 'grant 1'), SealError, `cut at ${i}`)
    }
  })

  it('refuses another purpose and another key', () => {
    const sealed = createSeal(key).seal(Buffer.from('x'), 'grant 1')
    assert.throws(() => createSeal(key).open(sealed, 'grant 2'), SealError)
    assert.throws(() => createSeal(randomBytes(32)).open(sealed, 'grant 1'), SealError)
  })

  it('opens what an earlier process sealed', () => {
    const sealed = createSeal(key).seal(Buffer.from('kept'), 'p')
    assert.equal(createSeal(Buffer.from(key)).open(sealed, 'p').toString(), 'kept')
  })

  it('does not work with a short key', () => {
    assert.throws(() => createSeal(Buffer.alloc(16)), RangeError)
  })

  it('derives another key for every use', () => {
    assert.notDeepEqual(deriveKey(key, 'a'), deriveKey(key, 'b'))
  })
})
