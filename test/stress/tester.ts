import assert from 'node:assert/strict'
import { ClientModel } from '#imap/testing/client-model.ts'
import { RawClient } from '#imap/testing/raw-client.ts'
import type { Ready } from '../postern.ts'
import type { Random } from './random.ts'

const mailboxes = ['INBOX', 'Work'] as const
const flags = [String.raw`\Seen`, String.raw`\Flagged`, String.raw`\Answered`, 'Later'] as const
const deeds =
  'FETCH FETCH SEARCH STORE STORE SILENT COPY MOVE DELETE EXPUNGE APPEND IDLE NOOP SELECT BODY'.split(' ')

/** A message of a mailbox, as one client sees it and as the next must. */
export interface Seen {
  readonly uid: number
  readonly id: string
  readonly flags: string
}

/** A client that does what comes into its head, believes every untagged line, and finds out whether it may. */
export class Tester {
  readonly #client: RawClient
  readonly #random: Random
  readonly #name: string
  #mailbox: (typeof mailboxes)[number] = 'INBOX'
  #model = new ClientModel([])
  #tag = 0

  private constructor(client: RawClient, random: Random, name: string) {
    this.#client = client
    this.#random = random
    this.#name = name
  }

  /** Logs in and selects INBOX; `enabling` is said in between. */
  static async enter({ imaps, account }: Ready, random: Random, enabling: string): Promise<Tester> {
    const client = await RawClient.connect(imaps, true)
    await client.until(/^\* OK .*\r\n/)
    const tester = new Tester(client, random, enabling)
    assert.match(await client.command('l', `LOGIN ${account.user} "${account.password}"`), /^l OK/m)
    await client.command('e', enabling)
    await tester.#select('INBOX')
    return tester
  }

