import { execFileSync } from 'node:child_process'

/** What is cached of every message, so that a bench measures a warm server. */
const cached =
  'flags date.received date.sent size.virtual size.physical imap.body imap.bodystructure imap.envelope mime.parts ' +
  'hdr.date hdr.from hdr.sender hdr.reply-to hdr.to hdr.cc hdr.bcc hdr.subject hdr.in-reply-to hdr.message-id ' +
  'hdr.references hdr.list-id'

/** What a Dovecot of ours is told. */
interface Settings {
  readonly folder: string
  readonly home: string
  /** Who owns the mail. */
  readonly owner: { readonly uid: number; readonly gid: number }
  /** The name of who starts it; undefined for root. */
  readonly startedBy: string | undefined
  readonly format: 'maildir' | 'mdbox'
  readonly imapPort: number
  readonly pop3Port: number | undefined
  readonly tls: { readonly port: number; readonly certFile: string; readonly keyFile: string } | undefined
  readonly reused: boolean
}

/** The text of `dovecot.conf` for Dovecot 2.3. */
export function configuration(settings: Settings): string {
  const { folder, home, owner, startedBy, format, imapPort, pop3Port, tls, reused } = settings
  const chroot = startedBy === undefined ? '' : 'chroot ='
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap${pop3Port === undefined ? '' : ' pop3'}
listen = 127.0.0.1
${tls === undefined ? 'ssl = no' : `ssl = yes\nssl_cert = <${tls.certFile}\nssl_key = <${tls.keyFile}`}
disable_plaintext_auth = no
${startedBy === undefined ? '' : unprivileged(startedBy)}
first_valid_uid = 1
mail_location = ${format === 'maildir' ? 'maildir:~/Maildir' : 'mdbox:~/mdbox'}
mail_always_cache_fields = ${cached}
mailbox_list_index = yes
maildir_very_dirty_syncs = yes
mail_max_userip_connections = 2000
default_vsz_limit = 1G
namespace inbox {
  inbox = yes
  separator = /
}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=${owner.uid} gid=${owner.gid} home=${home}/%u
}
service imap-login {
  ${chroot}
  client_limit = 1000
  ${reused ? 'service_count = 0\n  process_min_avail = 2' : ''}
  inet_listener imap {
    port = ${imapPort}
  }
  inet_listener imaps {
    port = ${tls?.port ?? 0}
    ${tls === undefined ? '' : 'ssl = yes'}
  }
}
service imap {
  process_limit = 1000
  ${reused ? 'service_count = 1000\n  process_min_avail = 2' : ''}
}
${pop3Port === undefined ? '' : pop3(pop3Port, chroot)}
`
}

function pop3(port: number, chroot: string): string {
  return `service pop3-login {
  ${chroot}
  inet_listener pop3 {
    port = ${port}
  }
  inet_listener pop3s {
    port = 0
  }
}`
}

/** Settings for a Dovecot that is not started by root: all its processes are ours. */
function unprivileged(user: string): string {
  const group = execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim()
  return `default_internal_user = ${user}\ndefault_login_user = ${user}\ndefault_internal_group = ${group}`
}
