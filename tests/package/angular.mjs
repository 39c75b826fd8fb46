// An app of Angular around the files of docs/frameworks.md and docs/guards.md. Decorators are compiled by Vite, and
// templates in the browser, by @angular/compiler: no more than that is needed to see what is rendered when.

import { filesIn } from './documents.mjs';

const COPIED = ['inject-session.ts', 'who.ts', 'api-backend.ts', 'app.config.ts', 'require-session.ts'];
const SHOWN = filesIn('frameworks.md', 'guards.md');

const APP = `import {
  afterEveryRender, ChangeDetectionStrategy, Component, mergeApplicationConfig, NgZone,
} from '@angular/core';
import { FetchBackend, HttpClient, HttpContext } from '@angular/common/http';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideRouter, Router, RouterOutlet } from '@angular/router';
import { firstValueFrom } from 'rxjs';
import { api } from './api';
import { AUTH } from './api-backend';
import { appConfig } from './app.config';
import { injectSession } from './inject-session';
import { requireSession } from './require-session';
import { Who } from './who';
import { ZONE } from './zone';

const seen: string[] = [];
let renders = 0;

// Beside the router's outlet, which marks its parent when it shows another page.
@Component({
  selector: 'app-session',
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: '<p id="session">{{ note(session()) }}</p>',
})
class Session {
  readonly session = injectSession();

  note({ status, subject }: { status: string; subject: string | null }) {
    const text = \`\${status} \${subject}\`;
    seen.push(text);
    return text;
  }
}

@Component({
  selector: 'app-root',
  imports: [RouterOutlet, Session, Who],
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: '<app-session /><app-who /><router-outlet />',
})
class App {
  constructor() {
    afterEveryRender(() => { renders += 1; });
  }
}

@Component({ template: '' })
class Page {}

const routes = [
  { path: 'orders', component: Page, canActivate: [requireSession] },
  { path: '**', component: Page },
];

const providers = [provideRouter(routes), ZONE, FetchBackend];

bootstrapApplication(App, mergeApplicationConfig(appConfig, { providers })).then((app) => {
  const { injector } = app;
  const zone = injector.get(NgZone);
  const http = injector.get(HttpClient);
  // As an event of the page would call it.
  const inZone = <A extends unknown[], T>(act: (...args: A) => T) => (...args: A) => zone.run(() => act(...args));
  Object.assign(globalThis, {
    api,
    seen,
    renders: () => renders,
    isZoned: zone.run(() => NgZone.isInAngularZone()),
    unmount: () => app.destroy(),
    http,
    // Angular's own, as withFetch() has it.
    plain: new HttpClient(injector.get(FetchBackend)),
    get: inZone((url: string, options = {}) => firstValueFrom(http.get(url, options))),
    post: inZone((url: string, body: object, auth = true) => (
      firstValueFrom(http.post<any>(url, body, { context: new HttpContext().set(AUTH, auth) }))
    )),
    go: inZone((url: string) => injector.get(Router).navigateByUrl(url)),
  });
});
`;

const COMMON = {
  'index.html': `<!doctype html>
<html lang="en">
<base href="/">
<title>app</title>
<app-root></app-root>
<script type="module" src="/main.ts"></script>
</html>
`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: { target: 'es2022', experimentalDecorators: true, useDefineForClassFields: false },
  }),
  'api.ts': `import { createApi } from 'tokenflight';

export const api = createApi({ baseURL: '/api', onSignedOut() {} });
`,
  ...Object.fromEntries(COPIED.map((name) => [name, SHOWN[name]])),
  'app.ts': APP,
  // Angular and its compiler are larger than what Vite finds right.
  'vite.config.js': 'export default { build: { chunkSizeWarningLimit: 3000 } };\n',
};

const zone = (provider) => `import { ${provider} } from '@angular/core';

export const ZONE = ${provider}();
`;

const ZONELESS = {
  'main.ts': "import '@angular/compiler';\nimport './app';\n",
  'zone.ts': zone('provideZonelessChangeDetection'),
};

// zone.js cannot see what goes on in native async functions, so an app that has it compiles them into something older.
const ZONE_JS = {
  'main.ts': "import 'zone.js';\nimport '@angular/compiler';\nimport './app';\n",
  'zone.ts': zone('provideZoneChangeDetection'),
  'vite.config.js': "export default { build: { chunkSizeWarningLimit: 3000, target: 'es2016' } };\n",
};

export const apps = [
  { name: 'zoneless', mode: 'production', files: ZONELESS },
  { name: 'zoneless, development', mode: 'development', files: ZONELESS },
  { name: 'zone.js', mode: 'production', isZoned: true, files: ZONE_JS },
].map((app) => ({ isZoned: false, ...app, files: { ...COMMON, ...app.files } }));

/** The zoneless app with an interceptor of its own, which notes what it sees, and adds a header. */
export const intercepted = {
  ...apps[0],
  files: {
    ...apps[0].files,
    'interceptor.ts': `import type { HttpInterceptorFn } from '@angular/common/http';

export const requested: string[] = [];
Object.assign(globalThis, { requested });

export const interceptor: HttpInterceptorFn = (request, next) => {
  requested.push(\`\${request.method} \${request.url}\`);
  return next(request.clone({ setHeaders: { 'X-App': 'orders' } }));
};
`,
    'app.config.ts': SHOWN['app.config.ts']
      .replace('provideHttpClient()', 'provideHttpClient(withInterceptors([interceptor]))')
      .replace('provideHttpClient }', 'provideHttpClient, withInterceptors }')
      .replace('\n\n', "\nimport { interceptor } from './interceptor';\n\n"),
  },
};
