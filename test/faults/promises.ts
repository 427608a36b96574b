import assert from 'node:assert/strict'
import type { Dialog } from './dialog.ts'

/** What the bridge has said to clients, and may never take back whatever happens to it. */
export class Promises {
  readonly #validity = new Map<string, string>()
  readonly #idByUid = new Map<string, string>()

  /** Opens a mailbox and gives its UIDs by Gmail's ids. Throws AssertionError when one is another message's than before. */
  async open(client: Dialog, mailbox: string): Promise<Map<string, number>> {
    const opened = await client.command(`SELECT "${mailbox}"`)
    const [, validity = ''] = /UIDVALIDITY (\d+)/.exec(opened) ?? []
    assert.equal(validity, this.#validity.get(mailbox) ?? validity, `UIDVALIDITY of ${mailbox}`)
    this.#validity.set(mailbox, validity)
    const found = new Map<string, number>()
    const listed = await client.command('UID FETCH 1:* (EMAILID)')
    for (const [, uid, id] of listed.matchAll(/UID (\d+) EMAILID \(([^)]+)\)/g)) {
      this.note(mailbox, Number(uid), String(id))
      assert.ok(!found.has(String(id)), `${id} is in ${mailbox} twice`)
      found.set(String(id), Number(uid))
    }
    return found
  }

  /** A UID was told to be this message's. */
  note(mailbox: string, uid: number, id: string): void {
    const key = `${mailbox} ${uid}`
    assert.equal(id, this.#idByUid.get(key) ?? id, `UID ${uid} of ${mailbox}`)
    this.#idByUid.set(key, id)
  }

  idOf(mailbox: string, uid: number): string | undefined {
    return this.#idByUid.get(`${mailbox} ${uid}`)
  }
}
