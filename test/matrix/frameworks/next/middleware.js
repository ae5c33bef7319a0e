import { NextResponse } from 'next/server'

export const config = { matcher: '/guarded/:path*' }

export default function middleware(request) {
  return NextResponse.redirect(new URL('/static', request.url))
}
