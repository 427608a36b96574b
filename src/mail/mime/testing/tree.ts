import type { Part } from '../structure.ts'

/** A structure in one line: `multipart/mixed(text/plain message/rfc822[text/html])`. */
export function treeText(part: Part): string {
  if (part.message !== undefined) return `${part.mediaType}[${treeText(part.message)}]`
  if (part.children.length === 0) return part.mediaType
  return `${part.mediaType}(${part.children.map(treeText).join(' ')})`
}

/** All parts with their paths as BODY[…] names them. RFC 9051 section 6.4.5. */
export function partsWithPaths(structure: Part): { part: Part; path: number[] }[] {
  const found: { part: Part; path: number[] }[] = []
  const visit = (part: Part, path: number[]) => {
    found.push({ part, path })
    if (part.message !== undefined) inside(part.message, path)
    for (const [index, child] of part.children.entries()) visit(child, [...path, index + 1])
  }
  const inside = (root: Part, path: number[]) => {
    if (root.children.length === 0) visit(root, [...path, 1])
    else for (const [index, child] of root.children.entries()) visit(child, [...path, index + 1])
  }
  inside(structure, [])
  return found
}
