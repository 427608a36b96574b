import { createSeal } from '#auth/seal.ts'
import { accountId, messageId } from '#mail/ids.ts'
import { createMessageCache } from '../message-cache.ts'
import { silentLog } from './silent-log.ts'
import { messageOf } from './message-of.ts'

/** Puts messages until it is killed and says each that is done: `node put-forever.ts FOLDER`. */
const cache = await createMessageCache({
  dir: process.argv[2] as string,
  diskBytes: 100 * 1024 * 1024,
  memoryBytes: 0,
  seal: createSeal(Buffer.alloc(32, 1)),
  log: silentLog,
})
for (let number = 1; ; number++) {
  await cache.put(accountId(1), messageId(number.toString(16)), messageOf(number))
  process.stdout.write(`${number}\n`)
}
