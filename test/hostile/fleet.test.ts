import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { serialize } from 'node:v8'
import fc from 'fast-check'
import { emptyResource } from '@opentelemetry/resources'
import { Collections } from '../../src/aggregation/collection.ts'
import { merge } from '../../src/aggregation/merge.ts'
import type { Snapshot } from '../../src/aggregation/snapshot.ts'
import { decodeMember, decodeRetired, encode } from '../../src/fleet/codec.ts'
import { listenAt } from '../../src/fleet/local-socket.ts'
import { frame, FrameReader } from '../../src/fleet/frames.ts'
import { FleetLeader } from '../../src/fleet/leader.ts'
import { toBody, toHello, toWelcome } from '../../src/fleet/handshake.ts'
import { Records } from '../../src/fleet/records.ts'
import { runAtOnce } from '../../src/sdk/sliced-task.ts'
import { TestFleet } from '../support/fleet.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { eventually } from '../support/eventually.ts'
import { ACCEPT, bytesOf, collected, textOf } from '../support/collected-metrics.ts'
import { decodeFamilies } from '../support/metric-family.ts'

const GOOD = {
  scope: { name: 'shop' },
  descriptor: { name: 'sold', description: '', unit: '', valueType: 1 },
  kind: 'counter',
  isObserved: false,
  boundaries: [],
  keys: ['[["a","b"]]'],
  rows: [[1, 2, 3, 0]],
  exemplars: undefined,
}
const EXPONENTIAL_HEAD = [1, 2, 3, 0, NaN, NaN]

/** Metrics that nobody of ours sends, beside `GOOD`. */
const MALFORMED: Readonly<Record<string, unknown>> = {
  'no metric': null,
  'a number': 7,
  'no scope': { ...GOOD, scope: undefined },
  'a scope without a name': { ...GOOD, scope: {} },
  'no descriptor': { ...GOOD, descriptor: undefined },
  'a descriptor of numbers': { ...GOOD, descriptor: { name: 1, description: 2, unit: 3, valueType: 4 } },
  'no unit': { ...GOOD, descriptor: { ...GOOD.descriptor, unit: undefined } },
  'an unknown kind': { ...GOOD, kind: 'summary' },
  'a kind of Object': { ...GOOD, kind: 'constructor' },
  'no keys': { ...GOOD, keys: undefined },
  'fewer rows than keys': { ...GOOD, rows: [] },
  'rows of text': { ...GOOD, rows: ['1234'] },
  'short rows': { ...GOOD, rows: [[1]] },
  'rows of bigints': { ...GOOD, rows: [[1n, 2n, 3n, 0n]] },
  'keys that are objects': { ...GOOD, keys: [{}] },
  'keys that are no JSON': { ...GOOD, keys: ['{'] },
  'keys that are no entries': { ...GOOD, keys: ['7'] },
  'a histogram without buckets': { ...GOOD, kind: 'histogram', boundaries: [1, 2], rows: [[1, 2, 3, 0, 1, 1]] },
  'boundaries of text': { ...GOOD, kind: 'histogram', boundaries: ['x'], rows: [[1, 2, 3, 0, 1, 1, 0, 1]] },
  'an exponential histogram without scale': { ...GOOD, kind: 'exponential', rows: [EXPONENTIAL_HEAD] },
  'a scale beyond all': { ...GOOD, kind: 'exponential', rows: [[...EXPONENTIAL_HEAD, 0, 1e9, 0, 1, 0, 1]] },
  'more buckets than there are': { ...GOOD, kind: 'exponential', rows: [[...EXPONENTIAL_HEAD, 0, 1, 0, 1e9, 0, 1]] },
  'buckets at infinity': { ...GOOD, kind: 'exponential', rows: [[...EXPONENTIAL_HEAD, 0, 1, Infinity, 1, 0, 1]] },
  'exemplars of text': { ...GOOD, exemplars: ['x'] },
  'exemplars without value': { ...GOOD, exemplars: [[{}]] },
}

