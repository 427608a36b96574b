import type { MessageKey } from '#mail/ids.ts'
import { discard } from '#mail/lent-octets.ts'
import type { AccountPart } from './account-part.ts'
import { purposes } from '../purposes.ts'
import { decodeSheaf, encodeSheaf, placesOf, sheafSize, type Sheaf } from './sheaf-codec.ts'

/** What is kept of a message, each in tables of its own: `KIND` for single rows, `sheaf_KIND` for sixteen in one. */
const kinds = ['content', 'header', 'sieve'] as const
export type ContentKind = (typeof kinds)[number]

/** What is kept of one message, not sealed yet. */
export interface PlainContent {
  readonly key: MessageKey
  readonly content: Buffer
  readonly header: Buffer
  readonly sieve: Buffer | undefined
}

/** As many single rows of one sheaf are worth binding: each is written twice then, not sixteen times. */
const worthBinding = sheafSize / 2
/** A longer value stays a row of its own, so that a sheaf is at most a megabyte. */
const longestBound = 64 * 1024
/** Sheaves opened in one go. */
const sheavesPerLookup = 32

/**
 * Content, headers and sieves of one account. What comes alone is a row of its own; as soon as half of a sheaf is there it
 * is bound: sealed as one value, which is read and opened four to eight times as fast as its messages one by one. A single
 * row is newer than what the sheaf has of the same message.
 */
export class ContentRows {
  readonly #part: AccountPart

  constructor(part: AccountPart) {
    this.#part = part
  }

