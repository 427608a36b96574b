import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Account } from './accounts.ts'
import { readDate } from './mime/date.ts'
import type { SampleMessage } from './samples/sample-mailbox.ts'

interface SeedFile {
  path: string
  name: string
  /** The subfolder's path with slashes; '' directly in the folder. */
  folder: string
}

/** Files read and stored in one transaction. */
const batchFiles = 200
const reading = 16

/**
 * Every `.eml` under a folder becomes a message, octet for octet. In the order of file names (then of folders) they
 * arrive: ids, and the history, ascend in that order. internalDate is what the Date header says, if it can be read and
 * is not in the future; else a second after the message before. A seeding that was cut off goes on where it was.
 */
export async function seedFromFolder(
  account: Account,
  folder: string,
  now: number,
  onProgress?: (done: number, total: number) => void,
): Promise<void> {
  const { mailbox } = account
  if (mailbox.db.setting('seeded') === 'yes') return
  const files = await listFiles(folder)
  let done = Number(mailbox.db.setting('seedFiles') ?? '0')
  let date = Number(mailbox.db.setting('seedDate') ?? String(now - files.length * 1000))
  onProgress?.(done, files.length)
  while (done < files.length) {
    const batch = files.slice(done, done + batchFiles)
    const octets = await readAll(batch)
    mailbox.db.transaction(() => {
      for (const [index, { folder: labelPath }] of batch.entries()) {
        const raw = octets[index] ?? Buffer.alloc(0)
        const written = readDate(raw)
        date = written !== undefined && written <= now ? written : Math.min(date + 1000, now)
        mailbox.add({ raw, labels: labelsOf(account, labelPath), date })
      }
      done += batch.length
      mailbox.db.saveSetting('seedFiles', String(done))
      mailbox.db.saveSetting('seedDate', String(date))
      if (done === files.length) mailbox.db.saveSetting('seeded', 'yes')
    })
    onProgress?.(done, files.length)
    await new Promise((resolve) => setImmediate(resolve))
  }
  mailbox.db.saveSetting('seeded', 'yes')
}

/** The sample mailbox, unless the account has been seeded before. */
export function seedFromSamples(account: Account, samples: readonly SampleMessage[]): void {
  const { mailbox } = account
  if (mailbox.db.setting('seeded') === 'yes') return
  mailbox.db.transaction(() => {
    for (const { raw, labels, internalDate } of samples) {
      const ids = labels.map((label) => mailbox.labels.ensure(label).id)
      mailbox.add({ raw, labels: ids, date: internalDate })
    }
    mailbox.db.saveSetting('seeded', 'yes')
  })
}

function labelsOf({ mailbox }: Account, folder: string): string[] {
  return folder === '' ? ['INBOX', 'UNREAD'] : [mailbox.labels.ensure(folder).id]
}

async function listFiles(root: string): Promise<SeedFile[]> {
  const files: SeedFile[] = []
  const visit = async (path: string, folder: string) => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const below = join(path, entry.name)
      if (entry.isDirectory()) await visit(below, folder === '' ? entry.name : `${folder}/${entry.name}`)
      else if (entry.name.toLowerCase().endsWith('.eml'))
        files.push({ path: below, name: entry.name, folder })
    }
  }
  await visit(root, '')
  return files.sort((a, b) => compare(a.name, b.name) || compare(a.folder, b.folder))
}

/** By code units: the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

async function readAll(files: readonly SeedFile[]): Promise<Buffer[]> {
  const octets: Buffer[] = []
  let next = 0
  const work = async () => {
    while (next < files.length) {
      const index = next
      next += 1
      octets[index] = await readFile(files[index]?.path ?? '')
    }
  }
  await Promise.all(Array.from({ length: reading }, work))
  return octets
}
