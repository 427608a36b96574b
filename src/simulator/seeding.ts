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

/** Files stored in one transaction: so many, or so many octets and a few files more. */
const batchFiles = 200
const batchBytes = 16 * 1024 * 1024
/** Files read at the same time. */
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
    const batch = await readBatch(files, done)
    mailbox.db.transaction(() => {
      for (const { raw, folder: labelPath } of batch) {
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

async function readBatch(
  files: readonly SeedFile[],
  start: number,
): Promise<{ raw: Buffer; folder: string }[]> {
  const batch: { raw: Buffer; folder: string }[] = []
  let bytes = 0
  while (start + batch.length < files.length && batch.length < batchFiles && bytes < batchBytes) {
    const next = files.slice(start + batch.length, start + batch.length + reading)
    const read = await Promise.all(
      next.map(async ({ path, folder }) => ({ raw: await readFile(path), folder })),
    )
    for (const one of read) bytes += one.raw.length
    batch.push(...read)
  }
  return batch
}
