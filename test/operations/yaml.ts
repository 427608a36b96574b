import { parseAllDocuments } from 'yaml'

/** Every document of a YAML text; throws the first error in it. */
export function yaml<T>(text: string): T[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    if (!('errors' in document)) return undefined as T
    for (const error of [...document.errors, ...document.warnings]) throw error
    return document.toJS() as T
  })
}
