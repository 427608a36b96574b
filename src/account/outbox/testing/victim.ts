import { never, silence } from '../../testing/house.ts'
import { letter, openPostOffice } from './post-office.ts'
import type { PostGround } from './post-office.ts'

/** Sends one letter and is killed: `before` it reaches Gmail, or `after` Gmail took it and before the answer is heard. */
const [ground, when] = process.argv.slice(2) as [string, 'before' | 'after']
const forever = new Promise<never>(() => {})

const office = await openPostOffice(JSON.parse(ground) as PostGround, silence, (gmail) => ({
  ...gmail,
  async sendMessage(...args) {
    if (when === 'after') await gmail.sendMessage(...args)
    process.stdout.write('now\n')
    setInterval(() => {}, 60_000)
    return await forever
  },
}))
await office.outbox.submit(letter('killed'), never)