function record(head: object, metrics: readonly unknown[]): Buffer {
  return Buffer.concat(
    [serialize(head), serialize({ continues: false, metrics })].flatMap((bytes) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(bytes.length)
      return [length, bytes]
    }),
  )
}

async function held(
  t: TestContext,
): Promise<{ readonly leader: FleetLeader; readonly path: string; readonly folder: string }> {
  const folder = temporaryFolder(t, 'fleet')
  const result = await collected((meter) => meter.createCounter('orders').add(1))
  const leader = new FleetLeader({
    own: { collect: () => Promise.resolve(result), collectNow: () => result },
    slot: undefined,
    records: new Records(folder),
    identity: 'this fleet',
    address: 'http://localhost:1',
    timeoutMs: 500,
    everyProcessApart: false,
    feed: undefined,
  })
  const path = join(folder, 'socket')
  const server = await listenAt(path, (socket) => leader.accept(socket))
  t.after(() => server.close())
  return { leader, path, folder }
}

for (const [label, metric] of Object.entries(MALFORMED)) {
  test(`${label} in the files of a fleet: it counts as one missing member, and the scrape succeeds`, async (t) => {
    const { leader, folder } = await held(t)
    writeFileSync(join(folder, 'retired'), record({ included: [] }, [GOOD, metric]))
    // Two that are gone, so that what they counted is added up.
    for (const id of ['4194300-1', '4194301-1'])
      writeFileSync(join(folder, `member-${id}`), record({ slot: 1 }, [metric]))
    await leader.inherit()
    assert.match(textOf(await leader.collect()), /^orders_total 1$/m)
  })

  test(`${label} in a member's response: the member is missing, and the scrape succeeds`, async (t) => {
    const { leader, path } = await held(t)
    const socket = connect(path).on('error', () => {})
    t.after(() => socket.destroy())
    const replies = new FrameReader((kind) => {
      if (kind === 'ask') socket.write(frame('answer', record({ slot: 1 }, [GOOD, metric])))
    })
    const welcomed = new Promise((resolve) => socket.once('data', resolve))
    socket.on('data', (piece: Buffer) => replies.push(piece))
    socket.write(frame('hello', toBody({ identity: 'this fleet', id: `${process.pid}-0`, slot: 1 })))
    await welcomed
    assert.match(textOf(await leader.collect()), /^orders_total 1$/m)
  })
}

const HISTOGRAM = { ...GOOD, descriptor: { ...GOOD.descriptor, name: 'waited' }, kind: 'histogram', boundaries: [1, 2] }
const EXEMPLAR = { value: 1, timestampMs: 2, traceId: 'a', spanId: 'b' }
/** Metrics of each kind, whose every number is replaced. */
const NUMBERS = [
  { ...GOOD, exemplars: [[EXEMPLAR]] },
  { ...GOOD, descriptor: { ...GOOD.descriptor, name: 'opened' }, kind: 'up-down' },
  { ...GOOD, descriptor: { ...GOOD.descriptor, name: 'heat' }, kind: 'gauge' },
  { ...HISTOGRAM, rows: [[1, 2, 3, 0, 1, 1, 4, 5, 6]], exemplars: [[EXEMPLAR]] },
  {
    ...GOOD,
    descriptor: { ...GOOD.descriptor, name: 'scaled' },
    kind: 'exponential',
    rows: [[...EXPONENTIAL_HEAD, 7, 1, -3, 2, 4, 8, 9, 10]],
    exemplars: [[EXEMPLAR]],
  },
]
const ODD_NUMBERS = [
  NaN,
  Infinity,
  -Infinity,
  1e308,
  -1e308,
  -0,
  -1,
  0.5,
  2 ** 31,
  2 ** 53 + 2,
  -(2 ** 53),
  8.64e15,
  1e16,
]

type Place = readonly (string | number)[]

function numbersIn(value: unknown, at: Place = []): Place[] {
  if (typeof value === 'number') return [at]
  if (typeof value !== 'object' || value === null) return []
  const isList = Array.isArray(value)
  return Object.entries(value).flatMap(([key, each]) => numbersIn(each, [...at, isList ? Number(key) : key]))
}

