import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { control, startPostern, withFolder } from '#test/postern.ts'
import { writeCorpus } from '../corpus.ts'
import { ImapLine } from '../imap-line.ts'
import { rssBytes } from '../footprint.ts'

/**
 * SELECT of a large mailbox that is synced: what it asks of Gmail, how long it takes, and how long the event loop is held
 * meanwhile, seen by a second connection that asks for CAPABILITY again and again.
 */
export async function large(messages: number): Promise<void> {
  await withFolder(async (dir) => {
    const mail = join(dir, 'mail')
    writeCorpus(mail, { count: messages, medianBytes: 500, attachedShare: 0 })
    const running = await startPostern(['demo', '--mail', mail, '--quota', '0'], { POSTERN_PREFETCH: 'off' })
    try {
      const { imap, account, pid } = running.ready
      const startedAt = performance.now()
      const line = await ImapLine.connect(imap)
      await line.login(account)
      await line.ok('SELECT INBOX')
      console.log(
        `${messages} messages: first SELECT, from nothing: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
      )
      await line.ok('UNSELECT')
      await line.ok('SELECT "[Gmail]/All Mail"')
      await control(running.ready, 'reset')
      const before = rssBytes(pid)
      const other = await ImapLine.connect(imap)
      const pings = new Pings(other)
      const fresh = await ImapLine.connect(imap)
      await fresh.login(account)
      const answer = await fresh.ok('SELECT INBOX')
      const longest = await pings.stop()
      const { methods } = (await control(running.ready, 'ledger')) as { methods: Record<string, unknown> }
      console.log(
        `${messages} messages: SELECT when synced: ${answer.totalMs.toFixed(1)} ms; longest hold of the event loop ${longest.toFixed(1)} ms; Gmail was asked ${Object.keys(methods).join(', ') || 'nothing'}`,
      )
      const flags = await fresh.ok('FETCH 1:* (UID FLAGS)')
      console.log(`${messages} messages: FLAGS of all: ${flags.totalMs.toFixed(0)} ms`)
      console.log(
        `${messages} messages: memory of the process ${(rssBytes(pid) / 1e6).toFixed(0)} MB, ${((rssBytes(pid) - before) / messages).toFixed(0)} octets a message more than before this session`,
      )
      for (const one of [line, other, fresh]) one.close()
    } finally {
      await running.stop()
    }
  })
}

/** Asks again and again and remembers the longest wait. */
class Pings {
  #longestMs = 0
  #stopped = false
  readonly #running: Promise<void>

  constructor(line: ImapLine) {
    this.#running = this.#run(line)
  }

  async stop(): Promise<number> {
    this.#stopped = true
    await this.#running
    return this.#longestMs
  }

  async #run(line: ImapLine): Promise<void> {
    while (!this.#stopped) {
      this.#longestMs = Math.max(this.#longestMs, (await line.ok('CAPABILITY')).totalMs)
      await sleep(1)
    }
  }
}
