import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryFolder } from './temporary-folder.ts'

export interface CertificateFiles {
  readonly caFile: string
  readonly serverKeyFile: string
  readonly serverCertificateFile: string
  readonly clientKeyFile: string
  readonly clientCertificateFile: string
}

/** Creates a certificate authority, a server certificate for localhost and a client certificate, valid for a day. */
export function makeCertificates(t: TestContext): CertificateFiles {
  const folder = temporaryFolder(t, 'certificates')
  const path = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl('req', '-x509', ...key, '-days', '1', '-subj', '/CN=obs test CA', '-keyout', 'ca.key', '-out', 'ca.pem')
  for (const [name, extension] of Object.entries({
    server: 'subjectAltName=DNS:localhost,IP:127.0.0.1',
    client: 'extendedKeyUsage=clientAuth',
  })) {
    writeFileSync(path(`${name}.ext`), extension)
    openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
    const signedByCa = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1']
    openssl('x509', '-req', '-in', `${name}.csr`, ...signedByCa, '-extfile', `${name}.ext`, '-out', `${name}.pem`)
  }
  return {
    caFile: path('ca.pem'),
    serverKeyFile: path('server.key'),
    serverCertificateFile: path('server.pem'),
    clientKeyFile: path('client.key'),
    clientCertificateFile: path('client.pem'),
  }
}
