import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promisify } from 'node:util'
import Imap from 'node-imap'
import { openHouse, password, user } from './testing/house.ts'

/** What node-imap can do where a server announces it; its types leave it out. */
interface Sorting {
  sort(keys: string[], criteria: unknown[], done: (error: Error | null, uids: number[]) => void): void
  thread(algorithm: string, criteria: unknown[], done: (error: Error | null, threads: unknown) => void): void
}

test('node-imap sorts and threads', async () => {
  const messages = ['Tea', 'Re: Milk', 'Re: Tea', 'Milk'].map((subject, i) => ({
    bytes: `Subject: ${subject}\r\nDate: ${new Date(Date.UTC(2026, 0, 1, 4 - i)).toUTCString()}\r\n\r\nText\r\n`,
  }))
  await using house = await openHouse({ mailboxes: [{ name: 'INBOX', role: 'inbox', messages }] })
  const client = new Imap({
    user,
    password,
    host: house.host,
    port: house.imapPort,
    tls: false,
  })
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject).connect()
  })
  await promisify(client.openBox.bind(client) as (name: string, done: (error: Error | null) => void) => void)(
    'INBOX',
  )
  const sorting = client as unknown as Sorting
  const sorted = await promisify(sorting.sort.bind(sorting))(['SUBJECT', '-DATE'], ['ALL'])
  assert.deepEqual(sorted, [2, 4, 1, 3])
  const threads = await promisify(sorting.thread.bind(sorting))('ORDEREDSUBJECT', ['ALL'])
  assert.deepEqual(threads, [
    [4, 2],
    [3, 1],
  ])
  client.end()
})