  async act(): Promise<void> {
    const { count } = this.#model
    const deed = this.#random.pick(deeds)
    const number = 1 + this.#random.below(Math.max(1, count))
    const flag = this.#random.pick(flags)
    const other = mailboxes[this.#mailbox === 'INBOX' ? 1 : 0]
    switch (deed) {
      case 'NOOP':
      case 'EXPUNGE':
        return this.#say(deed)
      case 'IDLE':
        return this.#idle()
      case 'APPEND': {
        const mail = `Subject: ${this.#name} ${this.#tag}\r\n\r\n${this.#random.below(1e9)}\r\n`
        return this.#say(`APPEND ${this.#mailbox} (${flag}) {${mail.length}+}\r\n${mail}`)
      }
      case 'SELECT':
        return this.#select(this.#random.pick(mailboxes))
      default:
    }
    if (count === 0) return
    switch (deed) {
      case 'FETCH':
        return this.#check()
      case 'SEARCH':
        return this.#search()
      case 'BODY':
        await this.#say(
          `FETCH ${number} (BODY.PEEK[HEADER.FIELDS (X-NOTHING)])`,
          true,
          /^\* \d+ FETCH |^$|^\)$/,
        )
        return
      case 'STORE':
        return this.#say(`STORE ${number} ${this.#random.pick(['+', '-'])}FLAGS (${flag})`, true)
      case 'SILENT':
        this.#model.forgetFlags()
        return this.#say(`UID STORE 1:${number * 3} FLAGS.SILENT (${flag})`)
      case 'DELETE':
        return this.#say(String.raw`STORE ${number} +FLAGS (\Deleted)`, true)
      default:
        return this.#say(`${deed} ${number}:${number + 1 > count ? '*' : number + 1} ${other}`)
    }
  }

  /** All that it sees in a mailbox, opened anew. */
  async look(mailbox: (typeof mailboxes)[number]): Promise<Seen[]> {
    await this.#select(mailbox)
    const lines = (await this.#client.command('k', 'UID FETCH 1:* (FLAGS EMAILID)')).split('\r\n')
    return lines.flatMap((line) => {
      const [, uid = '', told = '', id = ''] =
        /FETCH \(UID (\d+) FLAGS \(([^)]*)\) EMAILID \((\w+)\)/.exec(line) ?? []
      // \\Recent to one session is not so to the others.
      const same = told.split(' ').filter((flag) => flag !== String.raw`\Recent`)
      return id === '' ? [] : [{ uid: Number(uid), id, flags: same.toSorted().join(' ') }]
    })
  }

  leave(): void {
    this.#client[Symbol.dispose]()
  }

  async #select(mailbox: (typeof mailboxes)[number]): Promise<void> {
    this.#mailbox = mailbox
    const told = await this.#client.command('s', `SELECT ${mailbox}`)
    const count = Number(/^\* (\d+) EXISTS/m.exec(told)?.[1])
    const fetched = count === 0 ? '' : await this.#client.command('f', 'FETCH 1:* (UID)')
    const uids = [...fetched.matchAll(/^\* \d+ FETCH \(UID (\d+)\)/gm)].map(([, uid]) => Number(uid))
    assert.equal(uids.length, count, `${mailbox} after SELECT`)
    this.#model = new ClientModel(uids)
    // What was told behind the answers is of this mailbox already.
    for (const line of fetched.split('\r\n').slice(count, -2)) this.#model.hear(line, false)
  }

  /** What it was told so far is what it is told when it asks. */
  async #check(): Promise<void> {
    const before = this.#model.known().map((one) => ({ ...one }))
    const tag = `t${++this.#tag}`
    const lines = (await this.#client.command(tag, 'FETCH 1:* (UID FLAGS)')).split('\r\n').slice(0, -2)
    for (const [index, known] of before.entries()) {
      const line = lines[index] ?? ''
      const [, number, uid, told] = /^\* (\d+) FETCH \(UID (\d+) FLAGS \(([^)]*)\)/.exec(line) ?? []
      assert.equal(Number(number), index + 1, line)
      if (known.uid !== undefined) assert.equal(Number(uid), known.uid, line)
      if (known.flags !== undefined) assert.equal(told, known.flags, line)
    }
    for (const line of lines) this.#model.hear(line, true)
  }

  async #search(): Promise<void> {
    const tag = `t${++this.#tag}`
    const known = this.#model.known().map(({ uid }) => uid)
    const lines = (await this.#client.command(tag, 'UID SEARCH 1:*')).split('\r\n').slice(0, -2)
    const found = lines.find((line) => line.startsWith('* SEARCH')) ?? ''
    const uids = [...found.matchAll(/\d+/g)].map(([uid]) => Number(uid))
    assert.equal(uids.length, known.length, found)
    for (const [index, uid] of known.entries()) if (uid !== undefined) assert.equal(uids[index], uid)
    for (const line of lines) this.#model.hear(line, false)
  }

  async #idle(): Promise<void> {
    const tag = `t${++this.#tag}`
    this.#client.send(`${tag} IDLE\r\n`)
    const before = await this.#client.until(/^\+ [^\r]*\r\n/m)
    this.#client.send('DONE\r\n')
    const told = await this.#client.until(new RegExp(String.raw`(?<=^|\n)${tag} OK[^\r\n]*\r\n`))
    for (const line of (before + told).split('\r\n')) if (line.startsWith('* ')) this.#model.hear(line, false)
  }

  async #say(text: string, holdsExpunges = false, unheard?: RegExp): Promise<void> {
    const tag = `t${++this.#tag}`
    const lines = (await this.#client.command(tag, text)).split('\r\n').slice(0, -1)
    const end = lines.pop() ?? ''
    assert.match(end, new RegExp(`^${tag} (OK|NO \\[EXPUNGEISSUED\\])`), `${text}: ${end}`)
    for (const line of lines)
      if (unheard === undefined || !unheard.test(line) || /FLAGS/.test(line))
        this.#model.hear(line, holdsExpunges)
  }
}
