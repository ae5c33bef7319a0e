import type { SettingRow } from '../../src/settings/row.ts'

/** Values that a row of the type cannot take. */
export function malformedFor(row: SettingRow): readonly string[] {
  switch (row.type) {
    case 'boolean':
      return row.lenient === true ? ['maybe', '2', 'enabled'] : ['yes', '1', 'on', 'tru', '"true"']
    case 'integer':
      return ['abc', '-1', '1.5', '1e3', '0x10', 'Infinity', '+5', '1_000', '99999999999', '5s', '٣']
    case 'enum':
    case 'enums':
      return ['nonsense', '"none"', 'otlp;console', ...Object.keys(row.notOffered ?? {})]
    case 'headers':
      return ['nonsense', '=value', 'a b=c', 'Authorization: Basic x=', 'name=', 'näme=x', ',']
    case 'attributes':
      return ['nonsense', '=value', 'key=100%', ',', '%zz=1']
    case 'url':
      return [
        'http://',
        'http:// host',
        'ftp://host:4317',
        'http://host:99999',
        'http://host:abc',
        'http:///path',
        '::1',
      ]
    case 'list':
      return [',', ' , ,']
    case 'path':
      return ['/pa\0th']
    case 'text':
      if (row.noEffect !== undefined) return ['anything']
      return row.accepts === undefined ? ['na\0me'] : ['a:b c ', 'pass word:']
    case 'pattern':
      return []
  }
}
