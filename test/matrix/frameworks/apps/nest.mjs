export async function build(load) {
  await load('reflect-metadata')
  const { Controller, Get, Module, NotFoundException, Param, Post, Body } = await load('@nestjs/common')
  const { NestFactory } = await load('@nestjs/core')

  class Users {
    show(id) {
      return { id }
    }
    make(body) {
      return { made: body ?? null }
    }
    missing() {
      throw new NotFoundException()
    }
    fail() {
      throw new Error('thrown')
    }
    async failLater() {
      throw new Error('later')
    }
    hang() {
      return new Promise(() => {})
    }
  }
  const on = (method, decorator) =>
    decorator(Users.prototype, method, Object.getOwnPropertyDescriptor(Users.prototype, method))
  on('show', Get('users/:id'))
  Param('id')(Users.prototype, 'show', 0)
  on('make', Post('users'))
  Body()(Users.prototype, 'make', 0)
  on('missing', Get('missing/:id'))
  on('fail', Get('fail'))
  on('failLater', Get('fail-later'))
  on('hang', Get('hang'))
  Controller('api')(Users)
  const App = class App {
    name = 'app'
  }
  Module({ controllers: [Users] })(App)

  const app = await NestFactory.create(App, { logger: false })
  app.use(function jsonParser(request, _response, next) {
    let text = ''
    request.on('data', (chunk) => (text += chunk)).on('end', () => {
      request.body = text === '' ? undefined : JSON.parse(text)
      next()
    })
  })
  await app.listen(0, '127.0.0.1')
  const { stack } = app.getHttpAdapter().getInstance().router
  console.log(stack.map(({ name, handle }) => `${name} ${handle.name}`).join())
  return app.getHttpServer()
}
