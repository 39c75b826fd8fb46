// Refreshes before a page is rendered, and before a route is called. Nothing else does.

import { NextResponse, type NextRequest } from 'next/server';
import { openSession } from './session';

export async function proxy(request: NextRequest) {
  const { refresh, changes } = openSession((name) => request.cookies.get(name)?.value);
  // The browser's api asks for this after a 401.
  const isRefused = request.nextUrl.pathname === '/api/refresh-token';
  const status = await refresh({ isRefused });
  const cookies = changes();
  for (const { name, value } of cookies) request.cookies.set(name, value);
  const response = answer(request, status, isRefused);
  for (const { name, value, options } of cookies) response.cookies.set(name, value, options);
  return response;
}

function answer(request: NextRequest, status: number, isRefused: boolean) {
  if (status === 503) return new NextResponse('Please try again in a moment.', { status });
  return isRefused ? new NextResponse(null, { status }) : NextResponse.next({ request });
}

// Everything but files.
export const config = { matcher: ['/((?!_next/|.*\\.).*)'] };