function withNumbers(changes: readonly (readonly [Place, number])[]): unknown[] {
  const metrics = structuredClone(NUMBERS) as unknown[]
  for (const [place, number] of changes) {
    const parent = place.slice(0, -1).reduce((each, key) => (each as never)[key], metrics as unknown)
    ;(parent as Record<string | number, unknown>)[place.at(-1) ?? ''] = number
  }
  return metrics
}

/** Refuses the record, or serves it in every format beside a well-formed one. */
function serveOrRefuse(metrics: unknown[]): void {
  let snapshot: Snapshot
  try {
    snapshot = decodeMember(record({ slot: 1 }, metrics)).snapshot
  } catch (thrown) {
    assert.ok(thrown instanceof TypeError, String(thrown))
    return
  }
  const fine = decodeMember(record({ slot: 1 }, NUMBERS)).snapshot
  const result = runAtOnce(new Collections().toResult(merge(snapshot, fine, snapshot), emptyResource(), []))
  assert.match(textOf(result, ACCEPT.text), /^waited_bucket.* \d+$/m)
  assert.match(textOf(result, ACCEPT.openMetrics), /# EOF\n$/)
  assert.ok(decodeFamilies(bytesOf(result)).some(({ name }) => name === 'sold_total'))
}

test('any number in any place of a record is refused, or served in every format', () => {
  const places = numbersIn(NUMBERS)
  assert.ok(places.length > 40)
  for (const place of places) for (const number of [NaN, Infinity, 1e308]) serveOrRefuse(withNumbers([[place, number]]))
  const changes = fc.array(
    fc.tuple(fc.constantFrom(...places), fc.oneof(fc.constantFrom(...ODD_NUMBERS), fc.double(), fc.maxSafeInteger())),
    { maxLength: 4 },
  )
  fc.assert(
    fc.property(changes, (all) => serveOrRefuse(withNumbers(all))),
    { numRuns: 50 },
  )
})

test('times, counts and buckets that no process records are refused', () => {
  const refused = new Set<string>()
  for (const place of numbersIn(NUMBERS)) {
    for (const number of [NaN, Infinity, 1e308]) {
      try {
        decodeMember(record({ slot: 1 }, withNumbers([[place, number]])))
      } catch {
        const [metric = 0, ...rest] = place
        refused.add(`${NUMBERS[Number(metric)]?.kind} ${rest.join('.')}`)
      }
    }
  }
  const kinds = ['counter', 'up-down', 'gauge', 'histogram', 'exponential']
  for (const kind of kinds) for (const at of [0, 1]) assert.ok(refused.has(`${kind} rows.0.${at}`), `${kind} ${at}`)
  for (const at of [6, 7, 8]) assert.ok(refused.has(`histogram rows.0.${at}`))
  for (const at of [6, 7, 8, 9, 10, 11, 12, 13]) assert.ok(refused.has(`exponential rows.0.${at}`))
  for (const kind of ['counter', 'histogram', 'exponential'])
    assert.ok(refused.has(`${kind} exemplars.0.0.timestampMs`))
  assert.ok(refused.has('histogram boundaries.1'))
})

test('records that would block a scrape are refused: too many metrics, and parts that are too large', () => {
  const metric = (i: number): object => ({ ...GOOD, descriptor: { ...GOOD.descriptor, name: `sold${i}` } })
  const many = Array.from({ length: 5001 }, (_, i) => metric(i)) as unknown as Snapshot
  assert.throws(() => decodeMember(encode({ slot: 1, snapshot: many })), /too many metrics/)
  assert.equal(decodeMember(encode({ slot: 1, snapshot: many.slice(1) })).snapshot.length, 5000)
  assert.throws(() => decodeMember(record({ slot: 1 }, many)), /not of a fleet/)
  const keys = Array.from({ length: 1025 }, (_, i) => `[["a","${i}"]]`)
  const rows = keys.map(() => [1, 2, 3, 0])
  assert.throws(() => decodeMember(record({ slot: 1 }, [{ ...GOOD, keys, rows }])), /not of a fleet/)
  const large = { ...GOOD, keys: [`[["a","${'x'.repeat(9 * 2 ** 20)}"]]`] }
  assert.throws(() => decodeMember(record({ slot: 1 }, [large])), /too large a part/)
})

const HEADS: Readonly<Record<string, object>> = {
  'a slot that is none': { slot: -1 },
  'a slot of text': { slot: '1' },
  'names of files outside': { included: ['../../../tmp/x'] },
  'names that are objects': { included: [{}] },
}

for (const [label, head] of Object.entries(HEADS)) {
  test(`${label}: refused`, () => {
    const decode = 'slot' in head ? decodeMember : decodeRetired
    assert.throws(() => decode(record(head, [GOOD])), TypeError)
  })
}

test('an unidentified peer can use 16 KiB at most, and unsolicited responses end the connection', async (t) => {
  const { path } = await held(t)
  for (const says of [
    Buffer.from([0, 0, 0, 2, 0]),
    Buffer.concat([
      frame('hello', toBody({ identity: 'this fleet', id: `${process.pid}-0`, slot: 0 })),
      frame('answer', record({ slot: 0 }, [GOOD])),
    ]),
  ]) {
    const socket = connect(path)
      .on('error', () => {})
      .resume()
    socket.write(says)
    await new Promise((resolve) => socket.once('close', resolve))
  }
})

test('256 connections that say nothing are all that are held', async (t) => {
  const { path } = await held(t)
  const sockets = Array.from({ length: 300 }, () => connect(path).on('error', () => {}))
  t.after(() => sockets.forEach((socket) => socket.destroy()))
  for (const socket of sockets) socket.resume()
  await eventually(async () => sockets.filter(({ destroyed }) => destroyed).length >= 44)
  assert.equal(sockets.filter(({ destroyed }) => destroyed).length, 44)
})

function refuses(decode: () => unknown): void {
  try {
    decode()
  } catch (thrown) {
    assert.ok(thrown instanceof Error)
  }
}

test('any bytes are frames, messages and records, or are refused by an Error', () => {
  const some = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    // Bytes of a real record, some of which are others.
    fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 6 }).map((changes) => {
      const bytes = record({ slot: 1 }, [GOOD])
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      return new Uint8Array(bytes)
    }),
  )
  fc.assert(
    fc.property(some, (bytes) => {
      const buffer = Buffer.from(bytes)
      refuses(() => decodeMember(buffer))
      refuses(() => decodeRetired(buffer))
      refuses(() => toHello(buffer))
      refuses(() => toWelcome(buffer))
      refuses(() => new FrameReader(() => {}).push(buffer))
    }),
    { numRuns: 1000 },
  )
})

