import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { editCompose } from '../../../../src/cli/init/compose.ts'
import { JAEGER, PROMETHEUS } from '../../../../src/cli/init/compose-services.ts'

const SERVICE = JAEGER.text([16686, 4317])
const indented = (by: number, lineEnd = '\n'): string =>
  SERVICE.trimEnd()
    .split('\n')
    .map((line) => ' '.repeat(by) + line)
    .join(lineEnd) + lineEnd

const PLACED: readonly { readonly what: string; readonly before: string | undefined; readonly after: string }[] = [
  { what: 'no file', before: undefined, after: `services:\n${indented(2)}` },
  { what: 'a comment alone', before: '# ours\n', after: `# ours\n\nservices:\n${indented(2)}` },
  { what: 'services without any', before: 'services:\n', after: `services:\n${indented(2)}` },
  {
    what: 'no services',
    before: 'include:\n  - other.yaml\n',
    after: `include:\n  - other.yaml\n\nservices:\n${indented(2)}`,
  },
  {
    what: 'anchors, merges, comments and what follows',
    before:
      'x-a: &a { restart: always } # why\n\nservices:\n  # one\n  web: { <<: *a, image: x }\n\n  db:\n    <<: *a\n    image: "y"\n    # of db\n\n# of volumes\nvolumes: {}\n',
    after: `x-a: &a { restart: always } # why\n\nservices:\n  # one\n  web: { <<: *a, image: x }\n\n  db:\n    <<: *a\n    image: "y"\n    # of db\n\n${indented(2)}\n# of volumes\nvolumes: {}\n`,
  },
  {
    what: 'four spaces, no blank lines, no line end',
    before: 'services:\n    a:\n        image: x\n    b:\n        image: y',
    after: `services:\n    a:\n        image: x\n    b:\n        image: y\n${indented(4)}`,
  },
  {
    what: 'CRLF and a byte order mark',
    before: '\uFEFFservices:\r\n  a:\r\n    image: x\r\nvolumes:\r\n  v:\r\n',
    after: `\uFEFFservices:\r\n  a:\r\n    image: x\r\n\r\n${indented(2, '\r\n')}volumes:\r\n  v:\r\n`,
  },
  {
    what: 'a block of text at the end',
    before: 'services:\n  a:\n    image: x\n    command: |\n      one\n\n      # two\n',
    after: `services:\n  a:\n    image: x\n    command: |\n      one\n\n      # two\n\n${indented(2)}`,
  },
]

for (const { what, before, after } of PLACED) {
  test(`placed: ${what}`, () => {
    const edit = editCompose(before, [JAEGER])
    assert.ok('text' in edit, JSON.stringify(edit))
    assert.equal(edit.text, after)
    assert.deepEqual([edit.services, edit.page], [['jaeger'], 'http://localhost:16686'])
    assert.ok('unchanged' in editCompose(after, [JAEGER]))
  })
}

for (const [what, text] of [
  ['by name', 'services:\n  jaeger:\n    image: mine\n'],
  ['by image', 'services:\n  tracing:\n    image: docker.io/jaegertracing/all-in-one:1.60\n'],
] as const) {
  test(`an existing Jaeger, ${what}, is not changed`, () => {
    const edit = editCompose(text, [JAEGER])
    assert.ok('unchanged' in edit)
    assert.deepEqual(
      [edit.services, edit.page],
      [Object.keys((parse(text) as { services: object }).services), undefined],
    )
  })
}

for (const port of [
  '"4317:4317"',
  '127.0.0.1:4317:4317/tcp',
  '"4310-4320:4310-4320"',
  '{ target: 1, published: 4317 }',
  '"${P:-4317}:1"',
]) {
  test(`a port that another service has: ${port}`, () => {
    const edit = editCompose(`services:\n  collector:\n    image: x\n    ports: [${port}]\n`, [JAEGER])
    assert.ok('unchanged' in edit)
    assert.match(edit.notes?.[0] ?? '', /"collector" publishes port 4317/)
    assert.deepEqual(edit.services, [])
  })
}

test('a page for people moves to the next port', () => {
  const edit = editCompose('services:\n  a:\n    image: x\n    ports: ["9090:80", "9091:81"]\n', [JAEGER, PROMETHEUS])
  assert.ok('text' in edit)
  const { services } = parse(edit.text) as { services: Record<string, { ports: string[] }> }
  assert.deepEqual(services['prometheus']?.ports, ['9092:9090'])
})

test('decisions for the user are notes', () => {
  const edit = editCompose('services:\n  api:\n    build: .\n    networks: [back]\nnetworks:\n  back:\n', [JAEGER])
  assert.match(edit.notes?.[0] ?? '', /http:\/\/jaeger:4317.*"api"/)
  assert.match(edit.notes?.[1] ?? '', /network back/)
})

for (const [text, reason] of [
  ['services: {a: {image: x}}\n', /braces/],
  ['{services: {a: {image: x}}}\n', /not a block mapping/],
  ['- a\n', /not a block mapping/],
  ['a: 1\n---\nb: 2\n', /more than one/],
  ['services:\n  a: [\n', /not valid YAML/],
  ['services:\n  a: 1\n', /not a map/],
  ['services:\n  - a\n', /braces|map/],
  ['x: &x {a: {image: y}}\nservices: *x\n', /alias/],
  ['web:\n  image: x\n', /Compose 1/],
  ['  services:\n    a:\n      image: x\n', /indented/],
] as const) {
  test(`refused: ${JSON.stringify(text)}`, () => {
    const edit = editCompose(text, [JAEGER])
    assert.ok('refused' in edit, JSON.stringify(edit))
    assert.match(edit.refused, reason)
  })
}

const NAME = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/)
const VALUE = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom('a\nb\n\n', '# no comment', '- x', 'a: b', '"', "it's", '4317:4317'),
)
const SERVICES = fc.dictionary(
  NAME,
  fc.record(
    {
      image: VALUE,
      command: fc.array(VALUE, { maxLength: 2 }),
      environment: fc.dictionary(NAME, VALUE, { maxKeys: 2 }),
    },
    { requiredKeys: [] },
  ),
  { maxKeys: 3 },
)

test('any file is refused, or all of its bytes are kept and one block of lines is inserted', () => {
  const files = fc
    .tuple(
      fc.dictionary(NAME, VALUE, { maxKeys: 2 }),
      SERVICES,
      fc.dictionary(NAME, VALUE, { maxKeys: 2 }),
      fc.integer({ min: 1, max: 4 }),
    )
    .map(([before, services, after, indent]) =>
      stringify({ ...before, services, ...after }, { indent, lineWidth: 30 }).replaceAll(/\n(?=\S)/g, '\n# margin\n'),
    )
  let edited = 0
  fc.assert(
    fc.property(fc.oneof(files, fc.string()), (text) => {
      const edit = editCompose(text, [JAEGER])
      if (!('text' in edit)) return
      edited++
      const length = edit.text.length - text.length
      const at = [...text].findIndex((_, index) => text[index] !== edit.text[index])
      const start = at === -1 ? text.length : at
      // Where the block begins with what follows it, the first difference is later than its start.
      const starts = Array.from({ length: start + 1 }, (_, index) => start - index)
      assert.ok(starts.some((index) => edit.text.slice(0, index) + edit.text.slice(index + length) === text))
    }),
    { numRuns: 300 },
  )
  assert.ok(edited > 50, `${edited} were edited`)
})
