import type { LabelId, MailboxId, MessageId, MessageKey, ThreadId, Uid } from '#mail/ids.ts'
import type { Changeset, MembershipRow, MessageRow, StagedRef } from '../store.ts'
import type { AccountPart } from './account-part.ts'
import { flagsOfM, messageColumns, messageRow, type MessageColumns } from './message-rows.ts'
import { pause } from '../pause.ts'
import { Resumes, type Resume } from '../resumes.ts'

/** Rows looked at in one go. */
const windowRows = 10_000

type StagedColumns = [
  n: number,
  messageId: MessageId,
  threadId: ThreadId,
  m: number | null,
  bits: number | null,
]

type Done = Pick<Resume, 'bit' | 'wanted'>

/**
 * What a label's listing says against what the store holds. Each question walks its rows in windows, with pauses. The
 * caller asks, commits what it got and asks again; so a walk goes on where the last one found something, and not from
 * the start, which would make the whole quadratic.
 */
export class Reconciliation {
  readonly #part: AccountPart
  readonly #resumes = new Resumes()

  constructor(part: AccountPart) {
    this.#part = part
  }

  /** Call after every commit: forgets where to go on when something behind that place may be undone. */
  committed(changes: Changeset): void {
    this.#resumes.committed(changes)
  }

  async stagedNotJoined(
    labelId: LabelId,
    mailbox: MailboxId,
    limit: number,
  ): Promise<(StagedRef & { key: MessageKey | undefined })[]> {
    const rows = await this.#walkStaged(
      labelId,
      `joined ${mailbox}`,
      limit,
      { bit: 0, wanted: 0 },
      'm.m is null or not exists (select 1 from membership e where e.m = m.m and e.box = ?5)',
      [this.#part.box(mailbox) ?? 0],
    )
    return rows.map(([, messageId, threadId, m]) => ({ messageId, threadId, key: this.#keyOf(m) }))
  }

  async stagedWithoutBit(
    labelId: LabelId,
    bit: number,
    limit: number,
    inverted: boolean,
  ): Promise<(StagedRef & { key: MessageKey | undefined; bits: number })[]> {
    const wanted = inverted ? 0 : bit
    const rows = await this.#walkStaged(
      labelId,
      `bit ${bit} ${wanted}`,
      limit,
      { bit, wanted },
      'm.m is null or (f.bits & ?5) <> ?6',
      [bit, wanted],
    )
    return rows.map(([, messageId, threadId, m, bits]) => ({
      messageId,
      threadId,
      key: this.#keyOf(m),
      bits: bits ?? 0,
    }))
  }

  async joinedNotStaged(
    labelId: LabelId,
    mailbox: MailboxId,
    fromUid: number,
    limit: number,
  ): Promise<MembershipRow[]> {
    const { db } = this.#part
    const box = this.#part.box(mailbox) ?? 0
    const list = this.#part.list(labelId) ?? 0
    const found: MembershipRow[] = []
    let from = fromUid
    while (found.length < limit) {
      const [last] =
        db.get<[number | null]>(
          'select max(uid) from (select uid from membership where box = ? and uid >= ? order by uid limit ?)',
          box,
          from,
          windowRows,
        ) ?? []
      if (last === null || last === undefined) break
      for (const [uid, m, deleted] of db.all<[Uid, number, number]>(
        `select e.uid, e.m, e.deleted from membership e cross join message m on m.m = e.m
         where e.box = ? and e.uid between ? and ?
           and not exists (select 1 from staged s where s.list = ? and s.message_id = m.message_id and s.n > 0)
         order by e.uid limit ?`,
        box,
        from,
        last,
        list,
        limit - found.length,
      ))
        found.push({ mailbox, uid, key: this.#part.key(m), deleted: deleted === 1 })
      from = last + 1
      await pause()
    }
    return found
  }

  async bitNotStaged(labelId: LabelId, bit: number, limit: number, inverted: boolean): Promise<MessageRow[]> {
    const list = this.#part.list(labelId) ?? 0
    const rows = await this.#walkMessages<MessageColumns>(
      `select ${messageColumns} from message m ${flagsOfM} where m.m between ?1 and ?2 and (f.bits & ?4) = ?5
         and not exists (select 1 from staged s where s.list = ?6 and s.message_id = m.message_id and s.n > 0)
       order by m.m limit ?3`,
      limit,
      [bit, inverted ? 0 : bit, list],
      { name: `${list} not staged ${bit} ${inverted}`, label: labelId, bit, wanted: inverted ? bit : 0 },
    )
    return rows.map((columns) => messageRow(this.#part, columns))
  }

  async orphans(limit: number): Promise<MessageKey[]> {
    const rows = await this.#walkMessages<[number]>(
      `select m.m from message m where m.m between ?1 and ?2
         and not exists (select 1 from membership e where e.m = m.m)
       order by m.m limit ?3`,
      limit,
      [],
    )
    return rows.map(([m]) => this.#part.key(m))
  }

  /** Staged rows that satisfy a condition on `m`, the message where it is known; from the oldest, the last in Gmail's order. */
  async #walkStaged(
    labelId: LabelId,
    name: string,
    limit: number,
    { bit, wanted }: Done,
    condition: string,
    values: readonly number[],
  ): Promise<StagedColumns[]> {
    const { db, account } = this.#part
    const list = this.#part.list(labelId) ?? 0
    const resumeName = `${list} ${name}`
    const [top] = db.get<[number]>('select coalesce(max(n), 0) from staged where list = ?', list) ?? [0]
    const found: StagedColumns[] = []
    const { changes } = this.#resumes
    let high = this.#resumes.at(resumeName) ?? top
    while (high > 0 && found.length < limit) {
      const low = Math.max(1, high - windowRows + 1)
      found.push(
        ...db.all<StagedColumns>(
          `select s.n, s.message_id, s.thread_id, m.m, f.bits from staged s
           left join message m on m.account = ?1 and m.message_id = s.message_id left join flags f on f.m = m.m
           where s.list = ?2 and s.n between ?3 and ?4 and (${condition})
           order by s.n desc limit ?${5 + values.length}`,
          account,
          list,
          low,
          high,
          ...values,
          limit - found.length,
        ),
      )
      if (found[0] !== undefined)
        this.#resumes.note(resumeName, { at: found[0][0], label: labelId, bit, wanted }, changes)
      high = low - 1
      await pause()
    }
    return found
  }

  /** All messages of the account in windows of their keys; `?1` and `?2` are the window, `?3` the rows still wanted. */
  async #walkMessages<Row extends [m: number, ...unknown[]]>(
    sql: string,
    limit: number,
    values: readonly number[],
    done?: Omit<Resume, 'at'> & { readonly name: string },
  ): Promise<Row[]> {
    const { db, firstM, lastM } = this.#part
    const first = db.get<[number]>(
      'select m from message where m between ? and ? order by m limit 1',
      firstM,
      lastM,
    )
    const last = db.get<[number]>(
      'select m from message where m between ? and ? order by m desc limit 1',
      firstM,
      lastM,
    )
    const found: Row[] = []
    if (first === undefined || last === undefined) return found
    const { changes } = this.#resumes
    const resume = done === undefined ? undefined : this.#resumes.at(done.name)
    for (let from = resume ?? first[0]; from <= last[0] && found.length < limit; from += windowRows) {
      found.push(...db.all<Row>(sql, from, from + windowRows - 1, limit - found.length, ...values))
      if (done !== undefined && found[0] !== undefined)
        this.#resumes.note(done.name, { at: found[0][0], ...done }, changes)
      await pause()
    }
    return found
  }

  #keyOf(m: number | null): MessageKey | undefined {
    return m === null ? undefined : this.#part.key(m)
  }
}
