import { setTimeout as sleep } from 'node:timers/promises'
import type { Ready } from '#test/postern.ts'
import type { Ground } from './ground.ts'
import type { Person } from './person.ts'
import { imap, think } from './sessions.ts'

/** An IMAP client that looks, searches, fetches and idles. */
export async function reads(ground: Ground, person: Person, bridge: Ready): Promise<void> {
  const { timings, isOver } = ground
  const client = await imap(ground, person, bridge)
  try {
    await timings.measure('SELECT', () => client.command('SELECT INBOX'))
    while (!isOver()) {
      await timings.measure('FETCH FLAGS', () => client.command('UID FETCH 1:* (FLAGS)'))
      await timings.measure('FETCH ENVELOPE', () => client.command('UID FETCH 1:* (ENVELOPE)'))
      await think()
      await timings.measure('FETCH BODY[]', () => client.command('UID FETCH * (BODY.PEEK[])'))
      await timings.measure('SEARCH', () => client.command('UID SEARCH SUBJECT plain'))
      await timings.measure('SEARCH TEXT', () => client.command('UID SEARCH TEXT number'))
      client.say('i IDLE\r\n')
      await client.until(/^\+ [^\r]*\r\n/m)
      await sleep(2000)
      client.say('DONE\r\n')
      await client.until(/^i (OK|NO)[^\r]*\r\n/m)
    }
    await client.command('LOGOUT')
  } finally {
    client.close()
  }
}
