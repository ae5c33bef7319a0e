export async function build(load) {
  const app = await make(load)
  await app.listen(0, '127.0.0.1')
  const { stack } = app.getHttpAdapter().getInstance().router
  console.log(stack.map(({ name, handle }) => `${name} ${handle.name}`).join())
  return app.getHttpServer()
}

/** `adapter`: undefined for that of Express. */
export async function make(load, adapter, wildcard = '*path') {
  await load('reflect-metadata')
  const common = await load('@nestjs/common')
  const { Controller, Get, Head, Post, Delete, All, Redirect, Sse, Version } = common
  const { Module, Param, Body, Res, UseGuards, UseFilters, UseInterceptors, UsePipes, HttpCode } = common
  const { NotFoundException, HttpException, InternalServerErrorException, ParseIntPipe, VersioningType } = common
  const { BaseExceptionFilter, HttpAdapterHost, NestFactory } = await load('@nestjs/core')
  const { of } = await load('rxjs')

  class Users {
    show(id) {
      return { id }
    }
    make(body) {
      return { made: body ?? null }
    }
    remove() {}
    all() {
      return 'any'
    }
    head() {}
    files() {
      return 'wildcard'
    }
    old() {}
    one() {
      return 'version 1'
    }
    number(id) {
      return typeof id
    }
    guarded() {
      return 'never'
    }
    missing() {
      throw new NotFoundException()
    }
    teapot() {
      throw new HttpException('short and stout', 418)
    }
    internal() {
      throw new InternalServerErrorException('of its own')
    }
    fail() {
      throw new Error('thrown')
    }
    async failLater() {
      throw new Error('later')
    }
    filtered() {
      throw new TypeError('filtered')
    }
    rewritten() {
      throw new TypeError('rewritten')
    }
    intercepted() {
      throw new Error('intercepted')
    }
    stream(response) {
      const raw = response.raw ?? response
      raw.write('a')
      setImmediate(() => raw.end('b'))
    }
    events() {
      return of({ data: 'one' }, { data: 'two' })
    }
    hang() {
      return new Promise(() => {})
    }
  }
  const guard = { canActivate: () => false }
  const filter = {
    catch(error, host) {
      const response = host.switchToHttp().getResponse()
      response.status(500).send(`filtered ${error.name}`)
    },
  }
  const rewriting = {
    catch(error, host) {
      const filter = new BaseExceptionFilter(app.get(HttpAdapterHost).httpAdapter)
      Reflect.apply(filter.catch, filter, [new InternalServerErrorException(`instead of ${error.name}`), host])
    },
  }
  const interceptor = { intercept: (_context, next) => next.handle() }
  const METHODS = {
    show: [Get('users/:id')],
    make: [Post('users')],
    remove: [Delete('users/:id'), HttpCode(204)],
    all: [All('any/:thing')],
    head: [Head('only-head')],
    files: [Get(`files/${wildcard}`)],
    old: [Get('old'), Redirect('/api/users/1', 302)],
    one: [Version('1'), Get('versioned/:id')],
    number: [Get('number/:id'), UsePipes(new ParseIntPipe())],
    guarded: [Get('guarded/:id'), UseGuards(guard)],
    missing: [Get('missing/:id')],
    teapot: [Get('teapot')],
    internal: [Get('internal')],
    fail: [Get('fail')],
    failLater: [Get('fail-later')],
    filtered: [Get('filtered'), UseFilters(filter)],
    rewritten: [Get('rewritten'), UseFilters(rewriting)],
    intercepted: [Get('intercepted'), UseInterceptors(interceptor)],
    stream: [Get('stream')],
    events: [Sse('events')],
    hang: [Get('hang')],
  }
  Param('id')(Users.prototype, 'show', 0)
  Param('id')(Users.prototype, 'number', 0)
  Body()(Users.prototype, 'make', 0)
  Res()(Users.prototype, 'stream', 0)
  for (const [name, decorators] of Object.entries(METHODS)) {
    const descriptor = Object.getOwnPropertyDescriptor(Users.prototype, name)
    for (const decorator of decorators) decorator(Users.prototype, name, descriptor)
  }
  Controller('api')(Users)
  const App = class App {
    name = 'app'
  }
  Module({ controllers: [Users] })(App)

  const options = { logger: false }
  const app =
    adapter === undefined ? await NestFactory.create(App, options) : await NestFactory.create(App, adapter, options)
  app.enableVersioning({ type: VersioningType.URI })
  return app
}
