/** Which of the granted scopes let a method be called: any one of a list. Fact sheet section 5.1. */

const prefix = 'https://www.googleapis.com/auth/gmail.'
const full = 'https://mail.google.com/'
const modify = `${prefix}modify`
const readonly = `${prefix}readonly`
const compose = `${prefix}compose`
const labels = `${prefix}labels`
const settingsBasic = `${prefix}settings.basic`

const metadata: string = `${prefix}metadata`

export const scopes = {
  everything: [full],
  change: [full, modify],
  read: [full, modify, readonly],
  readMetadata: [full, modify, readonly, metadata],
  profile: [full, modify, readonly, metadata, compose],
  insert: [full, modify, `${prefix}insert`],
  send: [full, modify, compose, `${prefix}send`],
  readDrafts: [full, modify, readonly, compose],
  writeDrafts: [full, modify, compose],
  readLabels: [full, modify, readonly, metadata, labels],
  writeLabels: [full, modify, labels],
  readSettings: [full, modify, readonly, settingsBasic],
  writeSettings: [settingsBasic],
} as const satisfies Record<string, readonly string[]>

/** Nothing but metadata may be seen: gmail.metadata is granted and no scope that reads more. */
export function seesOnlyMetadata(granted: readonly string[]): boolean {
  return (
    granted.includes(metadata) && !granted.some((scope) => (scopes.read as readonly string[]).includes(scope))
  )
}
