import type { Mailbox } from '#mail/mailbox.ts'
import type { SubscriptionStore } from '#store/subscriptions.ts'
import { MailError } from '#mail/errors.ts'

const nameLimit = 10_000
const lengthLimit = 1000

/** What clients said of names that have no mailbox; the rows of mailboxes know their own. */
export class Subscriptions {
  readonly #store: SubscriptionStore
  #names: ReadonlyMap<string, boolean>

  private constructor(store: SubscriptionStore, names: ReadonlyMap<string, boolean>) {
    this.#store = store
    this.#names = names
  }

  static async open(store: SubscriptionStore): Promise<Subscriptions> {
    return new Subscriptions(store, await store.all())
  }

  /** What was said of a name; undefined when nothing was. */
  of(name: string): boolean | undefined {
    return this.#names.get(name)
  }

  async set(name: string, subscribed: boolean | undefined): Promise<void> {
    if (this.#names.get(name) === subscribed) return
    const names = new Map(this.#names)
    names.delete(name)
    if (subscribed !== undefined) names.set(name, subscribed)
    if (names.size > nameLimit || name.length > lengthLimit)
      throw new MailError('limit', 'There are too many subscriptions of names that do not exist')
    await this.#store.replace(names)
    this.#names = names
  }

  /** All mailboxes, sorted by name, with the subscribed names that do not exist among them. */
  appliedTo(mailboxes: readonly Mailbox[]): readonly Mailbox[] {
    if (this.#names.size === 0) return mailboxes
    const known = new Set(mailboxes.map(({ name }) => name))
    const all = mailboxes.map((mailbox) => {
      const said = mailbox.id === undefined ? this.#names.get(mailbox.name) : undefined
      return said === undefined ? mailbox : { ...mailbox, subscribed: said }
    })
    for (const [name, subscribed] of this.#names)
      if (subscribed && !known.has(name)) all.push(nonexistent(name))
    return all.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  }
}

function nonexistent(name: string): Mailbox {
  return {
    id: undefined,
    name,
    role: undefined,
    selectable: false,
    hasChildren: false,
    subscribed: true,
    labelId: undefined,
  }
}
