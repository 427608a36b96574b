import { setTimeout as sleep } from 'node:timers/promises'
import { atGmail } from '#test/faults/bridge.ts'
import { Dialog } from '#test/faults/dialog.ts'
import type { Ready } from '#test/postern.ts'
import { control } from '#test/postern.ts'
import type { Ground } from './ground.ts'
import { password } from './ground.ts'
import type { Person } from './person.ts'

const settleMs = 60_000
const labels = new Map([
  ['INBOX', 'INBOX'],
  ['Kept', 'Kept'],
  ['[Gmail]/Sent Mail', 'SENT'],
  ['[Gmail]/Trash', 'TRASH'],
])

/** Everything that is not as a client was told, or not as Gmail has it. Empty when all is well. */
export async function findings(ground: Ground, bridge: Ready): Promise<string[]> {
  const { google, people } = ground
  const wrong: string[] = []
  for (const person of people) {
    const client = await Dialog.imap(bridge.imap, person.address, password)
    wrong.push(...(await differences(client, google, person)))
    wrong.push(
      ...(await person.known.broken(client, google, person.address)).map(
        (one) => `${person.address}: ${one}`,
      ),
    )
    client.close()
    const held = new Map((await atGmail(google, person.address)).map((one) => [one.id, one.labels]))
    for (const id of person.popped)
      if (!held.get(id)?.includes('TRASH')) wrong.push(`${person.address}: DELE of ${id} was not done`)
    for (const id of person.delivered('plain'))
      if (held.get(id)?.includes('INBOX') !== true) wrong.push(`${person.address}: ${id} is gone`)
  }
  wrong.push(...(await sendFindings(ground)))
  return wrong
}

/** What a client sees otherwise than Gmail, once both are quiet or a minute has passed. */
async function differences(client: Dialog, google: Ready, { address }: Person): Promise<string[]> {
  for (const endsAt = performance.now() + settleMs; ; await sleep(300)) {
    const messages = await atGmail(google, address)
    const wrong: string[] = []
    for (const [mailbox, label] of labels) {
      await client.command(`EXAMINE "${mailbox}"`)
      const listed = await client.command('UID FETCH 1:* (FLAGS EMAILID)')
      const seen = [...listed.matchAll(/FLAGS \(([^)]*)\) EMAILID \(([^)]+)\)/g)].map(
        ([, flags = '', id]) => `${id} ${flags.includes('\\Seen')} ${flags.includes('\\Flagged')}`,
      )
      const truth = messages
        .filter((one) => one.labels.includes(label))
        .map((one) => `${one.id} ${!one.labels.includes('UNREAD')} ${one.labels.includes('STARRED')}`)
      const own = new Set(seen)
      const gmails = new Set(truth)
      if (own.size < seen.length) wrong.push(`${address} ${mailbox}: something is there twice`)
      for (const one of gmails) if (!own.has(one)) wrong.push(`${address} ${mailbox} lacks ${one}`)
      for (const one of own) if (!gmails.has(one)) wrong.push(`${address} ${mailbox} has ${one}`)
    }
    if (wrong.length === 0 || performance.now() > endsAt) return wrong
  }
}

async function sendFindings({ google, people }: Ground): Promise<string[]> {
  const counts = new Map<string, number>()
  for (const { address } of people) {
    const { token } = (await control(google, 'grant', { account: address })) as { token: string }
    const inbound = (await atGmail(google, address)).filter(
      (one) => !one.labels.includes('SENT') || one.labels.includes('INBOX'),
    )
    for (const { id } of inbound) {
      const url = `${google.simulator.url}/gmail/v1/users/me/messages/${id}?format=metadata&metadataHeaders=Subject`
      const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
      const { payload } = (await answer.json()) as { payload: { headers?: { value: string }[] } }
      const subject = payload.headers?.[0]?.value ?? ''
      counts.set(subject, (counts.get(subject) ?? 0) + 1)
    }
  }
  return people.flatMap(({ address, sends }) =>
    [...sends].flatMap(([subject, { state }]) => {
      const count = counts.get(subject) ?? 0
      if (count > 1) return [`${address}: ${subject} was sent ${count} times`]
      return state === 'taken' && count === 0 ? [`${address}: ${subject} was taken and is lost`] : []
    }),
  )
}
