import { statfs } from 'node:fs/promises'
import type { DiskFigures, Sources } from '#metrics/sources.ts'
import type { Store } from '#store/store.ts'
import type { House as PagesHouse, Trouble } from '#web/house.ts'
import type { OpenDoors } from './doors.ts'
import type { House } from './house.ts'
import type { TroubleBook } from './troubles/trouble-book.ts'

/** Where the metrics find their figures. */
export function figuresOf(house: House, doors: OpenDoors, dataDir: string): Sources {
  return {
    accounts: () => house.accounts.figures(),
    cache: () => house.cache.stats(),
    push: () => house.push?.figures(),
    disk: () => diskFigures(house.store, dataDir),
    storeWritable: async () => (await house.store.writeFault()) === undefined,
    sessions: () => doors.sessions(),
  }
}

/** What the overview shows as it changes. */
export function liveFigures(
  house: House,
  {
    doors,
    troubles,
    cacheDiskMb,
  }: { doors: () => OpenDoors | undefined; troubles: TroubleBook; cacheDiskMb: number },
): Required<Pick<PagesHouse, 'spentUnits' | 'allowedUnits' | 'cache' | 'clients' | 'troubles'>> {
  return {
    spentUnits: () =>
      house.accounts
        .figures()
        .flatMap(({ spending }) => spending)
        .reduce((sum, { units }) => sum + units, 0),
    allowedUnits: () => house.accounts.figures().reduce((sum, { budget }) => sum + budget.unitsPerMinute, 0),
    cache: () => ({ ...house.cache.stats(), limitBytes: cacheDiskMb * 1024 * 1024 }),
    clients: () => doors()?.clients() ?? [],
    troubles: () => troublesOf(house, troubles),
  }
}

/** Accounts by their addresses; those of an account that was removed since are nobody's. */
function troublesOf(house: House, troubles: TroubleBook): Trouble[] {
  const addresses = new Map<number, string>(house.accounts.reports().map(({ id, address }) => [id, address]))
  return troubles.newestFirst().flatMap(({ account, ...trouble }) => {
    const address = account === undefined ? undefined : addresses.get(account)
    return account !== undefined && address === undefined ? [] : [{ ...trouble, address }]
  })
}

async function diskFigures(store: Pick<Store, 'sizeBytes'>, dataDir: string): Promise<DiskFigures> {
  const { bavail, bsize } = await statfs(dataDir)
  return { storeBytes: await store.sizeBytes(), freeBytes: bavail * bsize }
}
