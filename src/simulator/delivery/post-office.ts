import type { Account, AccountBook } from '../accounts.ts'
import { choices } from '../choices.ts'
import { invalidArgument } from '../errors.ts'
import type { MessageRow } from '../mailbox/mailbox.ts'
import type { SimulatorClock } from '../surroundings.ts'
import { deliveredCopy, prepareOutgoing } from './outgoing.ts'
import { sendAsAddresses } from './send-as.ts'

/** Mail that left the simulator: nobody gets it, the control endpoint shows it. */
export interface OutsideMail {
  from: string
  recipients: readonly string[]
  /** Epoch milliseconds. */
  at: number
  /** As a recipient would get it. */
  raw: Buffer
}

const outsideLimit = 100

/** Carries mail between the accounts. */
export class PostOffice {
  readonly #accounts: AccountBook
  readonly #clock: SimulatorClock
  readonly #outside: OutsideMail[] = []

  constructor(accounts: AccountBook, clock: SimulatorClock) {
    this.#accounts = accounts
    this.#clock = clock
  }

  /** The last of them, oldest first. */
  outside(): readonly OutsideMail[] {
    return this.#outside
  }

  /** Sends and delivers; returns the sender's copy. `replaces` is a draft that goes with it. Throws GmailError 400. */
  send(
    account: Account,
    given: Buffer,
    options: { thread?: string | undefined; replaces?: MessageRow | undefined },
  ): MessageRow {
    const now = this.#clock.now()
    const allowed = new Set(
      sendAsAddresses(account).flatMap(({ address, verified }) => (verified ? [address.toLowerCase()] : [])),
    )
    const messageId = `CA${account.random.bytes(36).toString('base64url')}@mail.gmail.com`
    const { raw, recipients } = prepareOutgoing(given, {
      address: account.address,
      name: account.name,
      allowed,
      messageId,
      now,
    })
    if (recipients.length === 0) throw invalidArgument('Recipient address required')
    if (recipients.length > choices.recipients) throw invalidArgument('Too many recipients')
    const inside = new Set(recipients.flatMap((address) => this.#accounts.find(address) ?? []))
    const { mailbox } = account
    const sent = mailbox.db.transaction(() => {
      // One message to oneself: fact sheet section 2.6.
      const labels = inside.has(account) ? ['UNREAD', 'SENT', 'INBOX'] : ['SENT']
      const row = mailbox.add({ raw, labels, date: now, thread: options.thread })
      if (options.replaces) mailbox.remove(options.replaces)
      return row
    })
    const copy = (to: string) =>
      deliveredCopy(raw, { to, from: account.address, now, id: account.random.bytes(12).toString('hex') })
    for (const other of inside) {
      if (other !== account)
        other.mailbox.add({ raw: copy(other.address), labels: ['INBOX', 'UNREAD'], date: now })
    }
    const strangers = recipients.filter((address) => !this.#accounts.find(address))
    if (strangers.length > 0)
      this.#letGo({ from: account.address, recipients: strangers, at: now, raw: copy(strangers[0] ?? '') })
    return sent
  }

  #letGo(mail: OutsideMail): void {
    this.#outside.push(mail)
    if (this.#outside.length > outsideLimit) this.#outside.shift()
  }
}
