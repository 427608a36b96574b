import assert from 'node:assert/strict'

interface Known {
  uid: number | undefined
  flags: string | undefined
}

/** A selected mailbox as a client knows it that believes every untagged line: RFC 9051 section 7, RFC 7162 section 3.2.10. */
export class ClientModel {
  readonly #messages: Known[]

  constructor(uids: readonly number[]) {
    this.#messages = uids.map((uid) => ({ uid, flags: undefined }))
  }

  get count(): number {
    return this.#messages.length
  }

  /** Takes one untagged line in; `holdsExpunges`: a command is running that counts on its numbers. */
  hear(line: string, holdsExpunges: boolean): void {
    const expunge = /^\* (\d+) EXPUNGE$/.exec(line)
    const vanished = /^\* VANISHED ([\d:,]+)$/.exec(line)
    const exists = /^\* (\d+) EXISTS$/.exec(line)
    const recent = /^\* (\d+) RECENT$/.exec(line)
    // After .SILENT only the mod-sequence is told.
    const fetch = /^\* (\d+) FETCH \((?:UID (\d+) ?)?(?:FLAGS \(([^)]*)\))? ?(?:MODSEQ \(\d+\))?\)$/.exec(
      line,
    )
    if (expunge) {
      assert.ok(!holdsExpunges, `${line} while numbers are in use`)
      const number = Number(expunge[1])
      assert.ok(number >= 1 && number <= this.count, line)
      this.#messages.splice(number - 1, 1)
    } else if (vanished) {
      assert.ok(!holdsExpunges, `${line} while numbers are in use`)
      for (const uid of numbersOf(vanished[1] ?? '')) {
        // It may be one that came lately, of which only the count was told.
        const named = this.#messages.findIndex((one) => one.uid === uid)
        const at = named === -1 ? this.#unnamed(uid) : named
        assert.notEqual(at, -1, `${line}: ${uid} was not known`)
        this.#messages.splice(at, 1)
      }
    } else if (exists) {
      const count = Number(exists[1])
      assert.ok(count >= this.count, `${line} after ${this.count}`)
      while (this.count < count) this.#messages.push({ uid: undefined, flags: undefined })
    } else if (recent) {
      assert.ok(Number(recent[1]) <= this.count, `${line} of ${this.count}`)
    } else if (fetch) {
      const known = this.#messages[Number(fetch[1]) - 1]
      assert.ok(known !== undefined, line)
      if (fetch[2] !== undefined) {
        assert.ok(known.uid === undefined || known.uid === Number(fetch[2]), `${line}: it was ${known.uid}`)
        known.uid = Number(fetch[2])
      }
      if (fetch[3] !== undefined) known.flags = fetch[3]
    } else assert.match(line, /^\* (FLAGS|OK|SEARCH|ESEARCH)\b/)
  }

  /** It changed flags itself, in silence. */
  forgetFlags(): void {
    for (const one of this.#messages) one.flags = undefined
  }

  /** Where a message may be of whose UID it only knows what is before and behind it. */
  #unnamed(uid: number): number {
    const behind = this.#messages.findLastIndex((one) => one.uid !== undefined && one.uid < uid) + 1
    return this.#messages[behind]?.uid === undefined && behind < this.count ? behind : -1
  }

  /** What it knows of each message, by its number. */
  known(): readonly Readonly<Known>[] {
    return this.#messages
  }
}

/** `1:3,7` as numbers. */
function numbersOf(set: string): number[] {
  return set.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split(':').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}
