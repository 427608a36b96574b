import type { X509Certificate } from 'node:crypto'
import { html, page } from '../html.ts'

const systems: readonly (readonly [system: string, steps: readonly string[]])[] = [
  [
    'Windows (Outlook, Windows Mail, Edge, Chrome)',
    [
      'Download the certificate and open it, press “Install Certificate…”.',
      'Choose “Current User”, then “Place all certificates in the following store”, “Browse…”, “Trusted Root Certification Authorities”.',
      'Compare the thumbprint that Windows shows, confirm, and start the mail program anew.',
    ],
  ],
  [
    'macOS (Apple Mail)',
    [
      'Installing the profile of the Apple Mail page does it. By hand: open the downloaded certificate, add it to the keychain “login”.',
      'Open it in Keychain Access, unfold “Trust” and set “Secure Sockets Layer (SSL)” to “Always Trust”.',
    ],
  ],
  [
    'iPhone and iPad',
    [
      'Install the profile of the iPhone page, or download the certificate in Safari and install it under Settings, “Profile Downloaded”.',
      'Settings, “General”, “About”, “Certificate Trust Settings”: switch full trust on.',
    ],
  ],
  [
    'Firefox and Thunderbird (any system)',
    [
      'They keep their own list: Settings, “Privacy & Security”, “Certificates”, “View” or “Manage Certificates…”, “Authorities”, “Import…”.',
      'Choose the downloaded file and tick “Trust this CA to identify websites”.',
    ],
  ],
  [
    'Linux (the whole system)',
    [
      'Debian, Ubuntu: sudo cp authority.pem /usr/local/share/ca-certificates/postern.crt && sudo update-ca-certificates',
      'Fedora, RHEL: sudo cp authority.pem /etc/pki/ca-trust/source/anchors/postern.pem && sudo update-ca-trust',
      'Or only for one program: mbsync, msmtp, mutt and curl take the file by name, see their pages.',
    ],
  ],
  [
    'Android',
    [
      'Settings, “Security”, “Encryption & credentials”, “Install a certificate”, “CA certificate”; K-9 can also accept the fingerprint alone.',
    ],
  ],
]

/** `authority` is undefined when the operator's own certificate is in use. */
export function trustPage(authority: X509Certificate | undefined): string {
  return page(
    'Certificate',
    authority === undefined
      ? html`<h1>Certificate</h1>
          <p class="card">
            Postern uses the certificate that was given to it (POSTERN_TLS_CERT), and takes a changed file up
            by itself. Programs that trust who issued it need nothing more.
          </p>`
      : html`<h1>Trust Postern’s certificate</h1>
          <section aria-labelledby="authority">
            <h2 id="authority">The authority of this installation</h2>
            <p>
              Postern made itself a certificate authority on this computer. Trust it once, and mail programs
              ask no more, also when the server’s certificate is renewed. It can vouch for this computer’s own
              names only, never for any other server.
            </p>
            <p>
              <a class="download" href="/trust/postern-authority.crt" download>Download (.crt)</a>
              <a class="download" href="/trust/authority.pem" download>Download (.pem)</a>
            </p>
            <dl>
              <dt>Name</dt>
              <dd>${authority.subject.replace(/^CN=/, '')}</dd>
              <dt>SHA-256 fingerprint</dt>
              <dd><code class="wrap">${authority.fingerprint256}</code></dd>
              <dt>SHA-1 thumbprint, as Windows shows it</dt>
              <dd><code class="wrap">${authority.fingerprint.replaceAll(':', '').toLowerCase()}</code></dd>
              <dt>Good until</dt>
              <dd>${authority.validToDate.toISOString().slice(0, 10)}</dd>
            </dl>
          </section>
          ${systems.map(
            ([system, steps], index) =>
              html`<section aria-labelledby="system-${index}">
                <h2 id="system-${index}">${system}</h2>
                <ol>
                  ${steps.map((step) => html`<li>${step}</li>`)}
                </ol>
              </section>`,
          )}`,
    'trust',
  )
}
