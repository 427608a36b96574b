import type { Command } from 'commander'
import { settings } from '../settings.ts'

const files: readonly (readonly [path: string, about: string])[] = [
  [
    '.env',
    'Variables, read from the folder that Postern is started in; those of the environment go before them.',
  ],
  [
    '$XDG_DATA_HOME/postern',
    'The data folder, unless POSTERN_DATA_DIR names another: index, message cache, keys, certificates.',
  ],
]

const statuses: readonly (readonly [status: string, about: string])[] = [
  ['0', 'It was done, or was ended by SIGTERM or SIGINT.'],
  [
    '1',
    'It could not be done, or status or doctor found something that needs you. One line on standard error says what to do.',
  ],
]

const examples: readonly (readonly [line: string, about: string])[] = [
  ['postern demo', 'Try it: a simulated Gmail with a sample mailbox.'],
  ['postern serve', 'Run the bridge; then open http://127.0.0.1:8025.'],
  ['postern account add you@gmail.com', 'Connect an account from a terminal.'],
  ['postern password add you@gmail.com --name scanner --allow smtp', 'A password that can only send.'],
  ['postern settings mbsync --account you@gmail.com > ~/.mbsyncrc', 'Settings of a mail program.'],
  ['postern doctor', 'What is wrong, and what to do.'],
]

/** The manual page postern(1), written from the commands and settings themselves. man(7) macros. */
export function manPage(program: Command): string {
  return [
    '.TH POSTERN 1 "" Postern "Postern manual"',
    section('NAME', ['postern \\- Gmail for any IMAP, POP3 or SMTP mail client']),
    section('SYNOPSIS', ['.B postern', '.I command', '[options]']),
    section('DESCRIPTION', [roff(program.description())]),
    section(
      'COMMANDS',
      program.commands.flatMap((command) => commandLines(command, ['postern'])),
    ),
    section(
      'ENVIRONMENT',
      Object.values(settings).flatMap(({ name, shown, about }) =>
        item(bold(name), `${about} Default: ${shown === '' ? 'none' : shown}.`),
      ),
    ),
    section(
      'FILES',
      files.flatMap(([path, about]) => item(bold(path), about)),
    ),
    section(
      'EXIT STATUS',
      statuses.flatMap(([status, about]) => item(bold(status), about)),
    ),
    section(
      'EXAMPLES',
      examples.flatMap(([line, about]) => item(bold(line), about)),
    ),
  ].join('')
}

function commandLines(command: Command, path: readonly string[]): string[] {
  const words = [...path, command.name()]
  if (command.commands.length > 0) return command.commands.flatMap((inner) => commandLines(inner, words))
  const usage = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? ' …' : '')
    return argument.required ? ` <${name}>` : ` [${name}]`
  })
  return [
    ...item(bold(words.join(' ') + usage.join('')), `${capital(command.description())}.`),
    ...(command.options.length === 0
      ? []
      : [
          '.RS',
          ...command.options.flatMap(({ flags, description }) =>
            item(bold(flags), `${capital(description)}.`),
          ),
          '.RE',
        ]),
  ]
}

function section(title: string, lines: readonly string[]): string {
  return `.SH ${title}\n${lines.join('\n')}\n`
}

function item(head: string, about: string): string[] {
  return ['.TP', head, roff(about)]
}

function bold(text: string): string {
  return `.B ${roff(text).replaceAll('"', '\\(dq')}`
}

/** Text as roff prints it: no escapes, no requests, hyphens that can be copied. groff_char(7). */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '\\&...')
    .replace(/^([.'])/, '\\&$1')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
