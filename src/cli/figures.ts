import { stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { DiskFigures, Sources } from '#metrics/sources.ts'
import type { House as PagesHouse } from '#web/house.ts'
import type { OpenDoors } from './doors.ts'
import type { House } from './house.ts'
import { storeFile } from './store-file.ts'

/** Where the metrics find their figures. */
export function figuresOf(house: House, doors: OpenDoors, dataDir: string): Sources {
  return {
    accounts: () => house.accounts.figures(),
    cache: () => house.cache.stats(),
    disk: () => diskFigures(dataDir),
    sessions: () => doors.sessions(),
  }
}

/** What the overview shows as it changes. */
export function liveFigures(
  house: House,
  doors: () => OpenDoors | undefined,
): Required<Pick<PagesHouse, 'spentUnits' | 'cache' | 'sessions' | 'clients'>> {
  return {
    spentUnits: () =>
      house.accounts
        .figures()
        .flatMap(({ spending }) => spending)
        .reduce((sum, { units }) => sum + units, 0),
    cache: () => house.cache.stats(),
    sessions: () => doors()?.sessions() ?? {},
    clients: () => doors()?.clients() ?? [],
  }
}

async function diskFigures(dataDir: string): Promise<DiskFigures> {
  const database = join(dataDir, storeFile)
  const sizes = await Promise.all(
    [database, `${database}-wal`].map((path) =>
      stat(path).then(
        ({ size }) => size,
        // The journal comes and goes.
        () => 0,
      ),
    ),
  )
  const { bavail, bsize } = await statfs(dataDir)
  return { storeBytes: sizes.reduce((sum, size) => sum + size, 0), freeBytes: bavail * bsize }
}
