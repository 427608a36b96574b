import type { Check } from './check.ts'
import { batches } from './checks/batch.ts'
import { changes } from './checks/changes.ts'
import { drafts } from './checks/drafts.ts'
import { errors } from './checks/errors.ts'
import { formats } from './checks/formats.ts'
import { history } from './checks/history.ts'
import { labels } from './checks/labels.ts'
import { listing } from './checks/listing.ts'
import { oauth } from './checks/oauth.ts'
import { partial } from './checks/partial.ts'
import { searching } from './checks/searching.ts'
import { sending } from './checks/sending.ts'
import { settings } from './checks/settings.ts'
import { shapes } from './checks/shapes.ts'
import { threads } from './checks/threads.ts'
import { uploads } from './checks/uploads.ts'

/** Every check, by subject, in an order in which they can run; those marked `last` belong after the clean-up. */
export const suite: ReadonlyMap<string, readonly Check[]> = new Map([
  ['shapes', shapes],
  ['errors', errors],
  ['uploads', uploads],
  ['formats', formats],
  ['listing', listing],
  ['searching', searching],
  ['changes', changes],
  ['labels', labels],
  ['history', history],
  ['drafts', drafts],
  ['threads', threads],
  ['batch', batches],
  ['partial responses', partial],
  ['settings', settings],
  ['sending', sending],
  ['OAuth', oauth],
])
