// packages: oracledb
// versions: newest
// without-spans: there is no server, and what fails to connect has none
export default async function ({ loadDefault, load, say, attempt, format }) {
  const oracledb = await loadDefault('oracledb')
  if (format === 'import') say('names', Object.keys(await load('oracledb')).toSorted())
  say('constants', oracledb.OUT_FORMAT_OBJECT, oracledb.versionString, oracledb.thin)
  say(
    'functions',
    oracledb.getConnection,
    oracledb.createPool,
    oracledb.Connection,
    oracledb.Pool,
    oracledb.Connection?.prototype.execute,
  )
  const where = Object.freeze({
    user: 'u',
    password: 'p',
    connectString: '127.0.0.1:1/x?transport_connect_timeout=1&retry_count=0',
  })
  const told = ({ name, code, message }) => [name, code, message.split('\n')[0].replace(/\(CONNECTION_ID=.*?\)/, '')]
  await attempt('refused', () => oracledb.getConnection(where).catch(told))
  await attempt(
    'in a callback',
    () =>
      new Promise((resolve) => {
        const returned = oracledb.getConnection(where, (error, connection) =>
          resolve([told(error), connection, returned]),
        )
      }),
  )
  await attempt('no options', () => oracledb.getConnection(1).catch?.(told))
  await attempt('a pool', async () => {
    const pool = await oracledb.createPool({ ...where, poolMin: 0 })
    say('pool', pool.getConnection, pool.poolMax, pool.eventNames().map(String))
    const failed = await pool.getConnection().catch(told)
    await pool.close(0)
    return failed
  })
}
