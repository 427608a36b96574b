import { atGmail } from './bridge.ts'
import type { Dialog } from './dialog.ts'
import { Promises } from './promises.ts'
import type { Ready } from '../postern.ts'

/** What the clients of one account were told; undefined where a command was cut or refused, so that either may be. */
export class Known {
  readonly promises = new Promises()
  /** By Gmail's id, as everything else but `appended`. */
  readonly flagged = new Map<string, boolean | undefined>()
  readonly keywords = new Map<string, string | undefined>()
  /** INBOX or Kept. */
  readonly places = new Map<string, string | undefined>()
  readonly removed = new Set<string>()
  /** UIDs by Message-ID, of those that were acknowledged. */
  readonly appended = new Map<string, number>()
  /** Message-IDs of those that were put in once, acknowledged or not. */
  readonly tried = new Set<string>()
  #wanted = 0
  #enough = () => {}

  acknowledge(): void {
    if (--this.#wanted === 0) this.#enough()
  }

  /** Until so many more changes were acknowledged. */
  more(count: number): Promise<void> {
    this.#wanted = count
    return new Promise((resolve) => {
      this.#enough = resolve
    })
  }

  /** What is not as it was acknowledged: at Gmail, or for an IMAP client that sees INBOX. */
  async broken(client: Dialog, google: Ready, account?: string): Promise<string[]> {
    const messages = await atGmail(google, account)
    const labels = new Map(messages.map((message) => [message.id, message.labels]))
    const wrong: string[] = []
    const check = (isRight: boolean, text: string) => {
      if (!isRight) wrong.push(text)
    }
    for (const [id, flagged] of this.flagged)
      check(flagged === undefined || labels.get(id)?.includes('STARRED') === flagged, `flag of ${id}`)
    for (const [id, place] of this.places) {
      const places = ['INBOX', 'Kept'].filter((label) => labels.get(id)?.includes(label))
      check(
        place === undefined ? places.length > 0 : places.join() === place,
        `place of ${id}: ${places.join()}`,
      )
    }
    for (const id of this.removed) check(!labels.get(id)?.includes('INBOX'), `${id} came back`)
    const uids = await this.promises.open(client, 'INBOX')
    const ids = Map.groupBy(messages, ({ messageId }) => messageId)
    for (const messageId of this.tried)
      check((ids.get(messageId)?.length ?? 0) < 2, `${messageId} is there twice`)
    for (const [messageId, uid] of this.appended) {
      const id = ids.get(messageId)?.[0]?.id
      const now = id === undefined ? 'not at Gmail' : `UID ${uids.get(id)}, ${labels.get(id)?.join(' ')}`
      check(id !== undefined && uids.get(id) === uid, `${messageId} was UID ${uid} and is ${now}`)
    }
    for (const [id, keyword] of this.keywords) {
      if (keyword === undefined) continue
      const answer = await client.command(`UID FETCH ${uids.get(id)} FLAGS`)
      check(new RegExp(`[( ]${keyword}[ )]`).test(answer), `keyword ${keyword} of ${id}`)
    }
    return wrong
  }
}
