// Two servers for hostile pages: one that serves them and answers their calls, and a second origin that must never see a
// token. Whatever arrives is told back; a token that arrives where it does not belong is noted.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { build } from 'esbuild';

import { root } from '../../scripts/places.mjs';
import { digest } from '../../www/server/digest.js';

/** Every token of these tests begins so. */
const SECRET = /secret-\w+/;
const HERE = import.meta.dirname;

async function bundled(file) {
  const { outputFiles: [{ text }] } = await build({
    absWorkingDir: root, entryPoints: [file], bundle: true, write: false, format: 'esm', target: 'es2022', legalComments: 'none',
    external: ['/tokenflight/index.js'],
  });
  return text;
}

/** The scripts that the pages load. */
async function scripts() {
  const served = new Map([
    ['/tokenflight/index.js', readFileSync(join(root, 'dist', 'index.js'))],
    ['/attack/page.js', await bundled(join(HERE, 'page', 'index.js'))],
    ['/attack/frame.js', await bundled(join(HERE, 'page', 'frame.js'))],
  ]);
  return (path) => served.get(path);
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** Tells the caller what has arrived. */
function echo({ method, url, headers }, body, response, extra = {}) {
  const text = JSON.stringify({ method, url, headers, ...digest(body), ...extra });
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(method === 'HEAD' ? undefined : text);
}

/** `/redirect/307/<URL>`: redirects there. */
function redirected(url, response) {
  const [, status, target] = /^\/redirect\/(30[1-8])\/([^/?#]+)/.exec(url) ?? [];
  if (!status) return false;
  let location = '/';
  try {
    // A header cannot hold more.
    location = decodeURIComponent(target).replace(/[^\x21-\x7e]/g, '');
  } catch {
    // A fuzzed escape: to the root.
  }
  response.writeHead(Number(status), { Location: location }).end();
  return true;
}

function listen(server) {
  return new Promise((resolve) => { server.listen(0, '127.0.0.1', () => resolve(server.address().port)); });
}

/** Lets every origin do all that it can be let, so that nothing but the sender keeps a token back. */
function allowAll({ headers, method }, response) {
  response.setHeader('Access-Control-Allow-Origin', headers.origin ?? '*');
  response.setHeader('Access-Control-Allow-Credentials', 'true');
  response.setHeader('Access-Control-Allow-Headers', headers['access-control-request-headers'] ?? 'x');
  response.setHeader('Access-Control-Allow-Methods', headers['access-control-request-method'] ?? 'GET');
  if (method !== 'OPTIONS' || !headers['access-control-request-method']) return false;
  response.writeHead(204).end();
  return true;
}

/** Starts both; `own` is the pages' origin. */
export async function startServers() {
  const scriptAt = await scripts();
  const seen = { leaks: [], carried: 0, refreshes: 0, other: 0 };
  let own;
  let number = 0;

  /** Notes a token that has come to a place where it does not belong. */
  function watch({ url, headers, method }, body, isOwn) {
    const text = `${url}\n${JSON.stringify(headers)}\n${body.toString('latin1')}`;
    const asks = /authorization/i.test(headers['access-control-request-headers'] ?? '');
    if (isOwn) seen.carried += SECRET.test(headers.authorization ?? '') ? 1 : 0;
    else seen.other += 1;
    if (!isOwn && (SECRET.test(text) || asks)) seen.leaks.push(`${method} ${headers.host}${url} ${SECRET.exec(text)?.[0] ?? 'asks to'}`);
  }

  /** Serves the files and routes that the pages need beside the echo. */
  function special(url, response) {
    const script = scriptAt(url);
    const page = /^\/(frame)?(\?|$)/.exec(url);
    if (script) response.setHeader('Content-Type', 'text/javascript');
    else if (page) response.setHeader('Content-Type', 'text/html');
    if (script || page) {
      const name = page?.[1] ?? 'page';
      response.end(script ?? `<!doctype html><title>${name}</title><script type="module" src="${own}/attack/${name}.js"></script>`);
    } else if (url === '/attack/seen') {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(seen));
      seen.leaks = [];
    } else if (url === '/refresh-token') {
      number += 1;
      seen.refreshes += 1;
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ accessToken: `secret-access${number}`, refreshToken: `secret-refresh${number}` }));
    } else return redirected(url, response);
    return true;
  }

  const serve = (isSecond) => async (request, response) => {
    const body = await bodyOf(request);
    const isOwn = !isSecond && `http://${request.headers.host}` === own;
    watch(request, body, isOwn);
    if ((request.headers.origin ?? own) !== own && allowAll(request, response)) return;
    if (special(request.url, response)) return;
    if (isOwn && /-old$/.test(request.headers.authorization ?? '')) return response.writeHead(401).end();
    echo(request, body, response, { isOwn });
  };

  const servers = [false, true].map((isSecond) => createServer(serve(isSecond)));
  const ports = await Promise.all(servers.map(listen));
  own = `http://127.0.0.1:${ports[0]}`;
  return {
    url: own,
    ports,
    close() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}
