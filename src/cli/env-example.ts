import { settings } from './settings.ts'

/** The text of `.env.example`: every setting, explained, with its default commented out. */
export function envExample(): string {
  const blocks = Object.values(settings).map(({ name, shown, example, about }) => {
    const fallback = shown === '' ? 'Default: none.' : `Default: ${shown}.`
    return `${wrap(`${about} ${fallback}`)}\n# ${name}=${example}\n`
  })
  const head = wrap(
    'Postern reads .env from the folder it is started in; variables of the environment go before it. Remove the # before what you want to change. For trying Postern nothing is needed: npm run demo.',
  )
  return `${head}\n\n${blocks.join('\n')}`
}

function wrap(text: string): string {
  const lines: string[] = []
  let line = '#'
  for (const word of text.split(' ')) {
    if (line.length + word.length > 98) {
      lines.push(line)
      line = '#'
    }
    line += ` ${word}`
  }
  return [...lines, line].join('\n')
}
