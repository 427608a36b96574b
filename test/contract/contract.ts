import assert from 'node:assert/strict'
import type { ApiRequest, GmailApi } from './api.ts'
import { Skipped } from './check.ts'
import { decimal, expectText, hexId } from './expect.ts'
import { encodeRaw, letter, uniqueWord, type Letter, type LetterOptions } from './letter.ts'
import type { Draft, Label, Message, MessagePage, Profile } from './resources.ts'

/** The OAuth side, where it is known. */
export interface OAuthAccess {
  readonly tokenUrl: string
  readonly refreshToken: string
  readonly clientId: string
  readonly clientSecret: string
  /** The grant may be ended: the backend is on this machine, nobody's real mailbox. */
  readonly mayRevoke: boolean
}

export interface ContractOptions {
  readonly api: GmailApi
  /** Mail may be sent, to the account itself. */
  readonly send: boolean
  readonly oauth: OAuthAccess | undefined
}

export interface Inserted extends Message {
  readonly letter: Letter
}

/**
 * What the checks share: the API, one label of the suite's own making, and a list of everything that was made, so that
 * it can be taken away again. Nothing else in the mailbox is written to.
 */
export class Contract {
  readonly api: GmailApi
  readonly oauth: OAuthAccess | undefined
  /** The beginning of the names of all labels made here. */
  readonly labelName = `postern-contract-${uniqueWord().slice(0, 8)}`
  readonly #send: boolean
  readonly #messages = new Set<string>()
  readonly #drafts = new Set<string>()
  readonly #labels = new Map<string, string>()
  readonly #once = new Map<string, Promise<unknown>>()

  constructor(options: ContractOptions) {
    this.api = options.api
    this.oauth = options.oauth
    this.#send = options.send
  }

  /** Makes it when it is first wanted; every check that wants it gets the same. */
  once<T>(what: string, make: () => Promise<T>): Promise<T> {
    let made = this.#once.get(what) as Promise<T> | undefined
    if (made === undefined) this.#once.set(what, (made = make()))
    return made
  }

  profile(): Promise<Profile> {
    return this.once('profile', async () => {
      const profile = await this.api.get<Profile>('profile')
      expectText('emailAddress of the profile', profile.emailAddress, /@/)
      return profile
    })
  }

  async historyId(): Promise<string> {
    const { historyId } = await this.api.get<Profile>('profile')
    expectText('historyId of the profile', historyId, decimal)
    return historyId
  }

  /** The suite's own label: everything that is inserted carries it. */
  label(): Promise<Label> {
    return this.once('label', () => this.newLabel())
  }

  async newLabel(suffix = ''): Promise<Label> {
    const label = await this.api.post<Label>('labels', { name: this.labelName + suffix })
    assert.equal(label.name, this.labelName + suffix)
    this.#labels.set(label.id, label.name)
    return label
  }

  /** A letter put into the mailbox under the suite's label. */
  async insert(
    options: LetterOptions & { labelIds?: readonly string[]; threadId?: string } = {},
    query: ApiRequest['query'] = {},
  ): Promise<Inserted> {
    const written = letter(options)
    const body = {
      raw: encodeRaw(written.raw),
      labelIds: [(await this.label()).id, ...(options.labelIds ?? [])],
      ...(options.threadId === undefined ? {} : { threadId: options.threadId }),
    }
    const message = await this.create('messages', { method: 'POST', json: body, query })
    return { ...message, letter: written }
  }

  async newDraft(options: LetterOptions = {}): Promise<Draft & { letter: Letter }> {
    const written = letter(options)
    const draft = await this.api.post<Draft>('drafts', { message: { raw: encodeRaw(written.raw) } })
    this.keepDraft(draft)
    return { ...draft, letter: written }
  }

  /** A call that makes a message, which will be taken away again. */
  async create(path: string, request: ApiRequest): Promise<Message> {
    await this.mayTidy()
    return this.keep(await this.api.get<Message>(path, request))
  }

  /** Remembers a message that a check made in another way. */
  keep(message: Message): Message {
    expectText('id of the message', message.id, hexId)
    this.#messages.add(message.id)
    return message
  }

  keepDraft(draft: Draft): void {
    expectText('id of the draft', draft.id, /^r/)
    this.#drafts.add(draft.id)
  }

  /** Nothing is made that could not be taken away. @throws {Skipped} when the token may not change labels. */
  mayTidy(): Promise<void> {
    return this.once('tidy', async () => {
      const json = { addLabelIds: ['TRASH'] }
      await this.api.call('messages/7ffffffffffffff1/modify', { method: 'POST', json })
    })
  }

  /** The account's address, if mail may be sent at all. @throws {Skipped} without --send. */
  async mayMail(): Promise<string> {
    if (!this.#send) throw new Skipped('it sends mail to the account itself: only with --send')
    await this.mayTidy()
    return (await this.profile()).emailAddress
  }

  /** Takes away what was made. Returns what could not be, in words. */
  async cleanUp(): Promise<string[]> {
    const complaints: string[] = []
    const attempt = async (what: string, act: () => Promise<unknown>) => {
      try {
        await act()
      } catch (error) {
        complaints.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    for (const id of this.#drafts) await attempt(`draft ${id}`, () => this.#remove(`drafts/${id}`))
    for (const [id, name] of this.#labels) await attempt(`the mail under ${name}`, () => this.#collect(id))
    const ids = [...this.#messages]
    for (let at = 0; at < ids.length; at += 1000) {
      await attempt('messages', () => this.#discard(ids.slice(at, at + 1000)))
    }
    for (const [id, name] of this.#labels) await attempt(`label ${name}`, () => this.#remove(`labels/${id}`))
    return complaints
  }

  /** What is gone already is as good. */
  async #remove(path: string): Promise<void> {
    const { status } = await this.api.ask(path, { method: 'DELETE' })
    if (status >= 300 && status !== 404) throw new Error(`it answered ${status}`)
  }

  async #collect(labelId: string): Promise<void> {
    let pageToken: string | undefined
    do {
      const page = await this.api.ask('messages', {
        query: {
          labelIds: labelId,
          includeSpamTrash: true,
          maxResults: 500,
          ...(pageToken ? { pageToken } : {}),
        },
      })
      if (page.status === 404 || page.status === 400) return
      const { messages, nextPageToken } = JSON.parse(page.text) as MessagePage
      for (const message of messages ?? []) this.keep(message)
      pageToken = nextPageToken
    } while (pageToken !== undefined)
  }

  /** For ever where the token may, else into the trash. */
  async #discard(ids: readonly string[]): Promise<void> {
    const gone = await this.api.ask('messages/batchDelete', { method: 'POST', json: { ids } })
    if (gone.status < 300) return
    await this.api.done('messages/batchModify', { method: 'POST', json: { ids, addLabelIds: ['TRASH'] } })
  }
}
