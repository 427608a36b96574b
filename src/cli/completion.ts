import type { Command } from 'commander'

export type Shell = 'bash' | 'zsh' | 'fish'

/** What can stand at one place of the command line. */
interface Place {
  /** The words before it, such as `password add`; empty for the first. */
  readonly path: string
  readonly words: readonly { readonly word: string; readonly about: string }[]
}

/** A script that makes a shell complete Postern's commands and options, printed from the commands themselves. */
export function completionScript(shell: Shell, program: Command): string {
  const places = placesOf(program, [])
  switch (shell) {
    case 'bash':
      return bash(places)
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(places)}`
    case 'fish':
      return fish(places)
  }
}

function placesOf(command: Command, path: readonly string[]): readonly Place[] {
  const words = [
    ...command.commands.map((one) => ({ word: one.name(), about: one.description() })),
    ...command.options.map(({ long, short, description }) => ({
      word: long ?? short ?? '',
      about: description,
    })),
    { word: '--help', about: 'display help' },
  ]
  return [
    { path: path.join(' '), words },
    ...command.commands.flatMap((one) => placesOf(one, [...path, one.name()])),
  ]
}

function bash(places: readonly Place[]): string {
  const cases = places.map(
    ({ path, words }) => `    "${path}") words="${words.map(({ word }) => word).join(' ')}" ;;`,
  )
  return `_postern() {
  local path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  while :; do
    case "$path" in
${cases.join('\n')}
    esac
    [ -n "$words" ] || [ -z "$path" ] && break
    case "$path" in *" "*) path="\${path% *}" ;; *) path="" ;; esac
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _postern postern
`
}

function fish(places: readonly Place[]): string {
  return places
    .flatMap(({ path, words }) =>
      words.map(({ word, about }) => {
        const where =
          path === ''
            ? '__fish_use_subcommand'
            : path
                .split(' ')
                .map((one) => `__fish_seen_subcommand_from ${one}`)
                .join('; and ')
        const what = word.startsWith('--')
          ? `-l ${word.slice(2)}`
          : word.startsWith('-')
            ? `-s ${word.slice(1)}`
            : `-a ${word}`
        return `complete -c postern -f -n '${where}' ${what} -d '${about.replaceAll("'", '’')}'`
      }),
    )
    .join('\n')
    .concat('\n')
}
