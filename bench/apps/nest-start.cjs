// As the compiler writes it, without decorators (`npm ci --prefix test/matrix/frameworks`).
const { createRequire } = require('node:module')
const { join } = require('node:path')

const load = createRequire(join(__dirname, '../../test/matrix/frameworks/index.js'))
const { Controller, Get, Module } = load('@nestjs/common')
const { NestFactory } = load('@nestjs/core')

class Users {
  find() {
    return { id: 7 }
  }
}
Get(':id')(Users.prototype, 'find', Object.getOwnPropertyDescriptor(Users.prototype, 'find'))
Controller('users')(Users)

// oxlint-disable-next-line typescript/no-extraneous-class -- a module of Nest is a class
class App {}
Module({ controllers: [Users] })(App)

NestFactory.create(App, { logger: false }).then(async (app) => {
  await app.listen(0, '127.0.0.1')
  await app.close()
})
