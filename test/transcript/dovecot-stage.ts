import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDovecot } from '#test/dovecot/dovecot.ts'
import { Client } from './client.ts'
import { manners } from './manners.ts'
import { seeds, type Seeded } from './seeds.ts'
import type { Scene, Stage } from './stage.ts'
import type { Transcript } from './transcript.ts'

/** A Dovecot with a user for each transcript: it tells whether a transcript is true. */
export async function openDovecotStage(): Promise<Stage> {
  const mail = await mkdtemp(join(tmpdir(), 'postern-no-mail-'))
  const dovecot = await startDovecot({ mail })
  await rm(mail, { recursive: true, force: true })
  const { imap, password } = dovecot
  return {
    async scene({ name, seed }: Transcript): Promise<Scene> {
      await fill(imap, name, password, seeds.get(seed) ?? [])
      return {
        // It has nothing else here; no transcript for it asks for another door.
        doors: { imap },
        bindings: new Map([
          ['user', name],
          ['password', password],
          ['readOnlyPassword', ''],
          ['inboxPassword', ''],
          ['token', ''],
        ]),
        google: () => Promise.reject(new Error('Dovecot has no Google behind it')),
      }
    },
    log: () => '',
    close: () => dovecot.stop(),
  }
}

/** Appends the seed, to every mailbox whose label a message has. */
async function fill(
  door: { host: string; port: number },
  user: string,
  password: string,
  messages: readonly Seeded[],
): Promise<void> {
  const client = await Client.connect(door, manners.imap)
  await client.answer()
  await client.ask(`LOGIN "${user}" "${password}"`)
  for (const label of new Set(messages.flatMap(({ labels }) => labels.filter(isOwn)))) {
    await client.ask(`CREATE "${label}"`)
    await client.ask(`SUBSCRIBE "${label}"`)
  }
  for (const { raw, labels, date } of messages) {
    const flags = [
      ...(labels.includes('UNREAD') ? [] : [String.raw`\Seen`]),
      ...(labels.includes('STARRED') ? [String.raw`\Flagged`] : []),
    ]
    for (const label of labels.filter((one) => one === 'INBOX' || isOwn(one)))
      await client.ask(
        `APPEND "${label}" (${flags.join(' ')}) "${imapDate(date)}" {${raw.length}+}\r\n${raw.toString('latin1')}`,
      )
  }
  // Who opens a mailbox first takes \Recent away.
  for (const label of new Set(['INBOX', ...messages.flatMap(({ labels }) => labels.filter(isOwn))]))
    await client.ask(`SELECT "${label}"`)
  await client.ask('LOGOUT')
  client.leave()
}

/** Gmail's own labels are in capitals. */
function isOwn(label: string): boolean {
  return label !== label.toUpperCase()
}

function imapDate(iso: string): string {
  const [, day, month, year, time] = /, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(iso).toUTCString()) ?? []
  return `${day}-${month}-${year} ${time} +0000`
}