test('processes that share a token use a folder whose public name is derived with a key of the user', async (t) => {
  const fleet = await TestFleet.create(t, { OBS_SIDE_PORT_TOKEN: 'hunter2' })
  const processes = [await fleet.start(), await fleet.start()]
  await processes[1]?.waitFor(/shared with the service/, 'stderr')
  const parent = join(fleet.env['XDG_RUNTIME_DIR'] ?? '', 'paxx-obs')
  const [name = '', ...others] = readdirSync(parent).filter((each) => each !== 'key')
  assert.deepEqual(others, [])
  assert.equal(statSync(join(parent, 'key')).mode & 0o777, 0o600)
  if (process.platform === 'linux') {
    // What other users see of it.
    const [shown = ''] = readFileSync('/proc/net/unix', 'latin1').match(new RegExp(`${parent}\\S+`)) ?? []
    assert.equal(shown, join(parent, name, 'socket'))
  }
  // The same service with the same token, of a user with another key.
  const other = await TestFleet.create(t, {
    OBS_SIDE_PORT_TOKEN: 'hunter2',
    OTEL_EXPORTER_PROMETHEUS_PORT: String(fleet.sidePort),
    OBS_FALLBACK_PORTS: '3',
  })
  await other.start()
  const otherParent = join(other.env['XDG_RUNTIME_DIR'] ?? '', 'paxx-obs')
  assert.ok(!readdirSync(otherParent).includes(name))
})
