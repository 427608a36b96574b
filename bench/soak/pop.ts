import { Cut, Dialog } from '#test/faults/dialog.ts'
import type { Ready } from '#test/postern.ts'
import type { Ground } from './ground.ts'
import { password } from './ground.ts'
import type { Person } from './person.ts'
import { think } from './sessions.ts'

const atOnce = 3

/** A POP3 client that comes, takes a few messages away and goes. */
export async function retrieves(ground: Ground, person: Person, { pop3 }: Ready): Promise<void> {
  if (pop3 === undefined) throw new Cut('no POP3 door')
  const { timings } = ground
  const client = await Dialog.open(pop3)
  const ask = (name: string, line: string, end: RegExp = /^(\+OK|-ERR)[^\r]*\r\n/m) =>
    timings.measure(
      name,
      async () => {
        client.say(`${line}\r\n`)
        return client.until(end)
      },
      /^\+OK/m,
    )
  const many = /^(\+OK[^]*?\r\n\.|-ERR[^\r]*)\r\n/m
  try {
    await ask('POP3 USER', `USER ${person.address}`)
    if (!/^\+OK/m.test(await ask('POP3 PASS', `PASS ${password}`))) return await think()
    const listed = await ask('POP3 UIDL', 'UIDL', many)
    const numbers = new Map(
      [...listed.matchAll(/^(\d+) GmailId(\S+)\r$/gm)].map(([, number, id]) => [String(id), Number(number)]),
    )
    const taken = person
      .delivered('pop')
      .filter((id) => numbers.has(id))
      .slice(0, atOnce)
    const deleted: string[] = []
    for (const id of taken) {
      const whole = await ask('POP3 RETR', `RETR ${numbers.get(id)}`, many)
      if (/^\+OK/m.test(whole) && /^\+OK/m.test(await ask('POP3 DELE', `DELE ${numbers.get(id)}`)))
        deleted.push(id)
    }
    if (/^\+OK/m.test(await ask('POP3 QUIT', 'QUIT'))) for (const id of deleted) person.popped.add(id)
    await think()
  } finally {
    client.close()
  }
}