  /** Of those that have it. At most a few hundred keys in one call: nothing else runs meanwhile. */
  read(kind: ContentKind, keys: readonly MessageKey[]): Map<MessageKey, Buffer> {
    const found = new Map<MessageKey, Buffer>()
    const wanted = new Map<number, number>()
    for (const key of keys) {
      const sheaf = this.#sheafOf(key)
      wanted.set(sheaf, (wanted.get(sheaf) ?? 0) | (1 << placeOf(key)))
    }
    const sheaves = [...wanted.keys()]
    for (let at = 0; at < sheaves.length; at += sheavesPerLookup)
      for (const [sheaf, members, sealed] of this.#part.db.all<[number, number, Uint8Array]>(
        `select s.sheaf, s.members, v.sealed from json_each(?) j cross join sheaf s on s.sheaf = j.value
         cross join sheaf_${kind} v on v.sheaf = s.sheaf`,
        JSON.stringify(sheaves.slice(at, at + sheavesPerLookup)),
      )) {
        const places = (wanted.get(sheaf) ?? 0) & members
        if (places === 0) continue
        // A few values must not keep the memory of all the others.
        const few = bitsIn(places) < worthBinding
        for (const [place, value] of this.#open(kind, sheaf, sealed).entries())
          if (value !== undefined && (places & (1 << place)) !== 0)
            found.set(this.#keyAt(sheaf, place), few ? Buffer.from(value) : value)
        // A search reads megabytes of them: as garbage they would have all memory looked through, more than once.
        discard(sealed)
      }
    for (const [m, sealed] of this.#part.db.all<[number, Uint8Array]>(
      `select v.m, v.sealed from json_each(?) j cross join ${kind} v on v.m = j.value`,
      JSON.stringify(keys.map((key) => this.#part.m(key))),
    ))
      found.set(this.#part.key(m), this.#openRow(kind, m, sealed))
    return found
  }

  /** Call inside a transaction. The messages must exist. */
  write(rows: readonly PlainContent[]): void {
    const sheaves = new Map<number, PlainContent[]>()
    for (const row of rows) {
      const sheaf = this.#sheafOf(row.key)
      const others = sheaves.get(sheaf)
      if (others === undefined) sheaves.set(sheaf, [row])
      else others.push(row)
    }
    for (const [sheaf, some] of sheaves) {
      if (some.length + this.#singles(sheaf) >= worthBinding) this.bind(sheaf, some)
      else for (const row of some) this.#writeSingle(row)
    }
  }

  /** Call inside the transaction that deletes the message, whose single rows go with it. */
  forget(key: MessageKey): void {
    const { db } = this.#part
    const sheaf = this.#sheafOf(key)
    // What is sealed stays as it is until the sheaf is written again, as a deleted row stays in a free page.
    if (
      db.run(`update sheaf set members = members & ~${1 << placeOf(key)} where sheaf = ?`, sheaf).changes > 0
    )
      db.run('delete from sheaf where sheaf = ? and members = 0', sheaf)
  }

  /** Makes one sealed value of each kind of what there is of a sheaf, and of `newer`. Call inside a transaction. */
  bind(sheaf: number, newer: readonly PlainContent[] = []): void {
    const { db, account } = this.#part
    const [before] = db.get<[number]>('select members from sheaf where sheaf = ?', sheaf) ?? [0]
    const bound = new Map(kinds.map((kind) => [kind, this.#bound(kind, sheaf, before)]))
    const put = ({ key, ...values }: PlainContent) => {
      const short = kinds.every((kind) => (values[kind]?.length ?? 0) <= longestBound)
      if (short) for (const [kind, list] of bound) list[placeOf(key)] = values[kind] ?? list[placeOf(key)]
      return short
    }
    const single = this.#takeSingles(sheaf)
    const left = [...single, ...newer].filter((row) => !put(row))
    const content = bound.get('content') ?? []
    const members = placesOf(content)
    if (members !== 0) {
      db.run(
        'insert into sheaf values (?, ?) on conflict do update set members = excluded.members',
        sheaf,
        members,
      )
      for (const [kind, list] of bound) {
        const sealed = this.#part.seal.seal(encodeSheaf(list), purposes.sheaf(kind, account, sheaf))
        db.run(`insert or replace into sheaf_${kind} values (?, ?)`, sheaf, sealed)
      }
    }
    for (const row of left) this.#writeSingle(row)
  }

  /** Sheaves of which enough is there as single rows, from `m` up to the account's last, and where to look on. */
  worthBinding(fromM: number, limit: number): { sheaves: readonly number[]; nextM: number | undefined } {
    const ms = this.#part.db
      .all<[number]>(
        'select m from content where m between ? and ? order by m limit ?',
        fromM,
        this.#part.lastM,
        limit,
      )
      .map(([m]) => m)
    const counts = new Map<number, number>()
    for (const m of ms) counts.set(sheafOfM(m), (counts.get(sheafOfM(m)) ?? 0) + 1)
    const last = ms.at(-1)
    return {
      sheaves: [...counts].filter(([, count]) => count >= worthBinding).map(([sheaf]) => sheaf),
      nextM:
        last === undefined || ms.length < limit ? undefined : Math.max(sheafOfM(last) * sheafSize, fromM + 1),
    }
  }

  #singles(sheaf: number): number {
    const first = sheaf * sheafSize
    const sql = 'select count(*) from content where m between ? and ?'
    return this.#part.db.get<[number]>(sql, first, first + sheafSize - 1)?.[0] ?? 0
  }

  #takeSingles(sheaf: number): PlainContent[] {
    const { db } = this.#part
    const first = sheaf * sheafSize
    const rows = db.all<[number, Uint8Array, Uint8Array, Uint8Array | null]>(
      `select c.m, c.sealed, h.sealed, s.sealed from content c join header h on h.m = c.m left join sieve s on s.m = c.m
       where c.m between ? and ?`,
      first,
      first + sheafSize - 1,
    )
    const singles = rows.map(([m, content, header, sieve]) => ({
      key: this.#part.key(m),
      content: this.#openRow('content', m, content),
      header: this.#openRow('header', m, header),
      sieve: sieve === null ? undefined : this.#openRow('sieve', m, sieve),
    }))
    for (const kind of kinds)
      db.run(`delete from ${kind} where m between ? and ?`, first, first + sheafSize - 1)
    return singles
  }

  #writeSingle({ key, ...values }: PlainContent): void {
    const { db, seal, account } = this.#part
    for (const kind of kinds) {
      const value = values[kind]
      if (value === undefined) continue
      const sealed = seal.seal(value, purposes[kind](account, key))
      db.run(`insert or replace into ${kind} values (?, ?)`, this.#part.m(key), sealed)
    }
  }

  /** What counts of a sheaf, to be changed. */
  #bound(kind: ContentKind, sheaf: number, members: number): (Buffer | undefined)[] {
    const row =
      members === 0
        ? undefined
        : this.#part.db.get<[Uint8Array]>(`select sealed from sheaf_${kind} where sheaf = ?`, sheaf)
    const values = row === undefined ? [] : this.#open(kind, sheaf, row[0])
    return Array.from({ length: sheafSize }, (_, place) =>
      (members & (1 << place)) === 0 ? undefined : values[place],
    )
  }

  #open(kind: ContentKind, sheaf: number, sealed: Uint8Array): Sheaf {
    const { seal, account } = this.#part
    return decodeSheaf(seal.open(sealed, purposes.sheaf(kind, account, sheaf)))
  }

  #openRow(kind: ContentKind, m: number, sealed: Uint8Array): Buffer {
    const { seal, account } = this.#part
    return seal.open(sealed, purposes[kind](account, this.#part.key(m)))
  }

  #sheafOf(key: MessageKey): number {
    return sheafOfM(this.#part.m(key))
  }

  #keyAt(sheaf: number, place: number): MessageKey {
    return this.#part.key(sheaf * sheafSize + place)
  }
}

/** `m` goes beyond 32 bits. The first of an account is a multiple of 2^32, so its keys begin a sheaf. */
function sheafOfM(m: number): number {
  return Math.floor(m / sheafSize)
}

function placeOf(key: MessageKey): number {
  return key % sheafSize
}

function bitsIn(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
