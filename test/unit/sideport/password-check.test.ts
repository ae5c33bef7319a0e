import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PasswordCheck } from '../../../src/sideport/password-check.ts'

test('credentials that come again go before a flood of new ones from the same address', async () => {
  const verified: string[] = []
  const check = new PasswordCheck(
    async (credentials) => {
      verified.push(credentials)
      return credentials === 'right'
    },
    (credentials) => credentials,
  )
  const flood = Array.from({ length: 50 }, (_, i) => check.check(`guess ${i}`, '127.0.0.1'))
  assert.equal(await check.check('right', '127.0.0.1'), 'busy')
  assert.equal(await check.check('right', '127.0.0.1'), 'accepted')
  assert.ok(verified.length <= 2, verified.join())
  // The guess that made room for it; the others wait on.
  assert.equal(await Promise.race(flood), 'busy')
})

test('credentials of a client that gave up waiting go before new ones as well', async () => {
  const verified: string[] = []
  const check = new PasswordCheck(
    async (credentials) => {
      verified.push(credentials)
      return credentials === 'right'
    },
    (credentials) => credentials,
  )
  for (let guess = 0; guess < 40; guess++) void check.check(`guess ${guess}`, '127.0.0.1')
  const first = check.check('right', '127.0.0.1')
  assert.equal(await check.check('right', '127.0.0.1'), 'accepted')
  assert.equal(await first, 'accepted')
  assert.ok(verified.length <= 2, verified.join())
})

test('a flood from one address that repeats its guesses does not keep out another address', async () => {
  const check = new PasswordCheck(
    async (credentials) => credentials === 'right',
    (credentials) => credentials,
  )
  const guesses = Array.from({ length: 50 }, (_, i) => `guess ${i}`)
  for (const guess of guesses) void check.check(guess, '10.0.0.1')
  assert.equal(await check.check('right', '10.0.0.2'), 'busy')
  for (const guess of guesses) void check.check(guess, '10.0.0.1')
  assert.equal(await check.check('right', '10.0.0.2'), 'accepted')
})
