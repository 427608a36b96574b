import type { Dialog } from '#test/faults/dialog.ts'
import type { Ready } from '#test/postern.ts'
import type { Ground } from './ground.ts'
import type { Person } from './person.ts'
import { imap, think } from './sessions.ts'

const isOk = (answer: string) => /^t\d+ OK/m.test(answer)

/** An IMAP client that flags, moves, deletes and puts in. */
export async function changes(ground: Ground, person: Person, bridge: Ready): Promise<void> {
  const client = await imap(ground, person, bridge)
  try {
    await client.command('CREATE Kept')
    for (let round = 0; !ground.isOver(); round++) {
      const works = [flag, move, append, remove] as const
      await works[round % works.length]?.(ground, person, client)
      await think()
    }
    await client.command('LOGOUT')
  } finally {
    client.close()
  }
}

async function uidsIn({ timings }: Ground, { known }: Person, client: Dialog, mailbox: string) {
  let uids = new Map<string, number>()
  await timings.measure('SELECT+FETCH', async () => {
    uids = await known.promises.open(client, mailbox)
    return 'a OK'
  })
  return uids
}

async function flag(ground: Ground, person: Person, client: Dialog): Promise<void> {
  const { known } = person
  const id = person.any('flag')
  const uid = id === undefined ? undefined : (await uidsIn(ground, person, client, 'INBOX')).get(id)
  if (id === undefined || uid === undefined) return
  const value = known.flagged.get(id) !== true
  known.flagged.set(id, undefined)
  const sign = value ? '+' : '-'
  if (
    isOk(
      await ground.timings.measure('STORE \\Flagged', () =>
        client.command(`UID STORE ${uid} ${sign}FLAGS.SILENT (\\Flagged)`),
      ),
    )
  )
    known.flagged.set(id, value)
  const keyword = `k${Math.floor(Math.random() * 20)}`
  known.keywords.set(id, undefined)
  if (
    isOk(
      await ground.timings.measure('STORE keyword', () =>
        client.command(`UID STORE ${uid} +FLAGS.SILENT (${keyword})`),
      ),
    )
  )
    known.keywords.set(id, keyword)
}

async function move(ground: Ground, person: Person, client: Dialog): Promise<void> {
  const { known } = person
  const [from, to] = Math.random() < 0.5 ? (['INBOX', 'Kept'] as const) : (['Kept', 'INBOX'] as const)
  const id = person.any('move')
  const uid = id === undefined ? undefined : (await uidsIn(ground, person, client, from)).get(id)
  if (id === undefined || uid === undefined) return
  known.places.set(id, undefined)
  const answer = await ground.timings.measure('MOVE', () => client.command(`UID MOVE ${uid} ${to}`))
  // No UID where a move that was cut had been done: then this one was of nothing any more.
  const [, given] = /\[COPYUID \d+ \d+ (\d+)\]/.exec(answer) ?? []
  if (!isOk(answer) || given === undefined) return
  known.places.set(id, to)
  known.promises.note(to, Number(given), id)
}

async function append(ground: Ground, { known }: Person, client: Dialog): Promise<void> {
  const messageId = `soak-${crypto.randomUUID()}@soak.test`
  known.tried.add(messageId)
  const message = `Message-ID: <${messageId}>\r\nSubject: appended\r\n\r\n${'x'.repeat(2000)}\r\n`
  const answer = await ground.timings.measure('APPEND', () => client.append('INBOX', message))
  const [, uid] = /^t\d+ OK \[APPENDUID \d+ (\d+)\]/m.exec(answer) ?? []
  if (uid !== undefined) known.appended.set(messageId, Number(uid))
}

async function remove(ground: Ground, person: Person, client: Dialog): Promise<void> {
  const { known } = person
  const id = person.delivered('remove').find((one) => !known.removed.has(one))
  const uid = id === undefined ? undefined : (await uidsIn(ground, person, client, 'INBOX')).get(id)
  if (id === undefined || uid === undefined) return
  await client.command(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`)
  if (isOk(await ground.timings.measure('EXPUNGE', () => client.command(`UID EXPUNGE ${uid}`))))
    known.removed.add(id)
}
