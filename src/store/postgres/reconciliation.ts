import type { LabelId, MailboxId, MessageId, MessageKey, ThreadId, Uid } from '#mail/ids.ts'
import { Resumes, type Resume } from '../resumes.ts'
import type { Changeset, MembershipRow, MessageRow, StagedRef } from '../store.ts'
import { boxOf, type AccountPart } from './account-part.ts'
import { messageColumns, messageRows, type MessageColumns } from './message-rows.ts'
import type { Row, Value } from './session.ts'

/** Rows looked at in one statement. */
const windowRows = 20_000

type StagedColumns = [
  n: number,
  messageId: MessageId,
  threadId: ThreadId,
  m: number | null,
  bits: number | null,
]

type Done = Pick<Resume, 'bit' | 'wanted'>

/** What a label's listing says against what the store holds. Each question walks its rows in windows. */
export class Reconciliation {
  readonly #part: AccountPart
  readonly #resumes = new Resumes()

  constructor(part: AccountPart) {
    this.#part = part
  }

  /** Call after every commit, in its turn. */
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
      `m.m is null or not exists (select 1 from membership e where e.m = m.m
         and e.box = (select box from mailbox where account = $1 and id = $6))`,
      [mailbox],
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
      'm.m is null or (m.bits & $6) <> $7',
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
    const { account } = this.#part
    const found: MembershipRow[] = []
    let from = fromUid
    while (found.length < limit) {
      const [last] =
        (await this.#part.get<[number | null]>(
          `select max(uid) from (
             select uid from membership where box = ${boxOf} and uid >= $3 order by uid limit $4) w`,
          account,
          mailbox,
          from,
          windowRows,
        )) ?? []
      if (last === null || last === undefined) break
      for (const [uid, m, deleted] of await this.#part.all<[Uid, number, boolean]>(
        `select e.uid, e.m, e.deleted from membership e join message m on m.m = e.m
         where e.box = ${boxOf} and e.uid between $3 and $4
           and not exists (select 1 from staged s where s.message_id = m.message_id and s.n > 0
             and s.list = (select list from listing where account = $1 and label = $5))
         order by e.uid limit $6`,
        account,
        mailbox,
        from,
        last,
        labelId,
        limit - found.length,
      ))
        found.push({ mailbox, uid, key: this.#part.key(m), deleted })
      from = last + 1
    }
    return found
  }

  async bitNotStaged(labelId: LabelId, bit: number, limit: number, inverted: boolean): Promise<MessageRow[]> {
    const wanted = inverted ? bit : 0
    const rows = await this.#walkMessages<MessageColumns>(
      `select ${messageColumns} from message m where m.m between $1 and $2 and (m.bits & $4) = $5
         and not exists (select 1 from staged s where s.message_id = m.message_id and s.n > 0
           and s.list = (select list from listing where account = $6 and label = $7))
       order by m.m limit $3`,
      limit,
      [bit, inverted ? 0 : bit, this.#part.account, labelId],
      { name: `${labelId} not staged ${bit} ${inverted}`, label: labelId, bit, wanted },
    )
    return messageRows(this.#part, rows)
  }

  async orphans(limit: number): Promise<MessageKey[]> {
    const rows = await this.#walkMessages<[number]>(
      `select m.m from message m where m.m between $1 and $2
         and not exists (select 1 from membership e where e.m = m.m)
       order by m.m limit $3`,
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
    const { account, db, turns } = this.#part
    const resumeName = `${labelId} ${name}`
    const start = await turns.read(async () => {
      const { changes } = this.#resumes
      const resume = this.#resumes.at(resumeName)
      const [list, top] = (await db.get<[number, number]>(
        `select l.list, (select coalesce(max(n), 0) from staged s where s.list = l.list)
         from listing l where l.account = $1 and l.label = $2`,
        account,
        labelId,
      )) ?? [0, 0]
      return { changes, list, at: resume ?? top }
    })
    const { changes, list } = start
    const found: StagedColumns[] = []
    let high = start.at
    while (high > 0 && found.length < limit) {
      const low = Math.max(1, high - windowRows + 1)
      found.push(
        ...(await this.#part.all<StagedColumns>(
          `select s.n, s.message_id, s.thread_id, m.m, m.bits from staged s
           left join message m on m.account = $1 and m.message_id = s.message_id
           where s.list = $2 and s.n between $3 and $4 and (${condition})
           order by s.n desc limit $5`,
          account,
          list,
          low,
          high,
          limit - found.length,
          ...values,
        )),
      )
      if (found[0] !== undefined)
        this.#resumes.note(resumeName, { at: found[0][0], label: labelId, bit, wanted }, changes)
      high = low - 1
    }
    return found
  }

  /** All messages of the account in windows of their keys; `$1` and `$2` are the window, `$3` the rows still wanted. */
  async #walkMessages<Columns extends Row & { 0: number }>(
    sql: string,
    limit: number,
    values: readonly Value[],
    done?: Omit<Resume, 'at'> & { readonly name: string },
  ): Promise<Columns[]> {
    const { db, firstM, lastM, turns } = this.#part
    const { changes, resume, first, last } = await turns.read(async () => {
      const before = this.#resumes.changes
      const at = done === undefined ? undefined : this.#resumes.at(done.name)
      const [lowest, highest] =
        (await db.get<[number | null, number | null]>(
          'select min(m), max(m) from message where m between $1 and $2',
          firstM,
          lastM,
        )) ?? []
      return { changes: before, resume: at, first: lowest ?? lastM, last: highest ?? firstM }
    })
    const found: Columns[] = []
    for (let from = resume ?? first; from <= last && found.length < limit; from += windowRows) {
      const to = from + windowRows - 1
      found.push(...(await this.#part.all<Columns>(sql, from, to, limit - found.length, ...values)))
      if (done !== undefined && found[0] !== undefined)
        this.#resumes.note(done.name, { at: found[0][0], ...done }, changes)
    }
    return found
  }

  #keyOf(m: number | null): MessageKey | undefined {
    return m === null ? undefined : this.#part.key(m)
  }
}
