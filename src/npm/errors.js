// The error classes: WebAssembly cannot declare a subclass of Error. The Rust side
// creates them, `index.js` exports them.

const define = (target, properties) => {
  for (const name of Object.keys(properties)) {
    Object.defineProperty(target, name, { value: properties[name], configurable: true, writable: true });
  }
};

export class SignInRequiredError extends Error {
  constructor(message = 'The session is over. Ask the user to sign in.', options) {
    super(message, options);
    define(this, { name: 'SignInRequiredError', code: 'SIGN_IN_REQUIRED' });
  }
}

export class RefreshUnavailableError extends Error {
  constructor(message = 'The access token could not be refreshed now; try again later.', options) {
    super(message, options);
    const retryAfter = options?.retryAfter ?? 0;
    define(this, { name: 'RefreshUnavailableError', code: 'REFRESH_UNAVAILABLE', retryAfter });
  }
}

export class SessionChangedError extends Error {
  constructor(message = 'The session of this request has ended.', options) {
    super(message, options);
    define(this, { name: 'SessionChangedError', code: 'SESSION_CHANGED' });
  }
}

export class HttpError extends Error {
  constructor(message, options) {
    super(message, options);
    const { status, data, response } = options;
    define(this, { name: 'HttpError', code: 'HTTP_ERROR', status, data, response });
  }
}
