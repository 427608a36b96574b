import type { MessageKey } from '#mail/ids.ts'
import type { PoppedStore } from '../popped.ts'
import type { AccountPart } from './account-part.ts'
import { slices } from '../pause.ts'

const lookupRows = 500

/** The rows of `popped`, of one account. */
export class SqlitePopped implements PoppedStore {
  readonly #part: AccountPart

  constructor(part: AccountPart) {
    this.#part = part
  }

  async among(keys: readonly MessageKey[], how: 'retrieved' | 'deleted'): Promise<ReadonlySet<MessageKey>> {
    const found = new Set<MessageKey>()
    for await (const slice of slices(keys, lookupRows))
      for (const [m] of this.#part.db.all<[number]>(
        'select p.m from json_each(?) j cross join popped p on p.m = j.value where p.deleted >= ?',
        this.#ms(slice),
        how === 'deleted' ? 1 : 0,
      ))
        found.add(this.#part.key(m))
    return found
  }

  async add({
    retrieved,
    deleted,
  }: {
    retrieved: readonly MessageKey[]
    deleted: readonly MessageKey[]
  }): Promise<void> {
    const { db } = this.#part
    const add = `insert into popped select m.m, ?2 from json_each(?1) j cross join message m on m.m = j.value
      where true on conflict do update set deleted = max(deleted, excluded.deleted)`
    await this.#part.durably(() => {
      db.run(add, this.#ms(retrieved), 0)
      db.run(add, this.#ms(deleted), 1)
    })
  }

  #ms(keys: readonly MessageKey[]): string {
    return `[${keys.map((key) => this.#part.m(key)).join()}]`
  }
}
