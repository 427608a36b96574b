import type { Config } from './settings.ts'

/** What to do about a PostgreSQL database that is damaged: no tool of ours mends it. */
export const mendPostgres =
  'The store is in PostgreSQL: restore a backup of its schema postern; or save the UIDs (postern store export), drop ' +
  'the schema, and take them up again (postern store import). Mail is read anew from Gmail'

/** What to do about a damaged store. */
export function remedyOf({ databaseUrl }: Pick<Config, 'databaseUrl'>): string {
  return databaseUrl === undefined ? 'Run: postern store repair' : mendPostgres
}
