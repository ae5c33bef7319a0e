// packages: @nestjs/core, @nestjs/common, @nestjs/platform-express, reflect-metadata
// without-spans: by default only the request has one
import { ask } from '../ask.mjs'

export default async function ({ load, say, attempt }) {
  await load('reflect-metadata')
  const common = await load('@nestjs/common')
  const { Module, Controller, Get, Post, Body, Param, Injectable, UseGuards, HttpException } = common
  const { NestFactory } = await load('@nestjs/core')
  say('functions', NestFactory.create, NestFactory.createApplicationContext)
  class Users {
    find(id) {
      if (id === 'bad') throw new HttpException('bad', 422)
      return { id }
    }
    add(body) {
      return { added: body }
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
  Post()(Users.prototype, 'add', Object.getOwnPropertyDescriptor(Users.prototype, 'add'))
  Body()(Users.prototype, 'add', 0)
  UseGuards(Guard)(Users)
  Controller('users')(Users)
  class App {}
  Module({ controllers: [Users], providers: [Guard] })(App)
  const app = await NestFactory.create(App, { logger: false })
  // Nest looks for parsers by name, and adds its own where there is none: a body can be read once.
  app.use(function jsonParser(request, response, next) {
    let text = ''
    request.on('data', (data) => (text += data))
    request.on('end', () => {
      request.body = JSON.parse(text || 'null')
      next()
    })
  })
  say('prototype', Users.prototype.find, Object.keys(Users.prototype))
  await app.listen(0, '127.0.0.1')
  const { port } = app.getHttpServer().address()
  for (const path of ['/users/1', '/users/bad', '/none']) await attempt(path, () => ask(port, path))
  const body = JSON.stringify({ name: 'a' })
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  await attempt('a body', () => ask(port, '/users', { method: 'POST', body, headers }))
  await app.close()
}
