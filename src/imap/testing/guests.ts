import { password, user } from './house.ts'
import type { House } from './house.ts'
import { RawClient } from './raw-client.ts'

/** A client that has read the greeting. */
export async function greeted(house: House): Promise<RawClient> {
  const client = await RawClient.connect({ host: house.host, port: house.imapPort })
  await client.until(/^\* OK .*\r\n/)
  return client
}

/** A client that has logged in and has INBOX selected. */
export async function selected(house: House): Promise<RawClient> {
  const client = await greeted(house)
  await client.command('l', `LOGIN ${user} "${password}"`)
  await client.command('s', 'SELECT INBOX')
  return client
}
