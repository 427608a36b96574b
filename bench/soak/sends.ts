import { Cut, Dialog } from '#test/faults/dialog.ts'
import type { Ready } from '#test/postern.ts'
import type { Ground } from './ground.ts'
import { password } from './ground.ts'
import type { Person } from './person.ts'
import { think } from './sessions.ts'

/** An SMTP client that sends, and sends again what was not taken: now and then what is in doubt, too. */
export async function sends(ground: Ground, person: Person, bridge: Ready): Promise<void> {
  const client = await logIn(ground, person, bridge)
  try {
    while (!ground.isOver()) {
      const again = Math.random() < 0.3 ? undelivered(person)[0] : undefined
      await send(ground, person, client, again ?? newSend(ground, person))
      await think()
    }
    client.say('QUIT\r\n')
  } finally {
    client.close()
  }
}

/** Sends everything again that was not taken. */
export async function sendTheRest(ground: Ground, person: Person, bridge: Ready): Promise<void> {
  const rest = undelivered(person)
  if (rest.length === 0) return
  const client = await logIn(ground, person, bridge)
  try {
    for (const subject of rest) await send(ground, person, client, subject)
  } finally {
    client.close()
  }
}

function undelivered({ sends: all }: Person): string[] {
  return [...all].filter(([, { state }]) => state !== 'taken').map(([subject]) => subject)
}

function newSend({ people }: Ground, person: Person): string {
  const subject = `send-${crypto.randomUUID()}`
  const to = people[Math.floor(Math.random() * people.length)]?.address ?? person.address
  person.sends.set(subject, { to, state: 'in doubt' })
  return subject
}

async function logIn({ timings }: Ground, { address }: Person, { smtps }: Ready): Promise<Dialog> {
  if (smtps === undefined) throw new Cut('no SMTP door')
  const client = await Dialog.open(smtps, 'tls')
  client.say('EHLO soak.test\r\n')
  await client.until(/^250 [^\r]*\r\n/m)
  const answer = await timings.measure(
    'SMTP AUTH',
    async () => {
      client.say(`AUTH PLAIN ${Buffer.from(`\0${address}\0${password}`).toString('base64')}\r\n`)
      return client.until(/^\d{3} [^\r]*\r\n/m)
    },
    /^235 /m,
  )
  if (answer.startsWith('235 ')) return client
  client.close()
  throw new Cut(answer)
}

async function send({ timings }: Ground, { address, sends: all }: Person, client: Dialog, subject: string) {
  const to = all.get(subject)?.to ?? ''
  const answer = () => client.until(/^\d{3} [^\r]*\r\n/m)
  for (const line of [`MAIL FROM:<${address}>`, `RCPT TO:<${to}>`, 'DATA']) {
    client.say(`${line}\r\n`)
    if (!/^[23]/.test(await answer())) throw new Cut(line)
  }
  const said = await timings.measure(
    'SMTP DATA',
    async () => {
      client.say(
        `From: ${address}\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@soak.test>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n\r\nx\r\n.\r\n`,
      )
      return answer()
    },
    /^250 /m,
  )
  const state = said.startsWith('250 ') ? 'taken' : said.startsWith('4') ? 'in doubt' : 'refused'
  all.set(subject, { to, state })
}
