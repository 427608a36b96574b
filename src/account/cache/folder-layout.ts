import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AccountId } from '#mail/ids.ts'
import type { Seal } from '#mail/surroundings.ts'
import { removeSegment } from './segment.ts'

/** A layout that another version of Postern cannot read gets another number: what is there is then dropped. */
const layout = 'postern message cache 1'
const purpose = 'message cache'

/** The names in the cache's folder: `key`, and for each account a folder with numbered segments. */
export class FolderLayout {
  readonly #dir: string
  readonly #seal: Seal

  constructor(dir: string, seal: Seal) {
    this.#dir = dir
    this.#seal = seal
  }

  /** Makes the folder; tells whether what is in it was sealed under this key and in this layout. */
  async isOurs(): Promise<boolean> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 })
    try {
      const sealed = await readFile(join(this.#dir, 'key'))
      return this.#seal.open(sealed, purpose).toString() === layout
    } catch {
      return false
    }
  }

  /** Removes all segments and notes the key; tells whether there were any. */
  async startAnew(): Promise<boolean> {
    const accounts = await this.#accounts()
    for (const account of accounts) await this.removeAccount(account)
    await rm(join(this.#dir, 'key'), { force: true })
    await writeFile(join(this.#dir, 'key'), this.#seal.seal(Buffer.from(layout), purpose), { mode: 0o600 })
    return accounts.length > 0
  }

  /** All segments, oldest first. */
  async segments(): Promise<{ account: AccountId; number: number }[]> {
    const found: { account: AccountId; number: number }[] = []
    for (const account of await this.#accounts())
      for (const number of await segmentNumbers(this.#folder(account))) found.push({ account, number })
    return found.sort((a, b) => a.number - b.number)
  }

  async addAccount(account: AccountId): Promise<void> {
    await mkdir(this.#folder(account), { recursive: true, mode: 0o700 })
  }

  /** Removes the account's segments, and its folder unless somebody else keeps something there. */
  async removeAccount(account: AccountId): Promise<void> {
    const numbers = await segmentNumbers(this.#folder(account)).catch(() => [])
    for (const number of numbers) await removeSegment(this.path(account, number))
    await rmdir(this.#folder(account)).catch(() => {})
  }

  /** A segment's path without the ends of its two files. */
  path(account: AccountId, number: number): string {
    return join(this.#folder(account), String(number).padStart(8, '0'))
  }

  #folder(account: AccountId): string {
    return join(this.#dir, String(account))
  }

  async #accounts(): Promise<AccountId[]> {
    const names = await readdir(this.#dir)
    return names.filter((name) => /^[1-9]\d{0,9}$/.test(name)).map((name) => Number(name) as AccountId)
  }
}

async function segmentNumbers(folder: string): Promise<number[]> {
  const numbers = (await readdir(folder)).map((name) => /^(\d{8,10})\.(?:mail|index)$/.exec(name)?.[1])
  return [...new Set(numbers.filter((number) => number !== undefined).map(Number))]
}
