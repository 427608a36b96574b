/** One account in a process of its own, to be killed. The ground comes as JSON in the first argument. */
import { buildHouse } from './house.ts'
import type { Ground } from './house.ts'

const house = await buildHouse(JSON.parse(process.argv[2] ?? '') as Ground, {
  prefetch: 'all',
  pollSeconds: 1,
})
house.account.mailstore.attach()
house.account.start()
