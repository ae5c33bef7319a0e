// packages: @nestjs/core, @nestjs/common, @nestjs/platform-express, reflect-metadata
// without-spans: by default only the request has one
import { ask } from '../ask.mjs'

export default async function ({ load, say, attempt }) {
  await load('reflect-metadata')
  const { Module, Controller, Get, Param, Injectable, UseGuards, HttpException } = await load('@nestjs/common')
  const { NestFactory } = await load('@nestjs/core')
  say('functions', NestFactory.create, NestFactory.createApplicationContext)
  class Users {
    find(id) {
      if (id === 'bad') throw new HttpException('bad', 422)
      return { id }
    }
  }
  class Guard {
    canActivate(context) {
      const handler = context.getHandler()
      say(
        'handler',
        handler === Users.prototype.find,
        context.getClass() === Users,
        handler,
        Reflect.getMetadata('own', handler),
      )
      return true
    }
  }
  Injectable()(Guard)
  const descriptor = Object.getOwnPropertyDescriptor(Users.prototype, 'find')
  Reflect.defineMetadata('own', 'kept', Users.prototype.find)
  Get(':id')(Users.prototype, 'find', descriptor)
  Param('id')(Users.prototype, 'find', 0)
  UseGuards(Guard)(Users)
  Controller('users')(Users)
  class App {}
  Module({ controllers: [Users], providers: [Guard] })(App)
  const app = await NestFactory.create(App, { logger: false })
  say('prototype', Users.prototype.find, Object.keys(Users.prototype))
  await app.listen(0, '127.0.0.1')
  const { port } = app.getHttpServer().address()
  for (const path of ['/users/1', '/users/bad', '/none']) await attempt(path, () => ask(port, path))
  await app.close()
}
