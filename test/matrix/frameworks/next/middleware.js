import { NextResponse } from 'next/server'

export const config = { matcher: ['/guarded/:path*', '/early/:path*'] }

export default function middleware(request) {
  if (request.nextUrl.pathname.startsWith('/early')) return new NextResponse('early')
  return NextResponse.redirect(new URL('/static', request.url))
}
