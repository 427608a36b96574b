import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { hashClientPassword, isClientPassword, makeClientPassword } from './client-password.ts'

describe('a client password', () => {
  it('has 16 letters in four groups, each letter as likely as the others', () => {
    const counts = new Map<string, number>()
    for (let i = 0; i < 2600; i += 1) {
      const password = makeClientPassword(randomBytes)
      assert.match(password, /^[a-z]{4}(-[a-z]{4}){3}$/)
      for (const letter of password.replaceAll('-', '')) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    }
    assert.equal(counts.size, 26)
    // 1600 are expected; ten standard deviations are 392.
    for (const [letter, count] of counts) assert.ok(Math.abs(count - 1600) < 392, `${letter}: ${count}`)
  })

  it('skips octets that would make some letters likelier', () => {
    const octets = [
      Buffer.alloc(32, 255),
      Buffer.from([...Array.from({ length: 16 }, () => 233), ...Array(16).fill(0)]),
    ]
    assert.equal(
      makeClientPassword(() => octets.shift() ?? Buffer.alloc(32)),
      'zzzz-zzzz-zzzz-zzzz',
    )
  })

  it('is recognised by its hash, with and without dashes, spaces and capitals', () => {
    const hash = hashClientPassword('abcd-efgh-ijkl-mnop', randomBytes)
    for (const typed of [
      'abcd-efgh-ijkl-mnop',
      'abcdefghijklmnop',
      ' Abcd efgh ijkl mnop\t',
      'ABCDEFGH-IJKLMNOP',
    ])
      assert.ok(isClientPassword(typed, hash), typed)
    for (const typed of ['', 'abcd', 'abcd-efgh-ijkl-mnoq', hash])
      assert.ok(!isClientPassword(typed, hash), typed)
  })

  it('has another hash every time, and the hash does not hold it', () => {
    const one = hashClientPassword('abcd-efgh-ijkl-mnop', randomBytes)
    assert.notEqual(one, hashClientPassword('abcd-efgh-ijkl-mnop', randomBytes))
    assert.ok(!one.includes('abcd'))
  })

  it('is nobody’s where the hash is damaged', () => {
    for (const hash of ['', 'sha256', 'sha256$a', 'sha256$$', 'scrypt$a$b', `sha256$${'A'.repeat(22)}$AAAA`])
      assert.ok(!isClientPassword('', hash), hash)
  })
})
