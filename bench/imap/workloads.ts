import { append } from './append.ts'
import { bulk, disk, login } from './bulk.ts'
import { crowd } from './crowd.ts'
import { hold } from './hold.ts'
import { idle } from './idle.ts'
import { mixed } from './mixed.ts'
import { move } from './move.ts'
import { processor } from './processor.ts'
import { search } from './search.ts'
import { notice, single } from './single.ts'
import { store, storeMany } from './store.ts'
import type { Workload } from './workload.ts'

/** In this order: those that change INBOX most come last. */
export const workloads: readonly Workload[] = [
  login,
  bulk,
  single,
  search,
  store,
  storeMany,
  move,
  append,
  notice,
  mixed,
  processor,
  idle,
  disk,
  crowd,
  hold,
]
