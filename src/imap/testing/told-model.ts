import assert from 'node:assert/strict'
import type { NumberRange } from '#mail/number-set.ts'
import type { MailboxSnapshot } from '#mail/snapshot.ts'

interface KnownMessage {
  uid: number | undefined
  flags: string | undefined
}

/** A mailbox as a client knows it that has only untagged lines to go by: the plainest reading of RFC 9051 section 7.5. */
export class ToldModel {
  readonly #messages: KnownMessage[]

  constructor(told: MailboxSnapshot) {
    this.#messages = Array.from(told.uids, (uid, i) => ({ uid, flags: flagsAt(told, i) }))
  }

  hear(lines: string): void {
    for (const line of lines.split('\r\n').filter(Boolean)) {
      const expunge = /^\* (\d+) EXPUNGE$/.exec(line)
      const exists = /^\* (\d+) EXISTS$/.exec(line)
      const fetch = /^\* (\d+) FETCH \(UID (\d+) FLAGS \(([^)]*)\)\)$/.exec(line)
      if (expunge) {
        const number = Number(expunge[1])
        assert.ok(number >= 1 && number <= this.#messages.length, line)
        this.#messages.splice(number - 1, 1)
      } else if (exists) {
        const count = Number(exists[1])
        assert.ok(count > this.#messages.length, `${line} after ${this.#messages.length}`)
        while (this.#messages.length < count) this.#messages.push({ uid: undefined, flags: undefined })
      } else if (fetch) {
        const known = this.#messages[Number(fetch[1]) - 1]
        assert.ok(known !== undefined, line)
        assert.ok(known.uid === undefined || known.uid === Number(fetch[2]), line)
        known.flags = fetch[3]
      } else assert.match(line, /^\* (FLAGS|OK \[PERMANENTFLAGS) /)
    }
  }

  /** New messages are asked for, as a client would. */
  agreesWith(told: MailboxSnapshot): void {
    assert.equal(this.#messages.length, told.uids.length)
    for (const [i, known] of this.#messages.entries()) {
      known.uid ??= told.uids[i]
      known.flags ??= flagsAt(told, i)
      assert.equal(known.uid, told.uids[i])
      assert.equal(known.flags, flagsAt(told, i))
    }
  }
}

/** Whether a number is in a set, with `*` meaning the largest. */
export function parseNumbers(set: readonly NumberRange[], largest: number): (value: number) => boolean {
  const star = (value: number) => (value === Infinity ? largest : value)
  return (value) =>
    set.some(({ from, to }) => {
      const [low, high] = [Math.min(star(from), star(to)), Math.max(star(from), star(to))]
      return low <= value && value <= high
    })
}

function flagsAt(told: MailboxSnapshot, index: number): string {
  return told.flagTable.get(told.flags[index] ?? -1).text
}
