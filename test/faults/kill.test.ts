import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { control } from '../postern.ts'
import { withServe } from '../serve.ts'
import type { Served } from '../serve.ts'
import { agree } from './agreement.ts'
import { imapDialog, oneAccount, quick, settled } from './bridge.ts'
import { Cut } from './dialog.ts'
import type { Dialog } from './dialog.ts'
import { Known } from './known.ts'
import { Restarts } from './restarts.ts'

const kills = 20
/** Messages of each kind of work, which do not get into each other's way. */
const each = 12

const isOk = (answer: string) => /^t\d+ OK/m.test(answer)

/** Sets and takes away \Flagged, and keywords that only Postern has. */
async function flag(client: Dialog, known: Known, ids: readonly string[]): Promise<void> {
  const uids = await known.promises.open(client, 'INBOX')
  for (let round = 0; ; round++) {
    const id = String(ids[round % ids.length])
    const uid = uids.get(id)
    assert.ok(uid !== undefined, 'a message that nobody takes away is gone')
    const value = known.flagged.get(id) !== true
    const keyword = `kept${round}`
    known.flagged.set(id, undefined)
    known.keywords.set(id, undefined)
    const sign = value ? '+' : '-'
    if (isOk(await client.command(`UID STORE ${uid} ${sign}FLAGS.SILENT (\\Flagged)`))) {
      known.flagged.set(id, value)
      known.acknowledge()
    }
    if (isOk(await client.command(`UID STORE ${uid} +FLAGS.SILENT (${keyword})`))) {
      known.keywords.set(id, keyword)
      known.acknowledge()
    }
  }
}

/** Moves between INBOX and Kept. */
async function move(client: Dialog, known: Known, ids: readonly string[]): Promise<void> {
  for (let round = 0; ; round++) {
    const [from, to] = round % 2 === 0 ? (['INBOX', 'Kept'] as const) : (['Kept', 'INBOX'] as const)
    const uids = await known.promises.open(client, from)
    for (const id of ids) {
      const uid = uids.get(id)
      if (uid === undefined) continue
      known.places.set(id, undefined)
      const answer = await client.command(`UID MOVE ${uid} "${to}"`)
      // None where a move that was cut had been done: then the UID was of nothing any more.
      const [, given] = /\[COPYUID \d+ \d+ (\d+)\]/.exec(answer) ?? []
      if (given === undefined || !isOk(answer)) continue
      known.places.set(id, to)
      known.acknowledge()
      known.promises.note(to, Number(given), id)
    }
  }
}

/** Deletes some, one after the other. */
async function expunge(client: Dialog, known: Known, ids: readonly string[]): Promise<void> {
  const uids = await known.promises.open(client, 'INBOX')
  for (const id of ids) {
    const uid = uids.get(id)
    if (uid === undefined) continue
    assert.ok(!known.removed.has(id), 'what was removed is back')
    await client.command(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`)
    if (isOk(await client.command(`UID EXPUNGE ${uid}`))) {
      known.removed.add(id)
      known.acknowledge()
    }
    await sleep(150)
  }
  await client.rest()
}

/** Puts messages in, each once. */
async function append(client: Dialog, known: Known): Promise<void> {
  for (;;) {
    const messageId = `kill-${known.appended.size}-${Math.random()}@faults.test`
    known.tried.add(messageId)
    const message = `Message-ID: <${messageId}>\r\nSubject: appended\r\n\r\nx\r\n`
    const [, uid] = /^t\d+ OK \[APPENDUID \d+ (\d+)\]/m.exec(await client.append('INBOX', message)) ?? []
    if (uid === undefined) continue
    known.appended.set(messageId, Number(uid))
    known.acknowledge()
  }
}

/** Does the work again and again on whatever bridge runs, until told to stop. */
async function onEvery(
  restarts: Restarts,
  isOver: () => boolean,
  work: (client: Dialog) => Promise<void>,
): Promise<void> {
  while (!isOver()) {
    let client: Dialog | undefined
    try {
      client = await imapDialog(await restarts.ready())
      await work(client)
    } catch (error) {
      if (!(error instanceof Cut)) throw error
    } finally {
      client?.close()
    }
  }
}

/** Gmail's ids of messages that have arrived in INBOX. */
async function delivered(google: Served['google'], kind: string): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < each; n++)
    ids.push(String((await control(google, 'deliver', { text: `Subject: ${kind} ${n}\n\nx\n` }))['id']))
  return ids
}

test(
  `${kills} kills amid STORE, MOVE, EXPUNGE and APPEND: what was acknowledged stays, no UID is another's`,
  { timeout: 240_000 },
  () =>
    withServe(
      oneAccount,
      async (served) => {
        const { google, ready } = served
        const kinds = {
          flag: await delivered(google, 'flag'),
          move: await delivered(google, 'move'),
          expunge: await delivered(google, 'expunge'),
        }
        await settled(ready)
        const first = await imapDialog(ready)
        assert.match(await first.command('CREATE Kept'), /^\S+ OK/m)
        first.close()
        await agree(ready, google, ['INBOX', 'Kept'])
        const known = new Known()
        const restarts = new Restarts(served)
        let isOver = false
        const over = () => isOver
        const workers = Promise.all([
          onEvery(restarts, over, (client) => flag(client, known, kinds.flag)),
          onEvery(restarts, over, (client) => move(client, known, kinds.move)),
          onEvery(restarts, over, (client) => expunge(client, known, kinds.expunge)),
          onEvery(restarts, over, (client) => append(client, known)),
        ])
        try {
          for (let n = 1; n <= kills; n++) {
            await Promise.race([known.more(Math.ceil(Math.random() * 8)), workers])
            if (n === kills) isOver = true
            await restarts.kill()
          }
          await workers
          const bridge = await restarts.ready()
          await settled(bridge)
          await agree(bridge, google, ['INBOX', 'Kept'])
          const client = await imapDialog(bridge)
          assert.deepEqual(await known.broken(client, google), [])
          client.close()
        } finally {
          isOver = true
          await restarts.end()
        }
      },
      { settings: quick },
    ),
)
