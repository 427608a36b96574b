const prefix = 'https://www.googleapis.com/auth/'
const everything = 'https://mail.google.com/'
const email = `${prefix}userinfo.email`

/** How much a person lets Postern do, from least to most. Fact sheet section 5.1. */
export const tiers = ['send', 'read', 'modify', 'full'] as const
export type Tier = (typeof tiers)[number]

/** What is asked of Google. `gmail.send` does not tell whose mailbox it is, hence the sign-in scopes. */
const asked: Readonly<Record<Tier, readonly string[]>> = {
  send: [`${prefix}gmail.send`, 'openid', email],
  read: [`${prefix}gmail.readonly`],
  modify: [`${prefix}gmail.modify`],
  full: [everything],
}

export function scopesOf(tier: Tier): readonly string[] {
  return asked[tier]
}

/** Without the sign-in scopes. */
export function mailScopesOf(tier: Tier): string[] {
  return asked[tier].filter((scope) => tierOf([scope]) !== undefined)
}

/** Which of these scopes Gmail's own are, in words of what they permit; the widest wins. Undefined: none of them. */
export function tierOf(scopes: readonly string[]): Tier | undefined {
  if (scopes.includes(everything)) return 'full'
  if (scopes.includes(`${prefix}gmail.modify`)) return 'modify'
  if (scopes.includes(`${prefix}gmail.readonly`)) return 'read'
  return scopes.some((scope) => sending.has(scope)) ? 'send' : undefined
}

/** Whether what was granted permits all that a tier needs: a wider scope serves a narrower wish. */
export function permits(granted: readonly string[], wanted: Tier): boolean {
  if (wanted === 'send') return granted.some((scope) => sending.has(scope))
  const tier = tierOf(granted)
  return tier !== undefined && tier !== 'send' && tiers.indexOf(tier) >= tiers.indexOf(wanted)
}

/** Fact sheet section 5.1. */
const sending: ReadonlySet<string> = new Set([
  everything,
  `${prefix}gmail.modify`,
  `${prefix}gmail.compose`,
  `${prefix}gmail.send`,
])

/** Whether the Gmail API itself tells with these scopes whose mailbox it is. */
export function tellsMailbox(scopes: readonly string[]): boolean {
  const tier = tierOf(scopes)
  return tier !== undefined && tier !== 'send'
}
