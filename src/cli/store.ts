import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { loadKey } from '#auth/key.ts'
import { createSeal } from '#auth/seal.ts'
import { systemClock } from '#mail/surroundings.ts'
import { repairSqliteFile } from '#store/sqlite/repair.ts'
import type { Store } from '#store/store.ts'
import { exportUids, importUids } from '#store/uid-map.ts'
import { Complaint } from './complaint.ts'
import { keyEnvironment, makeDataDir } from './house.ts'
import { createLog } from './log.ts'
import { openStore } from './open-store.ts'
import { readConfig } from './settings.ts'
import { storeFile } from './store-file.ts'
import { mendPostgres, remedyOf } from './store-remedy.ts'

/** `postern store check`: exits with 1 when something is wrong, and changes nothing. */
export async function checkStore(): Promise<void> {
  const faults = await withStore((store) => store.check())
  if (faults.length > 0)
    throw new Complaint(`The store is damaged: ${faults.join('; ')}. ${remedyOf(readConfig(process.env))}`)
  process.stdout.write('The store is sound.\n')
}

/** `postern store repair`: a new store of what can be read of the old one. */
export async function repairStore(): Promise<void> {
  const { dataDir, databaseUrl } = readConfig(process.env)
  if (databaseUrl !== undefined) throw new Complaint(`Postern repairs only its own file. ${mendPostgres}`)
  const { kept, tables, uidsKept } = repairSqliteFile(join(dataDir, storeFile), systemClock.now())
  const hurt = tables.filter(({ whole }) => !whole).map(({ name, rows }) => `${name} (${rows} rows saved)`)
  process.stdout.write(
    [
      hurt.length === 0 ? 'Everything could be read.' : `Damaged were: ${hurt.join(', ')}.`,
      uidsKept
        ? 'UIDs are what they were: mail clients notice nothing.'
        : 'It is not certain which UID was which message: mailboxes get a new UIDVALIDITY, and mail clients load them anew.',
      `The old file is kept as ${kept}; delete it when all is well.`,
      'What is missing is read from Gmail at the next start.',
      '',
    ].join('\n'),
  )
}

/** `postern store export`: the UID map on standard output. */
export async function exportStore(): Promise<void> {
  const sum = await withStore(async (store) => {
    const lines = exportUids(store)
    for (;;) {
      const { done, value } = await lines.next()
      if (done === true) return value
      if (!process.stdout.write(value)) await once(process.stdout, 'drain')
    }
  })
  process.stderr.write(`${sum.accounts} accounts, ${sum.mailboxes} mailboxes, ${sum.memberships} UIDs\n`)
}

/** `postern store import FILE`; `-` is standard input. */
export async function importStore(file: string): Promise<void> {
  const sum = await withStore(async (store) => {
    // Not before somebody listens: a reader of lines drops what comes until then.
    const input = file === '-' ? process.stdin : createReadStream(file)
    const failed = once(input, 'error').then(([cause]) => {
      const { code = 'unknown error' } = cause as NodeJS.ErrnoException
      throw new Complaint(`${file} cannot be read (${code})`, { cause })
    })
    return Promise.race([importUids(store, createInterface({ input, crlfDelay: Infinity })), failed])
  })
  process.stdout.write(
    `${sum.accounts} accounts, ${sum.mailboxes} mailboxes, ${sum.memberships} UIDs taken up\n`,
  )
}

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const config = readConfig(process.env)
  await makeDataDir(config.dataDir)
  const seal = createSeal(
    await loadKey({ env: keyEnvironment(config), dataDir: config.dataDir, randomBytes }),
  )
  const store = await openStore(config, { seal, clock: systemClock, log: createLog('warn') })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
