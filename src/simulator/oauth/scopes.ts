const prefix = 'https://www.googleapis.com/auth/'

/** What the consent page says about each scope. Fact sheet section 5.1. */
const descriptions = new Map([
  ['https://mail.google.com/', 'Read, compose, send and permanently delete all your email from Gmail'],
  [`${prefix}gmail.modify`, 'Read, compose and send emails from your Gmail account'],
  [`${prefix}gmail.readonly`, 'View your email messages and settings'],
  [
    `${prefix}gmail.metadata`,
    'View your email message metadata such as labels and headers, but not the email body',
  ],
  [`${prefix}gmail.compose`, 'Manage drafts and send emails'],
  [`${prefix}gmail.send`, 'Send email on your behalf'],
  [`${prefix}gmail.insert`, 'Add emails into your Gmail mailbox'],
  [`${prefix}gmail.labels`, 'See and edit your email labels'],
  [`${prefix}gmail.settings.basic`, 'See, edit, create or change your email settings and filters in Gmail'],
  [
    `${prefix}gmail.settings.sharing`,
    'Manage your sensitive mail settings, including who can manage your mail',
  ],
  [`${prefix}pubsub`, 'View and manage Pub/Sub topics and subscriptions'],
  [`${prefix}cloud-platform`, 'See, edit, configure and delete your Google Cloud data'],
  [`${prefix}drive.metadata.readonly`, 'See information about your Google Drive files'],
  ['openid', 'Associate you with your personal info on Google'],
  [`${prefix}userinfo.email`, 'See your primary Google Account email address'],
  [`${prefix}userinfo.profile`, 'See your personal info, including any you have made publicly available'],
])

const aliases = new Map([
  ['email', `${prefix}userinfo.email`],
  ['profile', `${prefix}userinfo.profile`],
])

const signIn = new Set(['openid', `${prefix}userinfo.email`, `${prefix}userinfo.profile`])

/** The scopes of a parameter as Google names them back, without repetitions; those that do not exist apart. */
export function readScopes(parameter: string): { scopes: string[]; unknown: string[] } {
  const words = parameter.split(' ').filter((word) => word !== '')
  const scopes = new Set<string>()
  const unknown = new Set<string>()
  for (const word of words.slice(0, 100)) {
    const scope = aliases.get(word) ?? word
    if (descriptions.has(scope)) scopes.add(scope)
    else unknown.add(word)
  }
  return { scopes: [...scopes], unknown: [...unknown] }
}

/** Scopes that only say who somebody is: they are never shown as a choice. Fact sheet section 5.2. */
export function isSignInScope(scope: string): boolean {
  return signIn.has(scope)
}

/** Scopes of Google Cloud, where a service account speaks for itself. */
export function isCloudScope(scope: string): boolean {
  return scope === `${prefix}pubsub` || scope === `${prefix}cloud-platform`
}

export function describeScope(scope: string): string {
  return descriptions.get(scope) ?? scope
}

export const scopeNames = {
  openid: 'openid',
  email: `${prefix}userinfo.email`,
  profile: `${prefix}userinfo.profile`,
} as const
