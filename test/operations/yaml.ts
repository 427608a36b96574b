import { createRequire } from 'node:module'

// The parser that knip brings: a development dependency of our own would be the same package.
const { parseAllDocuments } = createRequire(import.meta.resolve('knip'))('yaml') as Parser

interface Parser {
  readonly parseAllDocuments: (
    text: string,
    options: { merge: boolean },
  ) => { errors: Error[]; warnings: Error[]; toJS(): unknown }[]
}

/** Every document of a YAML text; throws the first error in it. */
export function yaml<T>(text: string): T[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    for (const error of [...document.errors, ...document.warnings]) throw error
    return document.toJS() as T
  })
}
