import { appleMail, ios } from './apple.ts'
import type { Guide } from './guide.ts'
import { mbsync } from './mbsync.ts'
import { msmtp } from './msmtp.ts'
import { mutt } from './mutt.ts'
import { newOutlook, outlook, windowsMail } from './outlook.ts'
import { scanner } from './scanner.ts'
import { script } from './script.ts'
import { k9, thunderbird } from './thunderbird.ts'

/** In the order in which people look for them. */
export const guides: readonly Guide[] = [
  outlook,
  newOutlook,
  windowsMail,
  appleMail,
  ios,
  thunderbird,
  k9,
  mutt,
  mbsync,
  msmtp,
  script,
  scanner,
]
