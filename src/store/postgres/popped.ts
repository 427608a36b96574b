import type { MessageKey } from '#mail/ids.ts'
import { slices } from '../pause.ts'
import type { PoppedStore } from '../popped.ts'
import type { AccountPart } from './account-part.ts'

const lookupRows = 5000

/** The rows of `popped`, of one account. */
export class PostgresPopped implements PoppedStore {
  readonly #part: AccountPart

  constructor(part: AccountPart) {
    this.#part = part
  }

  async among(keys: readonly MessageKey[], how: 'retrieved' | 'deleted'): Promise<ReadonlySet<MessageKey>> {
    const found = new Set<MessageKey>()
    for await (const slice of slices(keys, lookupRows))
      for (const [m] of await this.#part.all<[number]>(
        'select p.m from unnest($1::bigint[]) j(m) join popped p on p.m = j.m where p.deleted or not $2::boolean',
        this.#part.ms(slice),
        how === 'deleted',
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
    await this.#part.write(async (tx) => {
      for (const [keys, isDeleted] of [
        [retrieved, false],
        [deleted, true],
      ] as const)
        await tx.run(
          `insert into popped select m.m, $2::boolean from message m where m.m = any($1::bigint[])
           on conflict (m) do update set deleted = popped.deleted or excluded.deleted`,
          this.#part.ms(keys),
          isDeleted,
        )
    })
  }
}
