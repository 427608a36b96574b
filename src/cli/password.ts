import type { Door } from '#mail/doorman.ts'
import { Complaint } from './complaint.ts'
import type { PasswordOptions } from './program.ts'
import { table } from './table.ts'
import { withOffice } from './with-office.ts'

const doorNames: readonly string[] = ['imap', 'pop3', 'smtp']

export async function addPassword(email: string, options: PasswordOptions): Promise<void> {
  const doors = options.allow?.split(',').map((door) => door.trim().toLowerCase())
  const strange = doors?.find((door) => !doorNames.includes(door))
  if (strange !== undefined) throw new Complaint('--allow takes imap, pop3 and smtp, separated by commas')
  const { name, password } = await withOffice((office) =>
    office.makePassword({
      email,
      name: options.name,
      doors: doors as Door[] | undefined,
      readOnly: options.readOnly,
      noDelete: options.delete === false,
      sources: options.from,
      mailboxes: options.mailbox,
      hiddenCapabilities: options.hide,
      expiresAt: options.expires === undefined ? undefined : Date.now() + options.expires * 86_400_000,
    }),
  )
  process.stderr.write(`The password '${name}' for ${email}. It is shown only now:\n`)
  process.stdout.write(`${password}\n`)
}

export async function listPasswords(email: string, { json }: { json?: boolean }): Promise<void> {
  const entries = await withOffice((office) => office.listPasswords(email))
  if (json === true) return void process.stdout.write(`${JSON.stringify(entries)}\n`)
  if (entries.length === 0)
    return void process.stdout.write('There is none. postern password add makes one.\n')
  process.stdout.write(
    table(
      ['name', 'opens', 'rights', 'made', 'expires', 'last used'],
      entries.map((one) => [
        one.name,
        one.doors.join(' '),
        [
          one.readOnly ? 'read-only' : one.noDelete === true ? 'no delete' : 'all',
          ...(one.mailboxes ?? []),
          ...(one.hiddenCapabilities ?? []).map((word) => `without ${word}`),
          ...(one.sources ?? []).map((source) => `from ${source}`),
        ].join(', '),
        day(one.createdAt),
        day(one.expiresAt),
        one.usedAt === undefined ? 'never' : `${day(one.usedAt)} from ${one.usedFrom ?? '?'}`,
      ]),
    ),
  )
}

export async function removePassword(email: string, name: string): Promise<void> {
  if (!(await withOffice((office) => office.revokePassword(email, name))))
    throw new Complaint('There is no password of this name. postern password list shows them')
  process.stdout.write(`Revoked. Whoever used it is not let in any more.\n`)
}

function day(at: number | undefined): string {
  return at === undefined ? 'never' : new Date(at).toISOString().slice(0, 10)
}
