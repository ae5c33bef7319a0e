import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unitInWords } from '../../../../src/sideport/exposition/units.ts'

/** The specification's table, then its other rules. */
const CASES: [unit: string, word: string, gaugeWord?: string][] = [
  ['d', 'days'],
  ['h', 'hours'],
  ['min', 'minutes'],
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['GiBy', 'gibibytes'],
  ['TiBy', 'tebibytes'],
  ['kBy', 'kilobytes'],
  ['KBy', 'kilobytes'],
  ['MBy', 'megabytes'],
  ['GBy', 'gigabytes'],
  ['TBy', 'terabytes'],
  ['m', 'meters'],
  ['V', 'volts'],
  ['A', 'amperes'],
  ['J', 'joules'],
  ['W', 'watts'],
  ['g', 'grams'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['%', 'percent'],
  ['', ''],
  ['1', '', 'ratio'],
  ['{request}', ''],
  ['{packet}/s', 'per_second'],
  ['1/s', 'per_second'],
  ['m/s', 'meters_per_second'],
  ['By/min', 'bytes_per_minute'],
  ['By/{operation}', 'bytes'],
  ['widgets', 'widgets'],
  ['odd unit!', 'odd_unit'],
  ['{only}{annotations}', ''],
  ['constructor', 'constructor'],
  ['__proto__', 'proto'],
]

for (const [unit, word, gaugeWord = word] of CASES) {
  test(`unit ${JSON.stringify(unit)} is ${JSON.stringify(word)}`, () => {
    assert.equal(unitInWords(unit, false), word)
    assert.equal(unitInWords(unit, true), gaugeWord)
  })
}
